import EdgeCore

/// Counts failed attempts in a row, endpoint by endpoint.
struct EndpointFailures: Sendable {
    /// As many failures in a row are told to a technician; the first two may be a receiver that restarts.
    static let threshold = 3
    /// An endpoint without an attempt for longer than the longest wait has been removed or switched off.
    static let forgottenAfter = Duration.seconds(30 * 3600)

    private var counts: [EndpointID: (failures: Int, last: FrameClock.Instant)] = [:]

    /// Counts an attempt; true when the endpoint is failing.
    mutating func isFailing(_ endpoint: EndpointID, afterFailureAt now: FrameClock.Instant) -> Bool {
        let failures = (counts[endpoint]?.failures ?? 0) + 1
        counts[endpoint] = (failures, now)
        return failures >= Self.threshold
    }

    /// Starts again from nothing.
    mutating func forget(_ endpoint: EndpointID) { counts[endpoint] = nil }

    /// Endpoints that nothing was heard of for long, forgotten by this call.
    mutating func forgetQuiet(at now: FrameClock.Instant) -> [EndpointID] {
        let quiet = counts.filter { now - $0.value.last > Self.forgottenAfter }.map(\.key)
        for endpoint in quiet { counts[endpoint] = nil }
        return quiet
    }
}
