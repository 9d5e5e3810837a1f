public import EdgeCore
import FoundationEssentials
import GRDB
public import SyncCore

extension EdgeStore: MemberStore {
    /// Tells that records were put into lanes.
    public var laneWakeUps: AsyncStream<Void> { fleet.wakeUps }

    /// Notes what central said of a push: acknowledged, settled, refused, in one transaction.
    ///
    /// Throws as ``acknowledge(_:through:head:)`` does.
    public func settle(_ answer: PushAnswer, of lane: Lane) async throws(EdgeError) {
        let (effects, hasRemoved) = try await write { [self] db -> ([GalleryEffect], Bool) in
            try acknowledge(lane, through: answer.acknowledged, head: answer.head, db)
            if let cosigned = answer.cosigned {
                try db.execute(sql: "UPDATE fleet_membership SET cosigned = ?", arguments: [cosigned])
            }
            guard lane == .enrollment else { return ([], false) }
            var effects: [GalleryEffect] = []
            var hasRemoved = false
            func reconcile(_ row: ReplicaRow, _ former: Set<ScopeID>) throws {
                var row = row
                let done = try self.reconcile(&row, told: nil, db)
                try row.keep(db)
                try row.keepPlaces(after: former, db)
                if done.lacksContent { try mistrust(row.replica.scopes, db) }
                effects += done.effects
                hasRemoved = hasRemoved || done.isGone
            }
            for refused in answer.refused {
                guard let subject = refused.subject, let version = refused.version,
                    var row = try ReplicaRow.find(subject, db)
                else { continue }
                row.replica.refuse(version)
                try reconcile(row, row.replica.scopes)
            }
            for settled in answer.settled {
                guard var row = try ReplicaRow.find(settled.subject, db) else { continue }
                row.replica.acknowledge(settled.version, settledAt: settled.point)
                try row.keep(db)
            }
            var rows: [(ReplicaRow, Set<ScopeID>)] = []
            try settlePending(db) { rows.append(($0, $1)) }
            for (row, former) in rows { try reconcile(row, former) }
            return (effects, hasRemoved)
        }
        if hasRemoved { await emptyLog() }
        if !effects.isEmpty { await fleet.ports?.follow(effects) }
    }

    /// The epoch as central is told of it, with all that came before.
    public func epochOpening() async throws(EdgeError) -> EpochOpening {
        try await write { [self] db in
            let present = try laneStates(db).epoch
            let reason = try String.fetchOne(
                db, sql: "SELECT reason FROM lane_epochs WHERE epoch = ?", arguments: [Data(present)])
            return EpochOpening(
                epoch: try Self.epoch(present), history: try epochHistory(before: present, db).map(Self.epoch),
                reason: reason.flatMap { EpochReason(rawValue: $0) } ?? .corrupt)
        }
    }

    /// Central does not believe this epoch any more: a new one begins for this reason.
    public func beginEpoch(_ reason: EpochReason) async throws(EdgeError) {
        try await write(.urgent) { [self] db in try startEpoch(reason: reason, db) }
        try await snapshotWhenDue()
    }

    /// The newest signed checkpoint of the audit trail, for central to sign as well.
    public func newestCheckpoint() async throws(EdgeError) -> String? { try await latestCheckpoint()?.note }

    /// All epochs before one, the first one first, as far as lanes and audit trail know them.
    func epochHistory(before present: [UInt8], _ db: Database) throws -> [[UInt8]] {
        let lanes = try Data.fetchAll(db, sql: "SELECT epoch FROM lane_epochs ORDER BY position")
        let trail = try Data.fetchAll(db, sql: "SELECT epoch FROM audit_epochs ORDER BY first_sequence")
        var known: Set<Data> = [Data(present)]
        return (trail.filter { !lanes.contains($0) } + lanes).filter { known.insert($0).inserted }.map { Array($0) }
    }

    /// Notes that lanes begin to count in an epoch.
    func noteEpoch(_ epoch: [UInt8], _ reason: EpochReason, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR IGNORE INTO lane_epochs (epoch, reason) VALUES (?, ?)",
            arguments: [Data(epoch), reason.rawValue])
    }

    /// Says again what only this device may know of the fleet: in a new epoch, and to a central that was restored.
    ///
    /// What is erased goes at once; own enrollments follow with the snapshot.
    func offerAgain(_ db: Database) throws {
        guard try isMember(db) else { return }
        let rows = try Row.fetchAll(
            db, sql: "SELECT subject, erased_below FROM fleet_replicas WHERE erased_below > 0 ORDER BY subject")
        for row in rows {
            let subject = try SubjectKey(column: row[0])
            try enqueue(
                OutboxDraft(
                    kind: RecordKind.knownErased,
                    content: .facts(.floor(subject, below: UInt64(bitPattern: row[1]))), urgency: .essential),
                lane: .control, db)
        }
        // What was acknowledged in another epoch, or by a central that is gone, was not.
        try db.execute(sql: "UPDATE fleet_replicas SET settled_scope = NULL, settled_change = NULL")
        try restartSnapshot(db)
    }

    /// People who were lost with a damaged file are sent anew.
    func missPeople(_ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE fleet_replicas SET person_row = NULL, held = NULL, pending = NULL, settled_scope = NULL,
                    settled_change = NULL
                WHERE person_row IS NOT NULL AND person_row NOT IN (SELECT key FROM people)
                """)
        guard db.changesCount > 0 else { return }
        try db.execute(sql: "UPDATE fleet_scopes SET is_mistrusted = 1")
    }

    private static func epoch(_ bytes: [UInt8]) throws -> Epoch {
        guard let id = UUID(bytes: bytes) else {
            throw EdgeError(.storeCorrupt, "An epoch is \(bytes.count) bytes long.")
        }
        return Epoch(rawValue: id)
    }
}
