public import FoundationEssentials

/// How far a wall time can be trusted.
public enum ClockQuality: String, Sendable, Codable, CaseIterable {
    /// The machine's clock follows a time server.
    case synchronized
    /// Nobody vouches for it.
    case unsynchronized
    /// It is well behind a time that was recorded before: it was set back, or lost its battery.
    case suspect

    /// How far behind the latest recorded time a clock may be before it is suspect; seconds.
    ///
    /// A time server may step a clock back a little, and that is no reason for doubt.
    public static let tolerance: TimeInterval = 300

    /// Judges a wall time by the latest one recorded before and by what the kernel says.
    public static func judge(wall: Date, latest: Date?, isSynchronized: Bool) -> ClockQuality {
        if let latest, wall < latest.addingTimeInterval(-tolerance) { return .suspect }
        return isSynchronized ? .synchronized : .unsynchronized
    }
}

/// One moment by every clock of the machine.
public struct ClockReading: Sendable, Equatable {
    /// Wall time.
    public let wall: Date
    /// Which start of the machine the other two count from.
    public let bootID: String
    /// Nanoseconds since the machine started, without the time that it slept.
    public let monotonic: Int64
    /// Nanoseconds since the machine started, with the time that it slept.
    public let bootTime: Int64
    /// How far `wall` can be trusted.
    public let quality: ClockQuality

    /// Puts a reading together.
    public init(wall: Date, bootID: String, monotonic: Int64, bootTime: Int64, quality: ClockQuality) {
        self.wall = wall
        self.bootID = bootID
        self.monotonic = monotonic
        self.bootTime = bootTime
        self.quality = quality
    }
}
