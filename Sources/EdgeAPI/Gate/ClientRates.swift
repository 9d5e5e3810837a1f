import EdgeCore
import FoundationEssentials
import HTTPTypes
import Synchronization

/// How often each client has called in the present hour and day.
///
/// In memory; after a restart the recorded usage says what a client has had already, as far back as it is kept.
final class ClientRates: Sendable {
    /// Calls of a client since a point in time, as recorded.
    typealias Recorded = @Sendable (_ client: ClientID, _ since: Date) async -> Int

    private let clock: any EdgeClock
    private let recorded: Recorded
    private let windows = Mutex<[ClientID: RateWindows]>([:])

    init(clock: any EdgeClock, recorded: @escaping Recorded = { _, _ in 0 }) {
        self.clock = clock
        self.recorded = recorded
    }

    /// Counts a call, and says how the client stands afterwards.
    func take(_ client: ClientRecord) async -> RateStanding {
        let now = Int(clock.wall.timeIntervalSince1970)
        if windows.withLock({ $0[client.id] == nil }) {
            let begun = await begin(client.id, at: now)
            windows.withLock { windows in
                if windows[client.id] == nil { windows[client.id] = begun }
            }
        }
        return windows.withLock { $0[client.id, default: RateWindows()].take(client.rateLimit, at: now) }
    }

    private func begin(_ client: ClientID, at now: Int) async -> RateWindows {
        let (hour, day) = (now / RateWindows.hour, now / RateWindows.day)
        return RateWindows(
            hour: hour, used: await recorded(client, Date(timeIntervalSince1970: Double(hour * RateWindows.hour))),
            day: day, used: await recorded(client, Date(timeIntervalSince1970: Double(day * RateWindows.day))))
    }
}

/// The fixed windows of one client: the clock hour and the UTC day.
struct RateWindows: Sendable, Equatable {
    static let hour = 3600
    static let day = 86_400

    /// One window: which one, by number since 1970, and how many calls it has seen.
    private struct Window: Sendable, Equatable {
        var number = 0
        var used = 0

        mutating func move(to number: Int) { if number != self.number { self = Window(number: number) } }
    }

    private var hour = Window()
    private var day = Window()

    /// Nothing used yet.
    init() {}

    /// What was used before, in the windows of these numbers.
    init(hour: Int, used hourly: Int, day: Int, used daily: Int) {
        self.hour = Window(number: hour, used: hourly)
        self.day = Window(number: day, used: daily)
    }

    /// Counts a call at `now`, seconds since 1970; a refused one is not counted.
    mutating func take(_ limit: RateLimit, at now: Int) -> RateStanding {
        hour.move(to: now / Self.hour)
        day.move(to: now / Self.day)
        let isAdmitted = hour.used < limit.perHour && day.used < limit.perDay
        if isAdmitted {
            hour.used += 1
            day.used += 1
        }
        let hourly = RateStanding(
            isAdmitted: isAdmitted, limit: limit.perHour, used: hour.used, reset: Self.hour - now % Self.hour)
        let daily = RateStanding(
            isAdmitted: isAdmitted, limit: limit.perDay, used: day.used, reset: Self.day - now % Self.day)
        // The window that ends the calls first; of two that are used up, the one that opens later.
        return daily.remaining <= hourly.remaining ? daily : hourly
    }
}

/// How a client stands with its limit.
struct RateStanding: Sendable, Equatable {
    let isAdmitted: Bool
    let limit: Int
    let remaining: Int
    /// Seconds until the window ends.
    let reset: Int

    init(isAdmitted: Bool, limit: Int, used: Int, reset: Int) {
        self.isAdmitted = isAdmitted
        self.limit = limit
        remaining = max(limit - used, 0)
        self.reset = reset
    }

    /// Throws `request.limited` when the call is one too many.
    func requireAdmission() throws(EdgeError) {
        guard !isAdmitted else { return }
        throw EdgeError(
            .requestLimited, "Request was throttled. Expected available in \(reset) seconds.",
            retryAfter: .seconds(reset))
    }

    /// As in draft-ietf-httpapi-ratelimit-headers.
    var headers: HTTPFields {
        [
            .rateLimitLimit: String(limit), .rateLimitRemaining: String(remaining), .rateLimitReset: String(reset),
        ]
    }
}
