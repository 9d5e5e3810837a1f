import EdgeCore

/// Decides which streams that are less than was wished are written to the log: one that is news, at most once a minute.
///
/// A camera that comes and goes on a full bus is a condition that comes and goes, not a full journal.
struct BandwidthTelling {
    private static let quiet = Duration.seconds(60)
    private var last: (detail: String, at: FrameClock.Instant)?

    mutating func isWritten(_ detail: String, at now: FrameClock.Instant) -> Bool {
        if let last, last.detail == detail || last.at.duration(to: now) < Self.quiet { return false }
        last = (detail, now)
        return true
    }
}
