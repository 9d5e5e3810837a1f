public import FoundationEssentials

/// The clock of frames and sessions: `CLOCK_MONOTONIC`, the one that V4L2 stamps buffers with.
public typealias FrameClock = SuspendingClock

/// Where a room reads the time; tests give it a clock that they move by hand.
public protocol EdgeClock: Sendable {
    /// Wall time, for records and answers only: never for a deadline.
    var wall: Date { get }
    /// Monotonic time, for deadlines and durations.
    var instant: FrameClock.Instant { get }
}

/// The machine's own clocks.
public struct SystemClock: EdgeClock {
    /// Creates the system clock.
    public init() {}
    /// Wall time now.
    public var wall: Date { Date() }
    /// Monotonic time now.
    public var instant: FrameClock.Instant { FrameClock().now }
}
