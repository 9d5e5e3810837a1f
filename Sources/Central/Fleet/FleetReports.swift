public import EdgeCore
public import FoundationEssentials
public import SyncCore

/// A device as its operators see it.
public struct FleetDevice: Sendable, Equatable {
    /// Its id.
    public let id: DeviceID
    /// What it is called in the fleet.
    public let name: String
    /// How far it is trusted.
    public let standing: SubjectRule.Standing
    /// Why it stands so, where somebody or a rule changed it.
    public let reason: String?
    /// Since when it stands so.
    public let standingSince: Date
    /// Its scopes, the home scope first.
    public let scopes: [ScopeID]
    /// The client whose credentials it has; `nil` before it got any.
    public let client: ClientID?
    /// The recognition model that it matches with.
    public let model: ModelName
    /// What runs there.
    public let software: String
    /// Its public key, 32 bytes.
    public let publicKey: [UInt8]
    /// When it joined.
    public let joinedAt: Date
    /// When it was heard of last; `nil` for one that never spoke.
    public let lastSeen: Date?
    /// How far its clock was ahead of central's by its newest stamps; zero when not worth telling.
    public let clockAhead: Duration
    /// The epoch in which its records are taken.
    public let epoch: Epoch?
    /// How far each lane of that epoch is on disk here.
    public let lanes: [LaneEnd]
    /// How many erasures it owes the proof of.
    public let unprovenErasures: Int
    /// Since when it owes the oldest of them.
    public let oldestUnprovenErasure: Date?
}

/// How far an erasure has come.
public struct ErasureProgress: Sendable, Equatable {
    /// Who was erased, by pseudonym.
    public let subject: SubjectKey
    /// When it was ordered.
    public let orderedAt: Date
    /// Devices that proved it, with the moment.
    public let proven: [DeviceID: Date]
    /// Devices that owe the proof, with the moment since when.
    public let outstanding: [DeviceID: Date]
    /// Devices among ``outstanding`` that were taken out of the fleet and will prove nothing.
    public let revoked: Set<DeviceID>

    /// How many devices held the subject, as far as is known.
    public var holders: Int { proven.count + outstanding.count }
    /// Since when the slowest device owes its proof; `nil` when all have given it.
    public var oldestOutstanding: Date? { outstanding.values.min() }
}

/// How much central holds.
public struct FleetCounts: Sendable, Equatable {
    /// By standing: `active`, `quarantined`, `revoked`.
    public let devices: [String: Int]
    /// Records on disk, by lane.
    public let records: [Lane: Int]
    /// Records that are kept and have no effect.
    public let refused: Int
    /// Records that devices said are lost.
    public let lost: Int
    /// People who are enrolled.
    public let people: Int
    /// Erasures that some device still owes the proof of.
    public let openErasures: Int
}
