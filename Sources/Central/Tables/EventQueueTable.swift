import EdgeCore
import FoundationEssentials
import SyncCore

/// What waits to be handed on, in the order in which it was taken in.
enum EventQueueTable {
    enum Item {
        case record(lane: Int64, sequence: UInt64)
        case erased(SubjectKey)
    }

    struct Entry {
        let id: UUID
        let item: Item
    }

    /// Under an id of its own, so that no two transactions want the same number.
    static func append(_ item: Item, at wall: Int64, _ db: any FleetSession) throws {
        var place: (lane: Int64?, sequence: Int64?, subject: Data?) = (nil, nil, nil)
        switch item {
        case .record(let lane, let sequence): (place.lane, place.sequence) = (lane, Int64(clamping: sequence))
        case .erased(let subject): place.subject = subject.column
        }
        try db.execute(
            "INSERT INTO event_queue (id, put_at, lane_key, sequence, subject, taken_until) VALUES (?, ?, ?, ?, ?, 0)",
            [UUID().column, wall, place.lane, place.sequence, place.subject])
    }

    /// Takes the oldest entries that nobody has, for as long as `until` says.
    ///
    /// One statement: where several instances share a database, the inner one may say `FOR UPDATE SKIP LOCKED`.
    static func take(_ limit: Int, at now: Int64, until: Int64, _ db: any FleetSession) throws -> [Entry] {
        try db.rows(
            """
            UPDATE event_queue SET taken_until = ? WHERE id IN (
                SELECT id FROM event_queue WHERE taken_until <= ? ORDER BY put_at, lane_key, sequence LIMIT ?)
            RETURNING id, put_at, lane_key, sequence, subject
            """, [until, now, limit]
        ).map { row -> (place: (Int64, Int64, UInt64), entry: Entry) in
            let id = try UUID(column: row["id"])
            let moment: Int64 = try row["put_at"]
            if let subject = try row["subject"] as Data? {
                return ((moment, 0, 0), Entry(id: id, item: .erased(try SubjectKey(column: subject))))
            }
            let (lane, sequence): (Int64, UInt64) = (try row["lane_key"], try row.count("sequence"))
            return ((moment, lane, sequence), Entry(id: id, item: .record(lane: lane, sequence: sequence)))
        }.sorted { $0.place < $1.place }.map(\.entry)
    }

    static func remove(_ entries: [UUID], _ db: any FleetSession) throws {
        for entry in entries { try db.execute("DELETE FROM event_queue WHERE id = ?", [entry.column]) }
    }

    /// What could not be handed on may be taken again at once.
    static func giveBack(_ entries: [UUID], _ db: any FleetSession) throws {
        for entry in entries { try db.execute("UPDATE event_queue SET taken_until = 0 WHERE id = ?", [entry.column]) }
    }
}
