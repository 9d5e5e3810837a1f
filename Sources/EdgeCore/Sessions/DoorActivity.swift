import Synchronization

/// When somebody last stood at the door: what can wait gives way to them.
public final class DoorActivity: Sendable {
    private let seen = Mutex<FrameClock.Instant?>(nil)

    /// Nobody was there yet.
    public init() {}

    /// Somebody is there now: a session begins, or a frame is being looked at.
    public func note(_ now: FrameClock.Instant) { seen.withLock { $0 = max($0 ?? now, now) } }

    /// When that was last; `nil` before the first time.
    public var last: FrameClock.Instant? { seen.withLock { $0 } }
}
