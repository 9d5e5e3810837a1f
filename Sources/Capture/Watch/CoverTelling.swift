import EdgeCore

/// Decides which changes of the light are written to the log: the first, then at most one each quarter of an hour, each with its
/// end.
///
/// Lamps that go on and off all night are a condition that comes and goes, not a full journal.
struct CoverTelling {
    private static let quiet = Duration.seconds(900)
    private var last: FrameClock.Instant?
    private var isOpen = false

    mutating func isWritten(_ change: CoverWatch.Change, at now: FrameClock.Instant) -> Bool {
        switch change {
        case .covered:
            isOpen = last.map { $0.duration(to: now) >= Self.quiet } ?? true
            if isOpen { last = now }
            return isOpen
        case .uncovered:
            defer { isOpen = false }
            return isOpen
        }
    }
}

extension Brightness {
    /// What is wrong with a picture that shows nothing.
    var complaint: String {
        let level = Int(mean.rounded())
        let what = level <= 40 ? "nothing but darkness" : "nothing but one tone"
        return "It shows \(what) (brightness \(level) of 255)."
    }
}
