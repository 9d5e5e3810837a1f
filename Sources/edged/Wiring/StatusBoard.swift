import Capture
import EdgeCore
import FoundationEssentials
import Recognition
import Store
import Vault

/// Tells the status of the whole house.
struct StatusBoard: StatusReporter {
    let house: House
    /// What other machines are shown; none without TLS.
    let certificate: LANCertificate?

    func status() async -> DeviceStatus {
        DeviceStatus(
            version: EdgedVersion.current, startedAt: house.startedAt, now: house.clock.wall,
            address: house.addresses.first ?? "", livenessPolicy: house.configuration.liveness.policy,
            models: house.engine.models,
            cameras: house.cameras.map(\.status), people: await house.sessions.galleryCount,
            openSessions: await house.sessions.openSessions, keySource: house.vault.source,
            conditions: house.health.current, addresses: house.addresses, tlsFingerprint: certificate?.fingerprint,
            keyBinding: house.vault.binding.rawValue)
    }

    /// Serving is not enough: a policy whose models are missing refuses every session.
    func isReady() async -> Bool {
        let refusesAll = house.health.current.contains { $0.code == ErrorCode.livenessUnavailable.rawValue }
        return isServing && !refusesAll
    }

    /// Comes back only when the store's queue moves; what it answers does not matter here.
    func askStore() async { _ = try? await house.store.newest(1) }

    /// Whether HTTP is served, which is what systemd waits for.
    var isServing: Bool { !house.addresses.isEmpty }
}

/// The program's version.
enum EdgedVersion {
    static let current = "0.1.0"
}
