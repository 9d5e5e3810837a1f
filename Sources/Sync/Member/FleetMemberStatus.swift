public import FoundationEssentials
public import SyncCore

/// How a member stands with its fleet, for technicians.
public struct FleetMemberStatus: Sendable, Codable, Equatable {
    /// What the member is doing.
    public enum Phase: String, Sendable, Codable {
        /// It belongs to no fleet.
        case alone
        /// It has not reached central since it started.
        case connecting
        case online
        /// It has reached central before, and does not now.
        case offline
        /// Somebody told it to wait.
        case paused
        /// Central takes nothing from it until an operator has looked.
        case quarantined
        /// Central does not know it.
        case unknown
        /// It was taken out of the fleet.
        case revoked
    }

    /// A lane that waits.
    public struct LaneDepth: Sendable, Codable, Equatable {
        /// Which.
        public var lane: Lane
        /// How many records wait.
        public var waiting: UInt64
        /// Every record up to this number is on disk at central.
        public var acknowledged: UInt64
    }

    /// How far a scope was applied.
    public struct Scope: Sendable, Codable, Equatable {
        /// Which.
        public var scope: ScopeID
        /// How far.
        public var cursor: ScopeCursor
        /// Whether it is to be sent anew.
        public var isMistrusted: Bool

        enum CodingKeys: String, CodingKey {
            case scope, cursor
            case isMistrusted = "mistrusted"
        }
    }

    /// What it is doing.
    public var phase: Phase
    /// Where central is.
    public var url: String?
    /// What the device is called in the fleet.
    public var name: String?
    /// The device's own id.
    public var device: DeviceID?
    /// When central last answered.
    public var lastContactAt: Date?
    /// What central, or the way to it, last refused.
    public var lastFailure: String?
    /// Seconds since the last word that renewed the lease.
    public var leaseAgeSeconds: Int64?
    /// What may still be done.
    public var leaseTier: LeaseTier?
    /// The life of central's database that was last seen.
    public var incarnation: Incarnation?
    /// What waits, the most urgent first.
    public var lanes: [LaneDepth]
    /// What is told to the device.
    public var scopes: [Scope]
    /// People whom central told of and who have no template of the device's model.
    public var peopleWithoutModel: Int

    enum CodingKeys: String, CodingKey {
        case phase, url, name, device, incarnation, lanes, scopes
        case lastContactAt = "last_contact_at"
        case lastFailure = "last_failure"
        case leaseAgeSeconds = "lease_age_s"
        case leaseTier = "lease_tier"
        case peopleWithoutModel = "people_without_model"
    }
}
