import EdgeCore

/// Decides what a failure means: how long to wait, whether to tell anybody.
///
/// Performs nothing, so every path is a plain test.
struct Recovery {
    /// What to do after a failure.
    struct Failure: Equatable {
        /// How long to wait before the next attempt.
        var wait: Duration
        /// The condition that no longer describes the fault, when it has changed.
        var superseded: ErrorCode?
        /// How often the fault was seen since it was last written to the log; `nil` keeps quiet.
        var report: Int?
    }

    private let backoff: Backoff
    private let quiet: Duration
    private var failuresInARow = 0
    private var held: ErrorCode?
    private var reported: (code: ErrorCode, at: FrameClock.Instant)?
    private var unreported = 0

    /// A fault that stays is reported once every `quiet`.
    init(backoff: Backoff, quiet: Duration = .seconds(60)) {
        self.backoff = backoff
        self.quiet = quiet
    }

    mutating func failed(_ code: ErrorCode, at now: FrameClock.Instant) -> Failure {
        failuresInARow += 1
        unreported += 1
        let superseded = held == code ? nil : held
        held = code
        var failure = Failure(wait: backoff.wait(afterFailures: failuresInARow), superseded: superseded, report: nil)
        let isNews = reported.map { $0.code != code || $0.at.duration(to: now) >= quiet } ?? true
        if isNews {
            failure.report = unreported
            reported = (code, now)
            unreported = 0
        }
        return failure
    }

    /// A device was plugged in: the next waits are short again.
    mutating func deviceCame() { failuresInARow = 0 }

    /// A whole frame has come; returns the fault that is over, when there was one.
    mutating func delivered() -> ErrorCode? {
        failuresInARow = 0
        defer { held = nil }
        return held
    }
}
