import EdgeCore

/// Decides how much is asked of a camera, by when somebody last read it or moved before it.
///
/// Performs nothing, so every path is a plain test.
struct IdleWatch {
    private let idle: CameraConfiguration.Idle
    private let after: Duration
    private var wantedAt: FrameClock.Instant?

    /// A camera that nobody wanted for `after` rests as `idle` says.
    init(_ idle: CameraConfiguration.Idle, after: Duration) {
        self.idle = idle
        self.after = after
    }

    /// A stream was opened: the time counts anew, so that a device that came is seen to work.
    mutating func begins() { wantedAt = nil }

    /// Something moves before it.
    mutating func wanted(at now: FrameClock.Instant) { wantedAt = now }

    /// What it should do now.
    mutating func pace(isWatched: Bool, at now: FrameClock.Instant) -> CameraPace {
        if isWatched { wantedAt = now }
        let since = wantedAt ?? now
        wantedAt = since
        guard !isWatched, since.duration(to: now) >= after else { return .full }
        switch idle {
        case .stream: return .full
        case .slow: return .slow
        case .release: return .released
        }
    }
}
