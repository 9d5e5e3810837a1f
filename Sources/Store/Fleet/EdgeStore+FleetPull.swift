public import EdgeCore
import FoundationEssentials
import GRDB
public import SyncCore

extension EdgeStore {
    /// How far each scope was applied, of which life of central, and which scopes are to be sent anew.
    public func pullPlaces() async throws(EdgeError) -> PullPlaces {
        try await read { [self] db in
            let incarnation = try Data.fetchOne(
                db, sql: "SELECT incarnation FROM fleet_membership WHERE incarnation IS NOT NULL")
            let tenants = try String.fetchOne(db, sql: "SELECT tenants FROM fleet_membership")
            let rows = try Row.fetchAll(db, sql: "SELECT scope, removals, changes FROM fleet_scopes ORDER BY scope")
            return PullPlaces(
                incarnation: try incarnation.map { try Incarnation(column: $0) },
                cursors: try rows.map { row in
                    PullRequest.Place(
                        scope: try ScopeID(column: row["scope"]),
                        cursor: ScopeCursor(
                            removals: UInt64(bitPattern: row["removals"]),
                            changes: UInt64(bitPattern: row["changes"])))
                }, mistrusted: try mistrustedScopes(db), tenants: tenants ?? "")
        }
    }

    /// Applies an answer in one transaction and then lets the gallery follow.
    ///
    /// Throws `sync.member.missing` for a device that belongs to no fleet.
    public func apply(_ answer: PullAnswer, lease: FleetLease) async throws(EdgeError) -> PullOutcome {
        // An erasure is carried out however full the disk.
        let isUrgent = answer.scopes.contains { $0.entries.contains { $0.kind != "put" } }
        let (outcome, effects, hasRemoved, isRestored) = try await write(isUrgent ? .urgent : .current) { [self] db in
            guard fleet.isMember, try isMember(db) else { throw EdgeError(.memberMissing) }
            var application = PullApplication(answer, to: self)
            try application.run(db)
            try keepLease(lease, db)
            return (application.outcome, application.effects, application.hasRemoved, application.isRestored)
        }
        await fleet.tellChangedClients()
        if hasRemoved { await emptyLog() }
        if !effects.isEmpty { await fleet.ports?.follow(effects) }
        if isRestored { try await snapshotWhenDue() }
        return outcome
    }

    func isMember(_ db: Database) throws -> Bool {
        try Bool.fetchOne(db.cachedStatement(sql: "SELECT 1 FROM fleet_membership")) ?? false
    }

    /// Scopes that differ from central's or lack somebody.
    func mistrustedScopes(_ db: Database) throws -> [ScopeID] {
        try Data.fetchAll(db, sql: "SELECT scope FROM fleet_scopes WHERE is_mistrusted ORDER BY scope")
            .map { try ScopeID(column: $0) }
    }

    /// Has scopes sent anew.
    func mistrust(_ scopes: Set<ScopeID>, _ db: Database) throws {
        for scope in scopes {
            try db.cachedStatement(sql: "UPDATE fleet_scopes SET is_mistrusted = 1 WHERE scope = ?")
                .execute(arguments: [scope.column])
        }
    }

    /// The root over everybody in a scope.
    func root(of scope: ScopeID, _ db: Database) throws -> [UInt8] {
        let people = try Row.fetchAll(
            db,
            sql: """
                SELECT r.subject, r.told FROM fleet_places p JOIN fleet_replicas r ON r.subject = p.subject
                WHERE p.scope = ? AND r.told IS NOT NULL
                """, arguments: [scope.column]
        ).map { row -> (subject: SubjectKey, version: SubjectVersion) in
            (try SubjectKey(column: row[0]), try VersionBytes.version(row[1]))
        }
        // A digest that fails makes a root that differs, and the scope comes anew.
        return HashTree(people) { [signer] in (try? signer.sha256($0)) ?? [] }.root
    }

    /// Gives up own enrollments whose word of central has been applied, or never comes; `took` gets each that changed.
    func settlePending(_ db: Database, _ took: (ReplicaRow, _ former: Set<ScopeID>) -> Void) throws {
        let reached = try Row.fetchAll(db, sql: "SELECT scope, changes FROM fleet_scopes").map { row in
            (try ScopeID(column: row[0]), UInt64(bitPattern: row[1]))
        }
        let cursors = Dictionary(reached) { first, _ in first }
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT r.* FROM fleet_replicas r LEFT JOIN fleet_scopes s ON s.scope = r.settled_scope
                WHERE r.settled_scope IS NOT NULL AND (s.scope IS NULL OR s.changes >= r.settled_change)
                """)
        for row in rows {
            var known = try ReplicaRow(row, db)
            let former = known.replica.scopes
            known.replica.settle(cursors)
            took(known, former)
        }
    }
}
