import EdgeCore
import FoundationEssentials
import GRDB
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

    static func append(_ item: Item, _ db: Database) throws {
        let key = try Int64.fetchOne(db, sql: "SELECT coalesce(max(key), 0) + 1 FROM event_queue") ?? 1
        var place: (lane: Int64?, sequence: Int64?, subject: Data?) = (nil, nil, nil)
        switch item {
        case .record(let lane, let sequence): (place.lane, place.sequence) = (lane, Int64(clamping: sequence))
        case .erased(let subject): place.subject = subject.column
        }
        try db.cachedStatement(
            sql: "INSERT INTO event_queue (key, lane_key, sequence, subject, taken_until) VALUES (?, ?, ?, ?, 0)"
        ).execute(arguments: [key, place.lane, place.sequence, place.subject])
    }

    /// Takes the oldest entries that nobody has, for as long as `until` says.
    ///
    /// One statement: where several instances share a database, the inner one gets `FOR UPDATE SKIP LOCKED`.
    static func take(_ limit: Int, at now: Int64, until: Int64, _ db: Database) throws -> [Entry] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    UPDATE event_queue SET taken_until = ? WHERE key IN (
                        SELECT key FROM event_queue WHERE taken_until <= ? ORDER BY key LIMIT ?)
                    RETURNING key, lane_key, sequence, subject
                    """), arguments: [until, now, limit]
        ).map { row in
            if let subject = row["subject"] as Data? {
                return Entry(key: row["key"], item: .erased(try SubjectKey(column: subject)))
            }
            return Entry(
                key: row["key"], item: .record(lane: row["lane_key"], sequence: UInt64(row["sequence"] as Int64)))
        }.sorted { $0.key < $1.key }
    }

    static func remove(_ keys: [Int64], _ db: Database) throws {
        for key in keys {
            try db.cachedStatement(sql: "DELETE FROM event_queue WHERE key = ?").execute(arguments: [key])
        }
    }

    /// What could not be handed on may be taken again at once.
    static func giveBack(_ keys: [Int64], _ db: Database) throws {
        for key in keys {
            try db.cachedStatement(sql: "UPDATE event_queue SET taken_until = 0 WHERE key = ?")
                .execute(arguments: [key])
        }
    }
}
