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
        let key: Int64
        let item: Item
    }

    static func append(_ item: Item, _ db: any FleetSession) throws {
        let key: Int64? = try db.value("SELECT coalesce(max(key), 0) + 1 FROM event_queue")
        var place: (lane: Int64?, sequence: Int64?, subject: Data?) = (nil, nil, nil)
        switch item {
        case .record(let lane, let sequence): (place.lane, place.sequence) = (lane, Int64(clamping: sequence))
        case .erased(let subject): place.subject = subject.column
        }
        try db.execute(
            "INSERT INTO event_queue (key, lane_key, sequence, subject, taken_until) VALUES (?, ?, ?, ?, 0)",
            [key ?? 1, place.lane, place.sequence, place.subject])
    }

    /// Takes the oldest entries that nobody has, for as long as `until` says.
    ///
    /// One statement: where several instances share a database, the inner one gets `FOR UPDATE SKIP LOCKED`.
    static func take(_ limit: Int, at now: Int64, until: Int64, _ db: any FleetSession) throws -> [Entry] {
        try db.rows(
            """
            UPDATE event_queue SET taken_until = ? WHERE key IN (
                SELECT key FROM event_queue WHERE taken_until <= ? ORDER BY key LIMIT ?)
            RETURNING key, lane_key, sequence, subject
            """, [until, now, limit]
        ).map { row in
            let key: Int64 = try row["key"]
            if let subject = try row["subject"] as Data? {
                return Entry(key: key, item: .erased(try SubjectKey(column: subject)))
            }
            return Entry(key: key, item: .record(lane: try row["lane_key"], sequence: try row.count("sequence")))
        }.sorted { $0.key < $1.key }
    }

    static func remove(_ keys: [Int64], _ db: any FleetSession) throws {
        for key in keys { try db.execute("DELETE FROM event_queue WHERE key = ?", [key]) }
    }

    /// What could not be handed on may be taken again at once.
    static func giveBack(_ keys: [Int64], _ db: any FleetSession) throws {
        for key in keys { try db.execute("UPDATE event_queue SET taken_until = 0 WHERE key = ?", [key]) }
    }
}
