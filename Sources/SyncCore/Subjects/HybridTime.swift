/// A hybrid logical time: a wall clock that never runs backwards, with a counter for what happens within one reading.
///
/// It breaks ties between devices that changed the same subject; it orders nothing that safety depends on.
public struct HybridTime: Sendable, Hashable, Codable {
    /// Microseconds since 1970.
    public let wall: Int64
    /// Counts what was stamped at the same reading of the wall clock.
    public let counter: UInt32

    /// Names a time.
    public init(wall: Int64, counter: UInt32 = 0) {
        self.wall = wall
        self.counter = counter
    }

    /// How far ahead of central's clock a device's stamp may be; what is beyond is set back to that.
    public static let tolerance: Int64 = 300_000_000

    /// The time as central takes it: a device whose clock runs ahead must not win for ever.
    ///
    /// `isClamped` tells that the device's clock is to be looked at.
    public func clamped(toCentral wall: Int64) -> (time: HybridTime, isClamped: Bool) {
        let limit = wall + Self.tolerance
        guard self.wall > limit else { return (self, false) }
        return (HybridTime(wall: limit), true)
    }
}

extension HybridTime: Comparable {
    /// By the wall clock, then by the counter.
    public static func < (left: HybridTime, right: HybridTime) -> Bool {
        (left.wall, left.counter) < (right.wall, right.counter)
    }
}

/// Stamps what a device does; each stamp is later than every one before.
public struct HybridClock: Sendable, Equatable, Codable {
    /// The latest stamp made or seen.
    public private(set) var latest: HybridTime

    /// Goes on after `latest`.
    public init(latest: HybridTime = HybridTime(wall: 0)) { self.latest = latest }

    /// A stamp for what happens now.
    public mutating func stamp(wall: Int64) -> HybridTime {
        latest =
            wall > latest.wall
            ? HybridTime(wall: wall) : HybridTime(wall: latest.wall, counter: latest.counter &+ 1)
        return latest
    }

    /// Takes note of another's stamp, so that what follows is later; one from far ahead is not believed.
    public mutating func observe(_ other: HybridTime, wall: Int64) {
        guard other.wall <= wall + HybridTime.tolerance else { return }
        latest = max(latest, other)
    }
}
