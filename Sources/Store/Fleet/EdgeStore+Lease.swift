public import EdgeCore
import FoundationEssentials
import GRDB
public import SyncCore

/// How long the device may go on without central.
extension EdgeStore {
    /// How old the last word of central is, and what may be done; `nil` for a device without a lease.
    public func lease() async throws(EdgeError) -> LeaseStanding? {
        try await read { [self] db in try leaseStanding(db) }
    }

    /// Throws `lease.expired` for what the age of the lease does not allow any more.
    func requireLease(for kind: SessionKind, _ db: Database) throws {
        guard fleet.isMember, let standing = try leaseStanding(db) else { return }
        switch kind {
        case .enrollment:
            guard standing.tier.allowsEnrollment else {
                throw EdgeError(.leaseExpired, "Nobody new is enrolled until the device has reached central.")
            }
        case .verification, .identification:
            guard standing.tier.allowsDecision else {
                throw EdgeError(.leaseExpired, "Nobody is let in by face until the device has reached central.")
            }
        }
    }

    /// Keeps a lease that central has just signed; an older one than is known is a copy and renews nothing.
    func keepLease(_ lease: FleetLease, _ db: Database) throws {
        let known = try storedLease(db)
        guard lease.serial >= known?.serial ?? 0 else { return }
        try keep(
            StoredLease(
                age: LeaseAge(wall: clock.wall.column, uptime: uptime), policy: lease.policy, serial: lease.serial,
                boot: bootID), db)
    }

    /// Puts the age on disk, so that a restart does not make it young again.
    func ageLease(_ db: Database) throws {
        guard fleet.isMember, var lease = try storedLease(db) else { return }
        lease.age.keep(wall: clock.wall.column, uptime: uptime)
        try keep(lease, db)
    }

    /// Goes on after a start of the machine: the time in between counts by the wall clock.
    func resumeLease(_ db: Database) throws {
        guard var lease = try storedLease(db), lease.boot != bootID else { return }
        lease.age.resume(wall: clock.wall.column, uptime: uptime)
        lease.boot = bootID
        try keep(lease, db)
    }

    private func leaseStanding(_ db: Database) throws -> LeaseStanding? {
        guard let lease = try storedLease(db) else { return nil }
        return LeaseStanding(
            age: lease.age.age(uptime: uptime), tier: lease.age.tier(lease.policy, uptime: uptime))
    }

    private func storedLease(_ db: Database) throws -> StoredLease? {
        let text = try String.fetchOne(db.cachedStatement(sql: "SELECT lease FROM fleet_membership"))
        guard let text else { return nil }
        do { return try JSONDecoder().decode(StoredLease.self, from: Data(text.utf8)) } catch {
            throw EdgeError(.storeCorrupt, "The lease has an unknown form.")
        }
    }

    private func keep(_ lease: StoredLease, _ db: Database) throws {
        let text = String(decoding: try JSONEncoder().encode(lease), as: UTF8.self)
        try db.cachedStatement(sql: "UPDATE fleet_membership SET lease = ?").execute(arguments: [text])
    }

    /// Since the machine started, with the time that it slept.
    private var uptime: Duration { .nanoseconds(bootTime) }
}

/// The lease as it is kept.
private struct StoredLease: Codable {
    var age: LeaseAge
    var policy: LeasePolicy
    /// Central counts them.
    var serial: UInt64
    /// The start of the machine that the age is counted in.
    var boot: String
}
