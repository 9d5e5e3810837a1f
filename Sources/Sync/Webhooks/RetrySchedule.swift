import FoundationEssentials

/// When a delivery is tried again: the times of Standard Webhooks, about three days, each with some jitter.
struct RetrySchedule: Sendable {
    /// The wait before each attempt.
    let waits: [Duration]
    /// The share by which a wait is longer or shorter, so that what failed together does not come back together.
    let jitter: Double

    static let standard = RetrySchedule(
        waits: [
            .zero, .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600),
            .seconds(10 * 3600), .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
        ], jitter: 0.2)

    /// The longest wait that a receiver may ask for.
    static let longestRetryAfter = Duration.seconds(24 * 3600)

    /// The wait after attempt number `attempt` has failed; `nil` when that was the last one.
    ///
    /// An endpoint that asks for more attempts than the schedule has times gets the last wait again and again.
    func wait(
        afterAttempt attempt: Int, of maximum: Int, retryAfter: Duration?,
        using generator: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attempt < maximum, let last = waits.last else { return nil }
        let planned = waits.indices.contains(attempt) ? waits[attempt] : last
        let wait = planned * Double.random(in: (1 - jitter)...(1 + jitter), using: &generator)
        return max(wait, min(retryAfter ?? .zero, Self.longestRetryAfter))
    }
}

/// Reads `Retry-After` (RFC 9110): seconds, or a date.
enum RetryAfter {
    static func wait(_ text: String, at now: Date) -> Duration? {
        let text = text.trimmingPrefix { $0 == " " }
        if !text.isEmpty, text.utf8.allSatisfy(isDigit) {
            // Whatever is longer than that is cut to a day by the schedule.
            return .seconds(text.utf8.count <= 9 ? Int(text) ?? 0 : 999_999_999)
        }
        guard let date = date(text) else { return nil }
        return .seconds(max(date.timeIntervalSince(now), 0))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that may be sent.
    private static func date(_ text: Substring) -> Date? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", parts[1].utf8.count == 2, parts[3].utf8.count == 4,
            let month = months.firstIndex(of: String(parts[2]))
        else { return nil }
        let number = (month < 9 ? "0" : "") + String(month + 1)
        return try? Date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z", strategy: .iso8601)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
