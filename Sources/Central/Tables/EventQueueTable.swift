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

    /// Where the queue ends: what follows is put behind this.
    static func end(_ db: any FleetSession) throws -> Int64? {
        try db.value("SELECT put_at FROM event_queue ORDER BY put_at DESC LIMIT 1")
    }

    /// Removes events that wait since before a moment, and says how many.
    ///
    /// Endpoints and erasures wait for as long as it takes. All go at once when some are older than that by `slack`: what is
    /// lost is worth a line in the log, and not one each minute.
    static func dropEvents(before limit: Int64, slack: Int64, _ db: any FleetSession) throws -> Int {
        let theirs = "put_at < ? AND lane_key IN (SELECT key FROM lanes WHERE lane = ?)"
        let lane = Lane.events.priority
        let isDue: Int64? = try db.value(
            "SELECT put_at FROM event_queue WHERE \(theirs) LIMIT 1", [limit - slack, lane])
        guard isDue != nil else { return 0 }
        return try db.rows("DELETE FROM event_queue WHERE \(theirs) RETURNING id", [limit, lane]).count
    }

    /// Takes the oldest entries for as long as `until` says; none while somebody has one of them, so that the order stays.
    ///
    /// Called alone: no two takers look at the same moment.
    static func take(_ limit: Int, at now: Int64, until: Int64, _ db: any FleetSession) throws -> [Entry] {
        let rows = try db.rows(
            """
            SELECT id, lane_key, sequence, subject, taken_until FROM event_queue
            ORDER BY put_at, lane_key, sequence LIMIT ?
            """, [limit])
        // Nobody has one for longer than this: a clock was set back.
        let isHeld = try rows.contains { row in (now + 1...until).contains(try row["taken_until"]) }
        guard !isHeld else { return [] }
        return try rows.map { row in
            let id = try UUID(column: row["id"])
            try db.execute("UPDATE event_queue SET taken_until = ? WHERE id = ?", [until, id.column])
            if let subject = try row["subject"] as Data? {
                return Entry(id: id, item: .erased(try SubjectKey(column: subject)))
            }
            return Entry(id: id, item: .record(lane: try row["lane_key"], sequence: try row.count("sequence")))
        }
    }

    /// Nobody has any of them: the only taker begins anew.
    static func giveAllBack(_ db: any FleetSession) throws {
        try db.execute("UPDATE event_queue SET taken_until = 0 WHERE taken_until > 0")
    }

    static func remove(_ entries: [UUID], _ db: any FleetSession) throws {
        for entry in entries { try db.execute("DELETE FROM event_queue WHERE id = ?", [entry.column]) }
    }

    /// What could not be handed on may be taken again at once.
    static func giveBack(_ entries: [UUID], _ db: any FleetSession) throws {
        for entry in entries { try db.execute("UPDATE event_queue SET taken_until = 0 WHERE id = ?", [entry.column]) }
    }
}
