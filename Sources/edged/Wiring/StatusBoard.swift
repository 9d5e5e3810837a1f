import Capture
import EdgeCore
import FoundationEssentials
import Recognition
import Store
import Sync
import SyncCore
import Vault

/// Tells the status of the whole house.
struct StatusBoard: StatusReporter {
    let house: House
    /// What other machines are shown; none without TLS.
    let certificate: LANCertificate?
    /// What a central instance needs; none on a device.
    var watch: CentralWatch?

    /// What the status calls a central instance.
    static let centralRole = "central"

    func status() async -> DeviceStatus {
        var status = DeviceStatus(
            version: EdgedVersion.current, startedAt: house.startedAt, now: house.clock.wall,
            address: house.addresses.first ?? "", livenessPolicy: house.configuration.liveness.policy,
            models: house.engine.models,
            cameras: house.cameras.map(\.status), people: await house.sessions.galleryCount,
            openSessions: await house.sessions.openSessions, keySource: house.vault.source,
            conditions: house.health.current, addresses: house.addresses, tlsFingerprint: certificate?.fingerprint,
            keyBinding: house.vault.binding.rawValue)
        status.sqlite = EdgeStore.sqlite
        status.outbox = await outbox()
        status.sync = await standing()
        if !house.cameras.isEmpty { status.onAir = house.sign.standing }
        if house.fleet.isCentral { status.role = Self.centralRole }
        status.central = watch?.standing
        let figures = house.isolated?.figures
        status.decoder = DeviceStatus.DecoderStanding(
            isolation: (figures == nil ? DaemonConfiguration.Decoder.Isolation.off : .socket).rawValue,
            pictures: figures.map { Int($0.pictures) }, failures: figures.map { Int($0.failures) })
        return status
    }

    private func standing() async -> DeviceStatus.SyncStanding? {
        let member = await house.fleet.member.status()
        guard member.phase != .alone else { return nil }
        var standing = DeviceStatus.SyncStanding(
            phase: member.phase.rawValue, lastContactAt: member.lastContactAt,
            leaseAgeSeconds: member.leaseAgeSeconds.map { Int($0) }, leaseTier: member.leaseTier?.rawValue,
            peopleWithoutModel: member.peopleWithoutModel)
        standing.certificateExpiresAt = member.certificate?.expiresAt
        return standing
    }

    private func outbox() async -> [DeviceStatus.OutboxLane]? {
        guard let lanes = try? await house.store.lanes() else { return nil }
        return lanes.map { lane in
            DeviceStatus.OutboxLane(
                lane: lane.address.lane.rawValue, records: Int(lane.records), bytes: Int(lane.bytes),
                oldestAt: lane.oldest.map { Date(timeIntervalSince1970: Double($0) / 1_000_000) },
                last: Int(lane.last), acknowledged: Int(lane.acknowledged))
        }
    }

    /// Serving is not enough: a policy whose models are missing refuses every session.
    func isReady() async -> Bool {
        isServing
            && !house.health.current.contains { condition in
                switch condition.code {
                // Every session writes an audit record; the other lanes refuse their own records alone.
                case ErrorCode.outboxFull.rawValue: condition.subject == Lane.audit.rawValue
                // With a subject it is one camera's matter.
                case ErrorCode.infraredUnavailable.rawValue: condition.subject == nil
                default: Self.refusesAll.contains(condition.code)
                }
            }
    }

    /// While one of these holds no session can be opened, or come to anything.
    private static let refusesAll: Set<String> = [
        ErrorCode.decoderUnavailable.rawValue, ErrorCode.livenessUnavailable.rawValue, ErrorCode.storeFull.rawValue,
        "store.io",
    ]

    /// Comes back only when the store's queue moves; what it answers does not matter here.
    func askStore() async { _ = try? await house.store.newest(1) }

    /// Whether HTTP is served, which is what systemd waits for.
    var isServing: Bool { !house.addresses.isEmpty }
}

/// The program's version.
enum EdgedVersion {
    static let current = "0.1.0"
}
