import EdgeCore
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
        /// Central does not take its certificate, or wants one.
        case refused
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

    /// The certificate that central is shown.
    public struct Certificate: Sendable, Codable, Equatable {
        /// Its serial number, hexadecimal digits.
        public var serial: String
        /// Until when it holds.
        public var expiresAt: Date
        /// When another one is asked for.
        public var renewsAt: Date

        init(_ certificate: LinkCertificate) {
            (serial, expiresAt, renewsAt) = (certificate.serial, certificate.end, certificate.renewal)
        }

        enum CodingKeys: String, CodingKey {
            case serial
            case expiresAt = "expires_at"
            case renewsAt = "renews_at"
        }
    }

    /// What verifies central, where that is pinned.
    public struct Roots: Sendable, Codable, Equatable {
        /// How many certificates.
        public var count: Int
        /// The announcement that they are of; 0 for those that the device was provisioned with.
        public var serial: UInt64

        init(_ pem: String, _ serial: UInt64) {
            count = pem.split(separator: "\n").count { $0.hasPrefix("-----BEGIN CERTIFICATE") }
            self.serial = serial
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
    /// What central is shown; `nil` where there is no certificate.
    public var certificate: Certificate?
    /// What verifies central; `nil` where nothing is pinned.
    public var roots: Roots?

    enum CodingKeys: String, CodingKey {
        case phase, url, name, device, incarnation, lanes, scopes, certificate, roots
        case lastContactAt = "last_contact_at"
        case lastFailure = "last_failure"
        case leaseAgeSeconds = "lease_age_s"
        case leaseTier = "lease_tier"
        case peopleWithoutModel = "people_without_model"
    }
}
