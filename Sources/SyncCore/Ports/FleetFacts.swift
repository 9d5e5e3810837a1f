public import FoundationEssentials

/// Whether a device is a member.
public enum DeviceStanding: String, Sendable, Codable, Hashable, CaseIterable {
    case active
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
    /// The client whose credentials it has; `nil` before it got any, and for central's own house.
    public var client: UUID?
    /// The model that it matches with.
    public var model: ModelName
    /// What runs there.
    public var software: String
    /// Whose people it gets.
    public var scopes: [ScopeID]
    /// When it came in.
    public var joinedAt: Date
    /// When it last spoke; `nil` for one that never did.
    public var seenAt: Date?
    /// How far its clock is ahead of central's; zero when that is not worth telling.
    public var clockAhead: Duration
    /// How far its lanes are on disk here, the most urgent first.
    public var lanes: [LaneEnd]
    /// How many erasures it has not proven.
    public var owedErasures: Int
    /// Since when it owes the oldest of them.
    public var owesSince: Date?

    /// Describes a device that has done nothing yet.
    public init(
        id: DeviceID, name: String, standing: DeviceStanding, client: UUID?, model: ModelName, software: String,
        joinedAt: Date
    ) {
        self.id = id
        self.name = name
        self.standing = standing
        self.client = client
        self.model = model
        self.software = software
        self.joinedAt = joinedAt
        (scopes, lanes, owedErasures, clockAhead) = ([], [], 0, .zero)
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
    /// Whom, by pseudonym; nothing else is known of them any more.
    public var subject: SubjectKey
    /// When it was ordered.
    public var orderedAt: Date
    /// Devices that proved it, with the moment.
    public var proven: [DeviceID: Date]
    /// Devices that owe the proof, with the moment since when.
    public var outstanding: [DeviceID: Date]
    /// Devices among ``outstanding`` that were taken out of the fleet and will prove nothing.
    public var revoked: Set<DeviceID>

    /// Describes an erasure.
    public init(
        subject: SubjectKey, orderedAt: Date, proven: [DeviceID: Date], outstanding: [DeviceID: Date],
        revoked: Set<DeviceID> = []
    ) {
        self.subject = subject
        self.orderedAt = orderedAt
        self.proven = proven
        self.outstanding = outstanding
        self.revoked = revoked
    }
}

/// Central in numbers.
public struct FleetFigures: Sendable, Equatable, Codable {
    /// Devices by standing.
    public var devices: [DeviceStanding: Int]
    /// Enrolled people.
    public var people: Int
    /// Records on disk, by lane.
    public var records: [Lane: Int]
    /// Records that are kept and have no effect.
    public var refused: Int
    /// Records that devices said are lost.
    public var lost: Int
    /// Erasures that are not proven by all.
    public var openErasures: Int

    /// Puts figures together.
    public init(
        devices: [DeviceStanding: Int], people: Int, records: [Lane: Int], refused: Int, lost: Int, openErasures: Int
    ) {
        self.devices = devices
        self.people = people
        self.records = records
        self.refused = refused
        self.lost = lost
        self.openErasures = openErasures
    }
}
