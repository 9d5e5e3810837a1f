public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import Synchronization

/// What is removed because its time is over, a slice in a transaction so that a door hardly waits.
extension EdgeStore {
    private static let rowsAtOnce = 200
    private static let peopleAtOnce = 20

    /// Has `body` called with each person whom the store erases by itself, so that nobody is recognised who is gone.
    public func whenErased(_ body: @escaping @Sendable (PersonID) async -> Void) {
        erasureListener.withLock { $0 = body }
    }

    /// Removes sessions, calls, security events, events and kept answers whose time is over.
    ///
    /// While the clock is suspect nothing is: it would be a guess.
    func dropOldRecords() async throws(EdgeError) {
        guard try await clockQuality() != .suspect else { return }
        let policy = options.retention
        var dropped = try await dropOldSessions(before: limit(policy.sessions))
        dropped += try await dropRows(of: "usage", "at", before: limit(policy.usage))
        dropped += try await dropRows(of: "security_events", "created_at", before: limit(policy.securityEvents))
        dropped += try await dropRows(of: "kept_answers", "created_at", before: limit(Self.answersKept))
        let moment = clock.wall
        try await write { [self] db in try dropOldEvents(at: moment, db) }
        if dropped > 0 { await emptyLog() }
    }

    /// Erases the people whom nobody has seen for as long as people are kept, each with a receipt.
    ///
    /// Only by a clock that a time server sets: one that jumped ahead would erase everybody.
    func eraseUnseenPeople() async throws(EdgeError) {
        guard let kept = options.retention.peopleUnseen else { return reportWaiting(false) }
        guard try await clockQuality() == .synchronized else {
            return reportWaiting(try await !unseenPeople(since: limit(kept), atMost: 1).isEmpty)
        }
        reportWaiting(false)
        var erased = 0
        while true {
            let due = try await eraseSomeUnseenPeople(since: limit(kept), kept)
            if due.isEmpty { break }
            erased += due.count
            await emptyLog()
            let listener = erasureListener.withLock { $0 }
            for person in due { await listener?(person) }
        }
        if erased > 0 { log.notice("people erased whom nobody has seen", metadata: ["people": "\(erased)"]) }
    }

    private func limit(_ kept: Duration) -> Date { clock.wall.advanced(by: .zero - kept) }

    private func clockQuality() async throws(EdgeError) -> ClockQuality {
        try await write { [self] db in try clockReading(db).quality }
    }

    private func reportWaiting(_ isWaiting: Bool) {
        guard isWaiting else { return health.clear("retention.waits") }
        health.raise(
            "retention.waits", title: "People are due for erasure, and no time server sets the clock.",
            severity: .warning, remedy: "Let a time server set the clock, or erase them with edged people erase.")
    }

    /// People nobody has seen since, with the moment at which they were last seen; who enrolls just now is left out.
    ///
    /// So is whom central told of: the person may be seen at another door every day, and it is central's to keep them.
    private func unseenPeople(since limit: Date, atMost count: Int) async throws(EdgeError) -> [UnseenPerson] {
        try await read { db in try UnseenPerson.find(since: limit, atMost: count, db) }
    }

    private func eraseSomeUnseenPeople(since limit: Date, _ kept: Duration) async throws(EdgeError) -> [PersonID] {
        try await write(.urgent) { [self] db in
            let due = try UnseenPerson.find(since: limit, atMost: Self.peopleAtOnce, db)
            for person in due {
                _ = try remove(
                    "id", person.id.column, of: person.client, cause: .retention,
                    requestedAt: person.seenAt.advanced(by: kept), db)
            }
            return due.map(\.id)
        }
    }

    /// The enrollment of a session that came to nothing goes with it; one that made templates keeps its session, whose key
    /// seals what the client said about it.
    private func dropOldSessions(before limit: Date) async throws(EdgeError) -> Int {
        var dropped = 0
        var from = Int64.min
        while true {
            let (last, count) = try await write { [from] db -> (Int64?, Int) in
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT key, id, completed_at FROM sessions
                        WHERE completed_at >= ? AND completed_at < ? AND state NOT IN ('pending', 'active', 'processing')
                            AND NOT EXISTS (SELECT 1 FROM enrollments e WHERE e.session_id = sessions.id
                                AND e.status IN ('pending', 'active', 'inactive', 'completed'))
                        ORDER BY completed_at LIMIT ?
                        """, arguments: [from, limit.column, Self.rowsAtOnce])
                for row in rows {
                    try db.execute(
                        sql: "DELETE FROM enrollments WHERE session_id = ?", arguments: [row["id"] as Data])
                    try db.execute(sql: "DELETE FROM sessions WHERE key = ?", arguments: [row["key"] as Int64])
                }
                return (rows.last?["completed_at"], rows.count)
            }
            dropped += count
            guard let last, count == Self.rowsAtOnce else { return dropped }
            from = last
        }
    }

    private func dropRows(
        of table: StaticString, _ column: StaticString, before limit: Date
    ) async throws(EdgeError) -> Int {
        var dropped = 0
        while true {
            let count = try await write { db in
                try db.execute(
                    sql: """
                        DELETE FROM \(table) WHERE key IN (
                            SELECT key FROM \(table) WHERE \(column) < ? ORDER BY \(column) LIMIT ?)
                        """, arguments: [limit.column, Self.rowsAtOnce])
                return db.changesCount
            }
            dropped += count
            guard count == Self.rowsAtOnce else { return dropped }
        }
    }
}

/// Somebody whom nobody has seen for long.
private struct UnseenPerson: Sendable {
    let id: PersonID
    let client: ClientID
    let seenAt: Date

    static func find(since limit: Date, atMost count: Int, _ db: Database) throws -> [UnseenPerson] {
        let seen = "max(coalesce(last_seen_at, 0), coalesce(enrolled_at, 0), created_at)"
        return try Row.fetchAll(
            db,
            sql: """
                SELECT id, client_id, \(seen) AS seen_at FROM people
                WHERE \(seen) < ?
                    AND NOT EXISTS (
                        SELECT 1 FROM fleet_replicas r WHERE r.person_row = people.key AND r.told IS NOT NULL)
                    AND NOT EXISTS (
                    SELECT 1 FROM sessions s WHERE s.claimed_digest = people.external_id_digest
                        AND s.client_id = people.client_id AND s.state IN ('pending', 'active', 'processing'))
                LIMIT ?
                """, arguments: [limit.column, count]
        ).map { row in
            try UnseenPerson(id: row.id("id"), client: row.id("client_id"), seenAt: row.date("seen_at"))
        }
    }
}
