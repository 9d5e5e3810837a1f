import EdgeCore

/// Decides whether a camera sees anything at all: its lens may be covered, or the room dark.
///
/// It takes its time, and more light to end it than to keep it off, so that a shadow, a flickering lamp or a passing car is no
/// news. Performs nothing, so every path is a plain test.
struct CoverWatch {
    /// What has changed.
    enum Change: Equatable {
        /// Nothing was to be seen for long enough; what the last picture was like.
        case covered(Brightness)
        /// There is something to be seen again.
        case uncovered
    }

    /// Light does not change thirty times a second.
    private static let interval = Duration.seconds(1)
    /// Pictures one after another that must show something.
    private static let proof = 3

    private let limit: Duration
    private var nextLook: FrameClock.Instant?
    private var since: FrameClock.Instant?
    private var isCovered = false
    private var good = 0

    /// A camera that shows nothing for `limit` is covered.
    init(limit: Duration) { self.limit = limit }

    /// A stream was opened: what was seen before does not count.
    mutating func begins() { self = CoverWatch(limit: limit) }

    /// Whether a picture should be looked at now.
    mutating func isDue(at now: FrameClock.Instant) -> Bool {
        if let nextLook, now < nextLook { return false }
        nextLook = now.advanced(by: Self.interval)
        return true
    }

    mutating func saw(_ brightness: Brightness, at now: FrameClock.Instant) -> Change? {
        guard isCovered else { return covered(brightness, at: now) }
        good = brightness.showsSomething ? good + 1 : 0
        guard good >= Self.proof else { return nil }
        (isCovered, since) = (false, nil)
        return .uncovered
    }

    private mutating func covered(_ brightness: Brightness, at now: FrameClock.Instant) -> Change? {
        guard brightness.showsNothing else {
            since = nil
            return nil
        }
        let began = since ?? now
        since = began
        guard began.duration(to: now) >= limit else { return nil }
        (isCovered, good) = (true, 0)
        return .covered(brightness)
    }
}
