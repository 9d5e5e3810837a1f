public import FoundationEssentials

/// Whether a device is a member.
public enum DeviceStanding: String, Sendable, Codable, Hashable, CaseIterable {
    case member
    /// It told two histories, or was copied: nothing is taken from it until an operator releases it.
    case quarantined
    /// It is out of the fleet.
    case revoked
}

/// A device as central knows it.
public struct FleetDevice: Sendable, Equatable, Codable {
    /// Its own id.
    public var id: DeviceID
    /// What it is called.
    public var name: String
    /// Whether it is a member.
    public var standing: DeviceStanding
    /// Why it is none, for people; `nil` for a member.
    public var reason: String?
    /// The client whose credentials it has; `nil` for central's own house.
    public var client: UUID?
    /// The model that it matches with.
    public var model: ModelName
    /// What runs there.
    public var software: String
    /// Whose people it gets.
    public var scopes: [ScopeID]
    /// When it came in, microseconds since 1970.
    public var joinedAt: Int64
    /// When it last spoke; `nil` when it did not since it came in.
    public var seenAt: Int64?
    /// How far its clock is ahead of central's, microseconds, as far as known.
    public var clockOffset: Int64?
    /// How far its lanes are on disk here, the most urgent first.
    public var lanes: [FleetLane]
    /// How many erasures it has not proven.
    public var owedErasures: Int
    /// Since when it owes the oldest of them, microseconds since 1970.
    public var owesSince: Int64?

    /// Describes a device that has done nothing yet.
    public init(
        id: DeviceID, name: String, standing: DeviceStanding, client: UUID?, model: ModelName, software: String,
        joinedAt: Int64
    ) {
        self.id = id
        self.name = name
        self.standing = standing
        self.client = client
        self.model = model
        self.software = software
        self.joinedAt = joinedAt
        (scopes, lanes, owedErasures) = ([], [], 0)
    }
}

/// How far one lane of a device is on disk at central.
public struct FleetLane: Sendable, Equatable, Codable {
    /// Which.
    public var lane: Lane
    /// Every record up to this number.
    public var acknowledged: UInt64
    /// Records that are kept and have no effect.
    public var refused: UInt64
    /// Records that were lost before they came.
    public var lost: UInt64

    /// Describes a lane.
    public init(lane: Lane, acknowledged: UInt64, refused: UInt64 = 0, lost: UInt64 = 0) {
        self.lane = lane
        self.acknowledged = acknowledged
        self.refused = refused
        self.lost = lost
    }
}

/// A part of the fleet's people.
public struct FleetScope: Sendable, Equatable, Codable {
    /// Its id.
    public var id: ScopeID
    /// What it is called.
    public var name: String
    /// How many people are in it.
    public var people: Int
    /// How many devices get them.
    public var devices: Int

    /// Describes a scope.
    public init(id: ScopeID, name: String, people: Int = 0, devices: Int = 0) {
        self.id = id
        self.name = name
        self.people = people
        self.devices = devices
    }
}

/// An erasure and who has proven it.
public struct FleetErasure: Sendable, Equatable, Codable {
    /// Whom; nothing else is known of them any more.
    public var subject: SubjectKey
    /// Whose person it was.
    public var tenant: UUID?
    /// Everything under a consent below this is erased.
    public var below: UInt64
    /// Which devices have proven it, and which have not.
    public var book: ErasureBook

    /// Describes an erasure.
    public init(subject: SubjectKey, tenant: UUID?, below: UInt64, book: ErasureBook) {
        self.subject = subject
        self.tenant = tenant
        self.below = below
        self.book = book
    }
}

/// Central in numbers.
public struct FleetFigures: Sendable, Equatable, Codable {
    /// Members.
    public var members: Int
    /// Devices that an operator must look at.
    public var quarantined: Int
    /// People in any scope.
    public var people: Int
    /// Records on disk.
    public var records: UInt64
    /// Records that are kept and have no effect.
    public var refused: UInt64
    /// Erasures that are not proven by all.
    public var openErasures: Int
    /// Since when the oldest of them is open, microseconds since 1970.
    public var oldestOpenErasure: Int64?

    /// Puts figures together.
    public init(
        members: Int, quarantined: Int, people: Int, records: UInt64, refused: UInt64, openErasures: Int,
        oldestOpenErasure: Int64?
    ) {
        self.members = members
        self.quarantined = quarantined
        self.people = people
        self.records = records
        self.refused = refused
        self.openErasures = openErasures
        self.oldestOpenErasure = oldestOpenErasure
    }
}
