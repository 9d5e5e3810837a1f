public import EdgeCore
public import FoundationEssentials
import Synchronization

/// A clock that stands still until a test moves it.
public final class ManualClock: EdgeClock {
    private let state: Mutex<(wall: Date, instant: FrameClock.Instant)>

    /// Creates a clock at a fixed wall time.
    public init(wall: Date = Date(timeIntervalSince1970: 1_800_000_000)) {
        state = Mutex((wall, FrameClock().now))
    }

    /// The wall time as last set.
    public var wall: Date { state.withLock { $0.wall } }
    /// The monotonic time as last set.
    public var instant: FrameClock.Instant { state.withLock { $0.instant } }

    /// Sets the wall clock alone, as somebody does by hand.
    public func setWall(_ wall: Date) { state.withLock { $0.wall = wall } }

    /// Moves both clocks on.
    public func advance(by duration: Duration) {
        let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
        state.withLock { now in
            now.wall.addTimeInterval(seconds)
            now.instant = now.instant.advanced(by: duration)
        }
    }
}
