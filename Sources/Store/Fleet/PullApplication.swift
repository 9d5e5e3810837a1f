import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// Applies one answer of central, in one transaction: removals first, then who is told, then the comparison.
struct PullApplication {
    /// A subject that the answer changes.
    private struct Touched {
        var row: ReplicaRow
        let former: Set<ScopeID>
        var told: WireEntry?
        /// Scopes in which the answer says that the subject is.
        var seen: Set<ScopeID> = []
    }

    private let store: EdgeStore
    private let answer: PullAnswer
    private var touched: [SubjectKey: Touched] = [:]
    private var changedScopes: Set<ScopeID> = []
    private var lacking: Set<ScopeID> = []
    private var counts = (put: 0, left: 0, erased: 0)
    private(set) var outcome = PullOutcome()
    private(set) var effects: [GalleryEffect] = []
    /// Whether somebody is not here any more, so that the log is to be emptied.
    private(set) var hasRemoved = false
    /// Whether central is an older copy of itself, and is offered again what is here.
    private(set) var isRestored = false

    init(_ answer: PullAnswer, to store: EdgeStore) {
        self.answer = answer
        self.store = store
    }

    mutating func run(_ db: Database) throws {
        let known = try Data.fetchOne(db, sql: "SELECT incarnation FROM fleet_membership")
        isRestored = known != nil && known != answer.incarnation.column
        if isRestored { try keepOwn(db) }
        try store.applyTenants(answer, db)
        try leaveOtherScopes(db)
        for part in answer.scopes where part.isSnapshot {
            try db.execute(sql: "UPDATE fleet_places SET is_stale = 1 WHERE scope = ?", arguments: [part.scope.column])
        }
        for part in answer.scopes { for entry in part.entries { try take(entry, of: part.scope, removals: true, db) } }
        for part in answer.scopes { for entry in part.entries { try take(entry, of: part.scope, removals: false, db) } }
        try settleTouched(db)
        for part in answer.scopes { try finish(part, db) }
        try settleTouched(db)
        if isRestored { try store.offerAgain(db) }
        try db.execute(
            sql: "UPDATE fleet_membership SET incarnation = ?", arguments: [answer.incarnation.column])
        try settlePending(db)
        for part in answer.scopes where part.isComplete { try compare(part, db) }
        try store.mistrust(lacking, db)
        try store.closeUntold(answer, db)
        if try store.removeEmptied(db) { hasRemoved = true }
        try noteInTrail(db)
        try countModels(db)
        outcome.mistrusted = try store.mistrustedScopes(db)
    }

    // MARK: Entries

    private mutating func take(_ wire: WireEntry, of scope: ScopeID, removals: Bool, _ db: Database) throws {
        guard let entry = wire.entry, entry.content.isRemoval == removals else { return }
        outcome.entries += 1
        changedScopes.insert(scope)
        try touch(entry.subject, db) { $0.row.replica.apply(entry.content, of: scope) }
        switch entry.content {
        case .put(let version):
            counts.put += 1
            // Of two scopes that tell of one subject the greater version counts.
            if touched[entry.subject]?.told?.version ?? version <= version { touched[entry.subject]?.told = wire }
            touched[entry.subject]?.seen.insert(scope)
            var clock = try store.hybridClock(db)
            clock.observe(version.time, wall: store.clock.wall.column)
            try store.keep(clock, db)
        case .left: counts.left += 1
        case .erased(let below):
            counts.erased += 1
            try store.enqueue(
                OutboxDraft(
                    kind: RecordKind.proven, content: .facts(.floor(entry.subject, below: below)), urgency: .essential),
                lane: .control, db)
        }
    }

    private mutating func touch(
        _ subject: SubjectKey, _ db: Database, _ change: (inout Touched) throws -> Void
    ) throws {
        var known: Touched
        if let already = touched[subject] {
            known = already
        } else {
            let row = try ReplicaRow.find(subject, db) ?? ReplicaRow(subject)
            known = Touched(row: row, former: row.replica.scopes)
        }
        try change(&known)
        touched[subject] = known
    }

    /// Makes the people what their replicas say, and writes both.
    private mutating func settleTouched(_ db: Database) throws {
        let tenants = Dictionary(answer.tenants.map { ($0.id, $0.name) }) { first, _ in first }
        for subject in touched.keys.sorted() {
            guard var one = touched[subject] else { continue }
            let told = one.told.map { EdgeStore.ToldPerson(entry: $0, tenants: tenants) }
            let done = try store.reconcile(&one.row, told: told, db)
            try one.row.keep(db)
            try one.row.keepPlaces(after: one.former, db)
            for scope in one.seen { try markFresh(subject, in: scope, db) }
            if done.lacksContent { lacking.formUnion(one.row.replica.scopes) }
            if done.isUnreadable { outcome.unreadable += 1 }
            effects += done.effects
            hasRemoved = hasRemoved || done.isGone
        }
        touched = [:]
    }

    private func markFresh(_ subject: SubjectKey, in scope: ScopeID, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE fleet_places SET is_stale = 0 WHERE scope = ? AND subject = ? AND is_stale")
            .execute(arguments: [scope.column, subject.column])
    }

    // MARK: Scopes

    /// What the device holds of a scope that it is not in any more goes.
    private mutating func leaveOtherScopes(_ db: Database) throws {
        let present = Set(answer.scopes.map(\.scope))
        let known = try Data.fetchAll(db, sql: "SELECT scope FROM fleet_scopes").map { try ScopeID(column: $0) }
        for scope in Set(known).subtracting(present) {
            try leave(scope, where: "scope = ?", db)
            try db.execute(sql: "DELETE FROM fleet_scopes WHERE scope = ?", arguments: [scope.column])
            store.onCommit { [fleet = store.fleet] in fleet.agree(on: nil, in: scope) }
        }
    }

    private mutating func leave(_ scope: ScopeID, where condition: String, _ db: Database) throws {
        let subjects = try Data.fetchAll(
            db, sql: "SELECT subject FROM fleet_places WHERE \(condition)", arguments: [scope.column])
        guard !subjects.isEmpty else { return }
        changedScopes.insert(scope)
        for subject in subjects { try touch(SubjectKey(column: subject), db) { $0.row.replica.leave(scope) } }
    }

    private mutating func finish(_ part: ScopePart, _ db: Database) throws {
        // Whoever was in no page of the whole scope has left it.
        if part.isComplete { try leave(part.scope, where: "scope = ? AND is_stale", db) }
        try db.execute(
            sql: """
                INSERT INTO fleet_scopes (scope, removals, changes) VALUES (:scope, :removals, :changes)
                ON CONFLICT (scope) DO UPDATE SET removals = :removals, changes = :changes,
                    is_mistrusted = is_mistrusted AND NOT :snapshot
                """,
            arguments: [
                "scope": part.scope.column, "removals": Int64(bitPattern: part.next.removals),
                "changes": Int64(bitPattern: part.next.changes), "snapshot": part.isSnapshot,
            ])
    }

    /// Equal roots mean equal contents; another one has the scope sent anew.
    private func compare(_ part: ScopePart, _ db: Database) throws {
        guard let wanted = part.root.flatMap({ HexText.decode($0) }) else { return }
        if !changedScopes.contains(part.scope), store.fleet.root(agreedIn: part.scope) == wanted { return }
        let own = try store.root(of: part.scope, db)
        if own != wanted { try store.mistrust([part.scope], db) }
        store.onCommit { [fleet = store.fleet, scope = part.scope] in
            fleet.agree(on: own == wanted ? own : nil, in: scope)
        }
    }

    // MARK: What the device did itself

    /// A restored central may not know of people whom this device enrolled: they are its own again, before anything that it
    /// says is applied.
    private func keepOwn(_ db: Database) throws {
        let device = try store.fleetDevice(db)
        var told: [SubjectKey: SubjectVersion] = [:]
        for entry in answer.scopes.flatMap(\.entries) {
            if let version = entry.version { told[entry.subject] = max(version, told[entry.subject] ?? version) }
        }
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT * FROM fleet_replicas WHERE told IS NOT NULL AND pending IS NULL AND person_row IS NOT NULL")
        for row in rows {
            var known = try ReplicaRow(row, db)
            guard let own = known.replica.told, own.device == device else { continue }
            if let present = told[known.subject], present >= own { continue }
            known.replica.pending = Replica.Pending(version: own)
            try known.keep(db)
        }
    }

    /// Gives up own enrollments whose word of central has been applied.
    private mutating func settlePending(_ db: Database) throws {
        try store.settlePending(db) { row, former in
            touched[row.subject] = Touched(row: row, former: former)
        }
        try settleTouched(db)
    }

    private func noteInTrail(_ db: Database) throws {
        guard counts != (0, 0, 0) else { return }
        let facts = #"{"erased":\#(counts.erased),"left":\#(counts.left),"put":\#(counts.put)}"#
        try store.audit(
            AuditRecord(action: "fleet.applied", succeeded: true, detailsJSON: facts, at: store.clock.wall), db)
    }

    private mutating func countModels(_ db: Database) throws {
        guard let active = store.fleet.ports?.active else { return }
        // Everybody is counted, which takes a while where there are many: not for an answer that changes nothing.
        if changedScopes.isEmpty, let known = store.fleet.withoutModel {
            outcome.withoutModel = known
            return
        }
        let count =
            try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM fleet_replicas r WHERE r.told IS NOT NULL AND r.person_row IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM templates t WHERE t.person_key = r.person_row
                            AND t.model_id = ? AND t.model_version = ?)
                    """, arguments: [active.id, active.version]) ?? 0
        outcome.withoutModel = count
        store.onCommit { [fleet = store.fleet] in fleet.note(withoutModel: count) }
    }
}
