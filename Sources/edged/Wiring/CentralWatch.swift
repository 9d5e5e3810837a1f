import Central
import EdgeCore
import Foundation
import Logging
import Store
import SyncCore
import Synchronization
import Vault

/// Looks from time to time at what a central instance needs, and keeps what it saw for the status.
///
/// A status must be there at once, also while PostgreSQL is not: so nobody looks when it is asked for.
final class CentralWatch: Sendable {
    /// What it tells as conditions; the doctor tells the same in its own words.
    static let codes: Set<String> = [
        "fleet.silent", "fleet.quarantined", "fleet.erasures.open", "fleet.events.waiting",
    ]
    private static let period = Duration.seconds(10)

    private let board: FleetBoard
    private let store: EdgeStore
    private let certificate: LANCertificate?
    private let health: HealthBoard
    private let clock: any EdgeClock
    private let seen = Mutex<CentralStanding?>(nil)

    init(
        board: FleetBoard, store: EdgeStore, certificate: LANCertificate?, health: HealthBoard, clock: any EdgeClock
    ) {
        self.board = board
        self.store = store
        self.certificate = certificate
        self.health = health
        self.clock = clock
    }

    /// What was seen last; `nil` before the first look.
    var standing: CentralStanding? { seen.withLock { $0 } }

    /// Looks until it is cancelled.
    func run() async throws {
        while true {
            await look()
            try await Task.sleep(for: Self.period)
        }
    }

    private func look() async {
        var standing = CentralStanding(at: clock.wall)
        do throws(EdgeError) {
            let survey = try await board.desk.survey()
            (standing.database, standing.fleet) = (survey.database, survey.fleet)
            standing.rootsExpireAt = try await board.announcedRoots().flatMap {
                CertificateTerm.end(ofPEM: $0.certificates)
            }
        } catch { standing.fault = error.detail }
        // A store that does not answer says so itself.
        standing.deliveries = try? await store.waitingDeliveries()
        standing.certificateExpiresAt = certificate?.end
        if let fleet = standing.fleet { tell(fleet) }
        seen.withLock { [standing] in $0 = standing }
    }

    private func tell(_ fleet: CentralStanding.Fleet) {
        let now = clock.wall
        func isOverdue(_ queue: CentralStanding.Queue, _ patience: TimeInterval) -> Bool {
            queue.oldestAt.map { now.timeIntervalSince($0) > patience } ?? false
        }
        if fleet.silent > 0 {
            health.raise(
                "fleet.silent",
                title: "\(fleet.silent) of \(fleet.members) devices were not heard of since their lease was fresh.",
                severity: .info, remedy: "See that they run and reach central: `edged central devices`.")
        } else {
            health.clear("fleet.silent")
        }
        if fleet.quarantined.waiting > 0 {
            health.raise(
                "fleet.quarantined",
                title: "\(fleet.quarantined.waiting) quarantined devices wait for a decision.", severity: .warning,
                remedy: "Look whether there are two of it and stop one, then `edged central release DEVICE`.")
        } else {
            health.clear("fleet.quarantined")
        }
        if isOverdue(fleet.erasures, CentralExam.erasurePatience) {
            health.raise(
                "fleet.erasures.open",
                title: "\(fleet.erasures.waiting) erasures are not proven by all devices, the oldest for over a week.",
                severity: .warning,
                remedy: "`edged central erasures` names the devices: start them, or `edged central revoke DEVICE`.")
        } else {
            health.clear("fleet.erasures.open")
        }
        if isOverdue(fleet.events, CentralExam.queuePatience) {
            health.raise(
                "fleet.events.waiting",
                title: "\(fleet.events.waiting) events of devices wait to be handed on, the oldest for over an hour.",
                severity: .warning, remedy: "Run an instance with `local_delivery` in [webhooks]; its log tells why.")
        } else {
            health.clear("fleet.events.waiting")
        }
    }
}
