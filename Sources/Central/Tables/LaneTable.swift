import EdgeCore
import FoundationEssentials
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
    static func row(_ sequence: UInt64, ofLane key: Int64, _ db: any FleetSession) throws -> SealedRecordRow? {
        let row = try db.row(
            """
            SELECT l.device, l.epoch, l.lane, r.kind, r.tenant, r.subject, r.seal, r.payload
            FROM records r JOIN lanes l ON l.key = r.lane_key WHERE r.lane_key = ? AND r.sequence = ?
            """, [key, Int64(clamping: sequence)])
        guard let row else { return nil }
        let priority: Int = try row["lane"]
        guard let lane = Lane.allCases.first(where: { $0.priority == priority }) else { return nil }
        return SealedRecordRow(
            position: RecordPosition(
                LaneAddress(device: try row.id("device"), epoch: try row.id("epoch"), lane: lane), sequence: sequence),
            kind: try row["kind"], tenant: try row.optionalUUID("tenant"),
            subject: try row.optionalUUID("subject").map { SubjectKey(rawValue: $0) },
            seal: try (row["seal"] as String?).flatMap { SealOwner.Kind(rawValue: $0) },
            payload: try (row["payload"] as Data?).map { Array($0) })
    }

    static func find(_ address: LaneAddress, _ db: any FleetSession) throws -> LaneEntry? {
        try db.row(
            "SELECT key, acknowledged, head FROM lanes WHERE device = ? AND epoch = ? AND lane = ?",
            [address.device.column, address.epoch.column, address.lane.priority]
        ).map { row in
            LaneEntry(
                key: try row["key"],
                cursor: LaneCursor(acknowledged: try row.count("acknowledged"), head: try row.hash("head")))
        }
    }

    /// The lane; one of which nothing has arrived is begun.
    static func begin(_ address: LaneAddress, _ db: any FleetSession) throws -> LaneEntry {
        if let known = try find(address, db) { return known }
        try db.alone()
        let key: Int64 = try db.value("SELECT coalesce(max(key), 0) + 1 FROM lanes") ?? 1
        try db.execute(
            "INSERT INTO lanes (key, device, epoch, lane, acknowledged, head) VALUES (?, ?, ?, ?, 0, ?)",
            [
                key, address.device.column, address.epoch.column, address.lane.priority, ChainHash.start.column,
            ])
        return LaneEntry(key: key, cursor: .start)
    }

    static func keep(_ lane: LaneEntry, _ db: any FleetSession) throws {
        try db.execute(
            "UPDATE lanes SET acknowledged = ?, head = ? WHERE key = ?",
            [Int64(lane.cursor.acknowledged), lane.cursor.head.column, lane.key])
    }

    /// The running hash after a record that is on disk, or that is known to be lost.
    static func hash(after sequence: UInt64, of lane: LaneEntry, _ db: any FleetSession) throws -> ChainHash? {
        guard sequence > 0 else { return .start }
        let arguments: [any FleetColumn] = [lane.key, Int64(clamping: sequence)]
        let stored: Data? = try db.value("SELECT hash FROM records WHERE lane_key = ? AND sequence = ?", arguments)
        let found =
            try stored
            ?? db.value("SELECT head FROM lost_records WHERE lane_key = ? AND last = ?", arguments)
        return try found.map { try ChainHash(column: $0) }
    }

    static func insert(_ record: KeptRecord, in lane: LaneEntry, at wall: Int64, _ db: any FleetSession) throws {
        let boot = record.head.moment.boot
        try db.execute(
            """
            INSERT INTO records (lane_key, sequence, kind, tenant, person, at, boot_id, boot_time, clock_quality,
                received_at, subject, consent, seal, payload, digest, hash, refused)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                lane.key, Int64(record.head.position.sequence), record.head.kind, record.head.tenant?.column,
                record.head.person?.column, record.head.moment.wall, boot?.id.column, boot?.time, boot?.quality, wall,
                record.subject?.column, record.consent.map { Int64($0) }, record.seal?.rawValue,
                record.payload.map { Data($0) }, record.digest.column, record.hash.column, record.refused,
            ])
    }

    /// These records will never come.
    static func lose(
        _ lost: ClosedRange<UInt64>, head: ChainHash, in lane: LaneEntry, at wall: Int64, _ db: any FleetSession
    ) throws {
        try db.execute(
            "INSERT INTO lost_records (lane_key, first, last, head, noted_at) VALUES (?, ?, ?, ?, ?)",
            [lane.key, Int64(lost.lowerBound), Int64(lost.upperBound), head.column, wall])
    }

    /// Why records of a batch have no effect.
    static func refused(
        _ range: ClosedRange<UInt64>, of lane: LaneEntry, _ db: any FleetSession
    ) throws -> [UInt64: String] {
        let rows = try db.rows(
            """
            SELECT sequence, refused FROM records
            WHERE lane_key = ? AND sequence BETWEEN ? AND ? AND refused IS NOT NULL
            """, [lane.key, Int64(clamping: range.lowerBound), Int64(clamping: range.upperBound)])
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.count("sequence"), try $0["refused"]) })
    }

    /// How far every lane of a device's epoch is on disk.
    static func ends(of device: DeviceID, epoch: Epoch, _ db: any FleetSession) throws -> [LaneEnd] {
        try Lane.allCases.map { lane in
            let entry = try find(LaneAddress(device: device, epoch: epoch, lane: lane), db)
            let cursor = entry?.cursor ?? .start
            return LaneEnd(lane: lane, acknowledged: cursor.acknowledged, head: cursor.head)
        }
    }
}
