import EdgeCore
import FoundationEssentials
import Sync
import SyncCore

extension Control {
    /// Where and by which token a device joins.
    struct JoinOrder: Codable {
        var url: String
        var token: String
        var name: String?
        /// PEM certificates that alone are trusted for central.
        var roots: String?
    }

    /// What came of it.
    struct Joined: Codable {
        var device: String
        var name: String
        var url: String
    }

    /// How the member stands.
    struct SyncStatus: Codable {
        struct LaneDepth: Codable {
            var lane: String
            var waiting: UInt64
            var acknowledged: UInt64
        }

        /// The certificate that central is shown.
        struct Certificate: Codable {
            var serial: String
            var expiresAt: Date
            var renewsAt: Date
        }

        /// What verifies central.
        struct Roots: Codable {
            var count: Int
            /// 0 for those that the device was provisioned with.
            var announcement: UInt64
        }

        /// `alone`, `connecting`, `online`, `offline`, `paused`, `refused`, `quarantined`, `unknown`, `revoked`.
        var phase: String
        /// Empty for a central instance's own membership.
        var url: String?
        var name: String?
        var device: String?
        var lastContactAt: Date?
        var lastFailure: String?
        var leaseAgeSeconds: Int64?
        var leaseTier: String?
        var peopleWithoutModel: Int
        var lanes: [LaneDepth]
        var certificate: Certificate?
        var roots: Roots?
        var configuration: Configuration?

        /// What central wants the device to go by; absent where it never said anything.
        struct Configuration: Codable {
            var number: UInt64
            /// `trial`, `taken`, `refused`, `rolled_back`.
            var state: String
            var problem: String?
        }

        init(_ status: FleetMemberStatus) {
            phase = status.phase.rawValue
            url = status.url
            name = status.name
            device = status.device?.description
            lastContactAt = status.lastContactAt
            lastFailure = status.lastFailure
            leaseAgeSeconds = status.leaseAgeSeconds
            leaseTier = status.leaseTier?.rawValue
            peopleWithoutModel = status.peopleWithoutModel
            lanes = status.lanes.map {
                LaneDepth(lane: $0.lane.rawValue, waiting: $0.waiting, acknowledged: $0.acknowledged)
            }
            certificate = status.certificate.map {
                Certificate(serial: $0.serial, expiresAt: $0.expiresAt, renewsAt: $0.renewsAt)
            }
            roots = status.roots.map { Roots(count: $0.count, announcement: $0.serial) }
        }
    }

    /// What a bootstrap token shall be good for.
    struct TokenOrder: Codable {
        /// Names or ids.
        var scopes: [String]
        var name: String?
        var hours: Int
    }

    /// A bootstrap token, shown once.
    struct FleetToken: Codable {
        var token: String
        var expiresAt: Date
    }

    /// A device, by name or id, and what is done to it.
    struct DeviceOrder: Codable {
        enum Act: String, Codable { case revoke, release, assign }
        var device: String
        var act: Act
        /// With `assign`: names or ids.
        var scopes: [String]?
    }

    struct FleetDevice: Codable {
        var id: String
        var name: String
        var standing: String
        var reason: String?
        var software: String
        var model: String
        var scopes: [String]
        var joinedAt: Date
        var seenAt: Date?
        var clockAheadSeconds: Int64
        /// How far each lane is on disk at central.
        var acknowledged: [String: UInt64]
        var owedErasures: Int
        var owesSince: Date?
    }

    struct FleetDevices: Codable { var devices: [FleetDevice] }

    struct FleetScope: Codable {
        var id: String
        var name: String
        var people: Int
        var devices: Int

        init(_ scope: SyncCore.FleetScope) {
            id = scope.id.description
            name = scope.name
            people = scope.people
            devices = scope.devices
        }
    }

    struct FleetScopes: Codable { var scopes: [FleetScope] }

    struct FleetErasure: Codable {
        var subject: String
        var orderedAt: Date
        var proven: Int
        var devices: Int
        /// Names of the devices that owe the proof.
        var outstanding: [String]
        var oldestOutstanding: Date?
    }

    /// Certificates in PEM, where there are any.
    struct Certificates: Codable {
        var pem: String?
        /// SHA-256 of each.
        var fingerprints: [String] = []
        /// The announcement that they are of.
        var announcement: UInt64?
    }

    struct FleetErasures: Codable { var erasures: [FleetErasure] }
}

extension Control.FleetDevice {
    /// A device with its scopes by name.
    init(_ device: SyncCore.FleetDevice, scopes names: [ScopeID: String]) {
        id = device.id.description
        name = device.name
        standing = device.standing.rawValue
        reason = device.reason
        software = device.software
        model = "\(device.model.id) \(device.model.version)"
        scopes = device.scopes.map { names[$0] ?? $0.description }
        joinedAt = device.joinedAt
        seenAt = device.seenAt
        clockAheadSeconds = device.clockAhead.components.seconds
        acknowledged = Dictionary(device.lanes.map { ($0.lane.rawValue, $0.acknowledged) }) { $1 }
        owedErasures = device.owedErasures
        owesSince = device.owesSince
    }
}

extension Control.FleetErasure {
    /// An erasure with its devices by name.
    init(_ erasure: SyncCore.FleetErasure, devices names: [DeviceID: String]) {
        subject = erasure.subject.description
        orderedAt = erasure.orderedAt
        proven = erasure.proven.count
        devices = erasure.proven.count + erasure.outstanding.count
        outstanding = erasure.outstanding.keys.map { names[$0] ?? $0.description }.sorted()
        oldestOutstanding = erasure.outstanding.values.min()
    }
}
