import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

extension EdgeStore {
    /// Begins all lanes anew, in another epoch, where one of them is not as it was written; in the caller's transaction.
    ///
    /// A chain that is broken cannot go on: central would take what follows for another history and quarantine the device. An
    /// epoch that follows the present one is told openly, and central takes it. What it does not have yet is told again there,
    /// as far as it is proven; an audit line says where the lanes broke and how many records were given up.
    func settleLanes(_ db: Database) throws {
        let found = try verifyLanes(db)
        guard !found.isWhole else { return }
        let former = try? LaneStates.read(db)
        let proof = try LaneProof(found, isAccountRight: former.map { try isRight($0, db) } ?? false)
        try RecordsAside.put(db)
        try startEpoch(reason: .corrupt, db)
        var tally = RecordsAside.Tally()
        if let former {
            try tellAgain(RecordsAside(epoch: former.epoch), proof, &tally, db)
        } else {
            tally.givenUp = try RecordsAside.count(db)
        }
        try RecordsAside.remove(db)
        let places = found.firstBroken.sorted { $0.key < $1.key }.map { lane, place in
            PayloadValue.Member(lane, .integer(Int(place)))
        }
        let facts: PayloadValue = [
            "former": .text(former.map { hexadecimal($0.epoch) }), "lanes": .object(places),
            "told_again": .integer(tally.told), "given_up": .integer(tally.givenUp),
        ]
        try audit(
            AuditRecord(action: "outbox.broken", succeeded: false, detailsJSON: facts.jsonText, at: clock.wall), db)
    }

    /// Whether the account of the lanes is this device's and of the present epoch.
    private func isRight(_ states: LaneStates, _ db: Database) throws -> Bool {
        let epoch = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'")
        return try epoch == Data(states.epoch) && LaneStates.isAuthentic(db, secrets)
    }

    /// Puts what was set aside into the lanes of the new epoch, in the order in which it was there.
    private func tellAgain(
        _ aside: RecordsAside, _ proof: LaneProof, _ tally: inout RecordsAside.Tally, _ db: Database
    ) throws {
        for lane in Lane.allCases {
            let address = try address(lane, epoch: aside.epoch, db)
            var rows = try RecordsAside.rows(of: lane, after: RecordsAside.shift, db)
            while let end = rows.last {
                for row in rows {
                    switch try fate(of: row, address, isProven: proof.holds(lane), db) {
                    case .over: break
                    case .unproven: tally.givenUp += 1
                    case .told(let draft):
                        try enqueue(draft, lane: lane, db)
                        tally.told += 1
                    }
                }
                rows = try RecordsAside.rows(of: lane, after: end["place"], db)
            }
        }
    }

    /// What becomes of a record that was set aside.
    private enum Fate {
        case told(OutboxDraft)
        /// What it carried is gone, with its person for example, or was of its epoch alone.
        case over
        /// Nobody can say whether it is as it was written.
        case unproven
    }

    /// A record of a whole lane is proven by its chain; another one when what it carries is sealed or a line of the trail.
    private func fate(of row: Row, _ address: LaneAddress, isProven: Bool, _ db: Database) throws -> Fate {
        // A row that cannot be read is of no use to anybody.
        guard let record = try? OutboxRow(row, address) else { return .unproven }
        guard !["epoch.started", "snapshot.completed"].contains(record.head.kind) else { return .over }
        do {
            guard let bytes = try opened(record, db) else { return .over }
            guard try sha256(bytes) == record.digest, let draft = try draft(of: record, bytes, isProven, db) else {
                return .unproven
            }
            return .told(draft)
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            return .unproven
        }
    }

    /// `nil` for what is not proven.
    private func draft(
        of record: OutboxRow, _ bytes: [UInt8], _ isProven: Bool, _ db: Database
    ) throws -> OutboxDraft? {
        let lane = record.head.position.address.lane
        var draft: OutboxDraft
        if lane == .audit {
            guard let line = try line(of: record, db), try isProven || isAsWritten(line, db) else { return nil }
            draft = OutboxDraft(line)
        } else if lane == .events, record.source != nil {
            guard let (event, key) = try event(of: record, db) else { return nil }
            draft = OutboxDraft(event, subjectKey: key)
        } else {
            guard isProven || record.isSealed else { return nil }
            let key = try record.isSealed ? subjectKey(of: record, db) : nil
            draft = OutboxDraft(
                kind: record.head.kind, client: record.head.tenant.map { ClientID(rawValue: $0) },
                person: record.head.person.map { PersonID(rawValue: $0) },
                content: .again(bytes, subjectKey: key))
        }
        // Its cause was let through long ago.
        draft.urgency = .essential
        draft.moment = record.head.moment
        return draft
    }

    private func isAsWritten(_ line: AuditLine, _ db: Database) throws -> Bool {
        let kept = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT hash FROM audit WHERE sequence = ?"), arguments: [line.sequence])
        return try kept.map { Array($0) } == line.hash(secrets)
    }
}

/// Of which lanes every record is proven.
private struct LaneProof {
    private let broken: Set<String>

    /// An edited account of how the lanes stand proves none of them.
    init(_ found: LaneVerification, isAccountRight: Bool) {
        broken = Set(isAccountRight ? Array(found.firstBroken.keys) : Lane.allCases.map(\.rawValue))
    }

    func holds(_ lane: Lane) -> Bool { !broken.contains(lane.rawValue) }
}

/// Records of lanes that have ended, out of the way of those that begin: under numbers that no lane comes to.
struct RecordsAside {
    /// What their numbers are above those that they had.
    static let shift: Int64 = 1 << 52
    /// How many are read at a time: a lane may be larger than the memory.
    private static let piece = 200

    /// The epoch in which they were written.
    let epoch: [UInt8]

    /// How many were told again, and how many were not.
    struct Tally {
        var told = 0
        var givenUp = 0
    }

    /// Sets all records aside; rows that stand there already are nobody's.
    static func put(_ db: Database) throws {
        try remove(db)
        try db.execute(sql: "UPDATE outbox SET sequence = sequence + ?", arguments: [shift])
    }

    static func count(_ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox WHERE sequence > ?", arguments: [shift]) ?? 0
    }

    static func remove(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM outbox WHERE sequence > ?", arguments: [shift])
    }

    /// The next of a lane's records, with the numbers that they had, and where they stand as `place`.
    static func rows(of lane: Lane, after place: Int64, _ db: Database) throws -> [Row] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT sequence AS place, sequence - ? AS sequence, lane, kind, tenant_id, person_id, at, boot_id,
                        boot_time, clock_quality, source, is_sealed, payload, digest, hash
                    FROM outbox WHERE lane = ? AND outbox.sequence > ? ORDER BY outbox.sequence LIMIT ?
                    """),
            arguments: [shift, lane.priority, place, piece])
    }
}
