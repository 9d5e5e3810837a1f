public import FoundationEssentials

/// The one life of a device's database: made afresh when the database is created or restored.
///
/// A restored copy counts again from an older number; the new epoch keeps its records apart from the lost ones.
public struct Epoch: Hashable, Sendable, RawRepresentable, Codable {
    /// 128 random bits.
    public let rawValue: UUID
    /// Wraps a known epoch.
    public init(rawValue: UUID) { self.rawValue = rawValue }
    /// Makes a fresh random epoch.
    public init() { rawValue = UUID() }
}

/// Names a device to central.
public struct DeviceID: Hashable, Sendable, RawRepresentable, Codable {
    /// The id that central gave out at provisioning.
    public let rawValue: UUID
    /// Wraps a known id.
    public init(rawValue: UUID) { self.rawValue = rawValue }
    /// Makes a fresh random id.
    public init() { rawValue = UUID() }
}

/// One gapless sequence of records: a lane of a device within an epoch.
public struct LaneAddress: Hashable, Sendable, Codable {
    /// Whose.
    public let device: DeviceID
    /// In which life of its database.
    public let epoch: Epoch
    /// Which lane.
    public let lane: Lane

    /// Names a sequence.
    public init(device: DeviceID, epoch: Epoch, lane: Lane) {
        self.device = device
        self.epoch = epoch
        self.lane = lane
    }
}

/// The identity of a record for ever: where it stands in its lane.
///
/// Central uses it as the primary key, which makes at-least-once transport take effect exactly once.
public struct RecordPosition: Hashable, Sendable, Codable {
    /// The sequence that it belongs to.
    public let address: LaneAddress
    /// Its number there, gapless from 1.
    public let sequence: UInt64

    /// Names a record; `sequence` must be at least 1.
    public init(_ address: LaneAddress, sequence: UInt64) {
        precondition(sequence > 0, "records are counted from 1")
        self.address = address
        self.sequence = sequence
    }
}
