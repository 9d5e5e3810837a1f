import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// One lane of one device in one epoch, as far as it is on disk.
struct LaneEntry {
    let key: Int64
    var cursor: LaneCursor
}

/// A record as it is put on disk.
struct KeptRecord {
    let head: RecordHead
    let digest: ChainHash
    let hash: ChainHash
    /// The person it is about, where that is known.
    var subject: SubjectKey?
    /// Under which consent, for an enrollment.
    var consent: UInt64?
    /// What opens the payload: `subject` or `tenant`; `nil` when it is plain.
    var seal: SealOwner.Kind?
    var payload: [UInt8]?
    /// Why it has no effect; `nil` when it has.
    var refused: String?
}

/// A record as it stands on disk, as far as its payload is concerned.
struct SealedRecordRow {
    let position: RecordPosition
    let kind: String
    let tenant: UUID?
    let subject: SubjectKey?
    let seal: SealOwner.Kind?
    let payload: [UInt8]?
}

/// How far each lane is on disk, and what stands in it.
enum LaneTable {
    /// A record that is on disk.
    static func row(_ sequence: UInt64, ofLane key: Int64, _ db: Database) throws -> SealedRecordRow? {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT l.device, l.epoch, l.lane, r.kind, r.tenant, r.subject, r.seal, r.payload
                    FROM records r JOIN lanes l ON l.key = r.lane_key WHERE r.lane_key = ? AND r.sequence = ?
                    """), arguments: [key, Int64(clamping: sequence)])
        guard let row, let lane = Lane.allCases.first(where: { $0.priority == row["lane"] }) else { return nil }
        return SealedRecordRow(
            position: RecordPosition(
                LaneAddress(device: try row.id("device"), epoch: try row.id("epoch"), lane: lane), sequence: sequence),
            kind: row["kind"], tenant: try row.optionalUUID("tenant"),
            subject: try row.optionalUUID("subject").map { SubjectKey(rawValue: $0) },
            seal: (row["seal"] as String?).flatMap { SealOwner.Kind(rawValue: $0) },
            payload: (row["payload"] as Data?).map { Array($0) })
    }

    static func find(_ address: LaneAddress, _ db: Database) throws -> LaneEntry? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT key, acknowledged, head FROM lanes WHERE device = ? AND epoch = ? AND lane = ?"),
            arguments: [address.device.column, address.epoch.column, address.lane.priority]
        ).map { row in
            LaneEntry(
                key: row["key"],
                cursor: LaneCursor(acknowledged: UInt64(row["acknowledged"] as Int64), head: try row.hash("head")))
        }
    }

    /// The lane; one of which nothing has arrived is begun.
    static func begin(_ address: LaneAddress, _ db: Database) throws -> LaneEntry {
        if let known = try find(address, db) { return known }
        let key = try Int64.fetchOne(db, sql: "SELECT coalesce(max(key), 0) + 1 FROM lanes") ?? 1
        try db.execute(
            sql: "INSERT INTO lanes (key, device, epoch, lane, acknowledged, head) VALUES (?, ?, ?, ?, 0, ?)",
            arguments: [
                key, address.device.column, address.epoch.column, address.lane.priority, ChainHash.start.column,
            ])
        return LaneEntry(key: key, cursor: .start)
    }

    static func keep(_ lane: LaneEntry, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE lanes SET acknowledged = ?, head = ? WHERE key = ?")
            .execute(arguments: [Int64(lane.cursor.acknowledged), lane.cursor.head.column, lane.key])
    }

    /// The running hash after a record that is on disk, or that is known to be lost.
    static func hash(after sequence: UInt64, of lane: LaneEntry, _ db: Database) throws -> ChainHash? {
        guard sequence > 0 else { return .start }
        let arguments: StatementArguments = [lane.key, Int64(clamping: sequence)]
        let stored = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT hash FROM records WHERE lane_key = ? AND sequence = ?"),
            arguments: arguments)
        let found =
            try stored
            ?? Data.fetchOne(
                db.cachedStatement(sql: "SELECT head FROM lost_records WHERE lane_key = ? AND last = ?"),
                arguments: arguments)
        return try found.map { try ChainHash(column: $0) }
    }

    static func insert(_ record: KeptRecord, in lane: LaneEntry, at wall: Int64, _ db: Database) throws {
        let boot = record.head.moment.boot
        try db.cachedStatement(
            sql: """
                INSERT INTO records (lane_key, sequence, kind, tenant, person, at, boot_id, boot_time, clock_quality,
                    received_at, subject, consent, seal, payload, digest, hash, refused)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            lane.key, Int64(record.head.position.sequence), record.head.kind, record.head.tenant?.column,
            record.head.person?.column, record.head.moment.wall, boot?.id.column, boot?.time, boot?.quality, wall,
            record.subject?.column, record.consent.map { Int64($0) }, record.seal?.rawValue,
            record.payload.map { Data($0) }, record.digest.column, record.hash.column, record.refused,
        ])
    }

    /// These records will never come.
    static func lose(
        _ lost: ClosedRange<UInt64>, head: ChainHash, in lane: LaneEntry, at wall: Int64, _ db: Database
    ) throws {
        try db.execute(
            sql: "INSERT INTO lost_records (lane_key, first, last, head, noted_at) VALUES (?, ?, ?, ?, ?)",
            arguments: [lane.key, Int64(lost.lowerBound), Int64(lost.upperBound), head.column, wall])
    }

    /// Why records of a batch have no effect.
    static func refused(
        _ range: ClosedRange<UInt64>, of lane: LaneEntry, _ db: Database
    ) throws -> [UInt64: String] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT sequence, refused FROM records
                    WHERE lane_key = ? AND sequence BETWEEN ? AND ? AND refused IS NOT NULL
                    """),
            arguments: [lane.key, Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
        return Dictionary(uniqueKeysWithValues: rows.map { (UInt64($0["sequence"] as Int64), $0["refused"]) })
    }

    /// How far every lane of a device's epoch is on disk.
    static func ends(of device: DeviceID, epoch: Epoch, _ db: Database) throws -> [LaneEnd] {
        try Lane.allCases.map { lane in
            let entry = try find(LaneAddress(device: device, epoch: epoch, lane: lane), db)
            let cursor = entry?.cursor ?? .start
            return LaneEnd(lane: lane, acknowledged: cursor.acknowledged, head: cursor.head)
        }
    }
}
