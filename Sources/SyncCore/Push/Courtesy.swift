/// Decides how long a lane gives way to somebody who stands at the door.
///
/// A batch takes the processor from whoever is being recognised. So decisions and events wait until the door was quiet for
/// a moment, each batch ``limit`` at most: a door where somebody always stands still tells what happens there. Control and
/// enrollment never wait. Times are those of a clock that only runs forward.
public struct Courtesy: Sendable, Equatable {
    /// How long nobody must have been there.
    public static let quiet = Duration.milliseconds(200)

    /// How long nobody must have been there before batches may be long ones.
    public static let calm = Duration.seconds(30)

    /// The longest that one batch waits; zero gives way to nobody.
    public let limit: Duration
    private var since: [Lane: Duration] = [:]

    /// Gives way for `limit` at most.
    public init(limit: Duration) { self.limit = limit }

    /// When a lane that could be sent from `ready` on is sent, given when somebody was last at the door.
    public mutating func start(of lane: Lane, ready: Duration, lastSeen: Duration?, now: Duration) -> Duration {
        guard lane > .enrollment, limit > .zero, let lastSeen, lastSeen + Self.quiet > max(ready, now) else {
            return ready
        }
        let begin = since[lane] ?? max(ready, now)
        since[lane] = begin
        return max(ready, min(lastSeen + Self.quiet, begin + limit))
    }

    /// Whether nobody was at the door for so long that a batch may be a long one, and the next one be made beside it.
    ///
    /// A batch that has begun does not give way any more; a short one is over soon.
    public func isCalm(lastSeen: Duration?, now: Duration) -> Bool {
        guard limit > .zero, let lastSeen else { return true }
        return lastSeen + Self.calm <= now
    }

    /// A batch of the lane is under way: the next one gives way anew.
    public mutating func began(_ lane: Lane) { since[lane] = nil }
}
