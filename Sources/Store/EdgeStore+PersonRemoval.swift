public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import Synchronization

/// The one place where people are removed.
extension EdgeStore {
    /// Removes a person and writes the audit line, which names nobody.
    ///
    /// Gone are the key and with it all that was sealed under it, the templates, the pictures, the enrollments, the
    /// lock-out, and the personal data of the person's sessions. Sessions still open for this user are cancelled, so
    /// that none of them brings the person back. Throws `person.unknown`.
    public func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID {
        let digest = try Data(digest(ofExternalID: externalID, client: client))
        let moment = clock.wall
        let (id, _) = try await write(.urgent) { [self] db in
            try remove("external_id_digest", digest, of: client, cause: .request, requestedAt: moment, db)
        }
        await emptyLog()
        return id
    }

    /// The same by our id.
    public func removePerson(_ id: PersonID, of client: ClientID) async throws(EdgeError) {
        _ = try await erase(id, of: client, cause: .request, requestedAt: clock.wall)
    }

    /// The same for a cause, with its receipt.
    func erase(
        _ id: PersonID, of client: ClientID, cause: ErasureCause, requestedAt moment: Date
    ) async throws(EdgeError) -> ErasureRecord {
        let (_, record) = try await write(.urgent) { [self] db in
            try remove("id", id.column, of: client, cause: cause, requestedAt: moment, db)
        }
        await emptyLog()
        return record
    }

    /// Has `body` called each time that something personal was removed: what this process still holds of it should go too.
    public func whenForgotten(_ body: @escaping @Sendable () -> Void) {
        forgettingListener.withLock { $0 = body }
    }

    /// Erases what was deleted from the write-ahead log too, where its old pages stand until then.
    func emptyLog() async {
        defer { forgettingListener.withLock { $0 }?() }
        do throws(EdgeError) {
            try await withoutTransaction { try DatabaseFile.emptyLog($0) }
        } catch {
            // It is removed all the same; the next start empties the log.
            log.error("write-ahead log not emptied after a removal", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// Inside a transaction; the log is the caller's to empty.
    func remove(
        _ column: StaticString, _ value: Data, of client: ClientID, cause: ErasureCause, requestedAt: Date,
        _ db: Database
    ) throws -> (id: PersonID, record: ErasureRecord) {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM people WHERE client_id = ? AND \(column) = ?",
            arguments: [client.column, value])
        guard let row else { throw EdgeError(.personUnknown) }
        let id: PersonID = try row.id("id")
        // What central ordered it knows; it is told that it was done.
        let isOrdered = cause == .central
        let told = isOrdered ? nil : try stampErasure(of: row, cause: cause.rawValue, db)
        let destroyed = try destroy(row, db)
        if isOrdered {
            try forgetWaiting(of: id, db)
        } else {
            try enqueueErasure(of: id, client: client, cause: cause.rawValue, told, db)
        }
        let facts = ErasureFacts(
            client: client, person: id, cause: cause, requestedAt: requestedAt, destroyed: destroyed)
        let record = try recordErasure(facts, action: "person.removed", db)
        if !isOrdered { try emit(.personRemoved(id), of: client, at: clock.wall, db) }
        return (id, record)
    }

    /// Destroys what is here of a person, without a word to anybody; returns how much that was.
    func destroy(_ row: Row, _ db: Database) throws -> ErasureCounts {
        let id: PersonID = try row.id("id")
        let client: ClientID = try row.id("client_id")
        let digest: Data = row["external_id_digest"]
        var destroyed = try ErasureCounts(ofPerson: row["key"], db)
        try db.execute(sql: "DELETE FROM people WHERE id = ?", arguments: [id.column])
        try db.execute(
            sql: "DELETE FROM lockouts WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        try forgetSecurityFacts(of: id, digest: digest, client: client, db)
        destroyed.sessions = try forgetSessions(of: id, digest: digest, client: client, db)
        try forgetEnrollments(of: id, digest: digest, client: client, db)
        destroyed.enrollments = db.changesCount
        try forgetEvents(of: id, digest: digest, client: client, db)
        destroyed.events = db.changesCount
        try forgetAnswers(about: digest, of: client, db)
        return destroyed
    }

    /// Returns how many said something about the person.
    private func forgetSessions(
        of person: PersonID, digest: Data, client: ClientID, _ db: Database
    ) throws -> Int {
        try cancelSessions(
            claiming: digest, of: client, kinds: Set(SessionKind.allCases), cause: "person_removed", db)
        try db.execute(
            sql: """
                UPDATE sessions SET claimed_digest = NULL, subject_key = NULL, personal = NULL, ip_address = NULL,
                    user_agent = NULL
                WHERE client_id = ? AND (claimed_digest = ? OR person_id = ?)
                """, arguments: [client.column, digest, person.column])
        return db.changesCount
    }

    /// Ends the open sessions for a claimed user, so that none of them comes to a decision.
    func cancelSessions(
        claiming digest: Data, of client: ClientID, kinds: Set<SessionKind>, cause: StaticString, _ db: Database
    ) throws {
        let moment = clock.wall
        let words = kinds.map(\.rawValue).sorted()
        let open = try Row.fetchAll(
            db,
            sql: """
                UPDATE sessions SET state = 'cancelled', reason = ?, completed_at = ?
                WHERE client_id = ? AND claimed_digest = ? AND state IN ('pending', 'active', 'processing')
                    AND kind IN (\(databaseQuestionMarks(count: words.count))) RETURNING id, kind
                """,
            arguments: [Reason.cancelled.rawValue, moment.column, client.column, digest] + StatementArguments(words))
        for row in open { try noteCutOff(row, of: client, cause: cause, at: moment, db) }
        guard kinds.contains(.enrollment) else { return }
        try db.execute(
            sql: """
                UPDATE enrollments SET status = 'cancelled', updated_at = ?
                WHERE client_id = ? AND claimed_digest = ? AND status = 'pending'
                """, arguments: [moment.column, client.column, digest])
    }
}

extension ErasureCounts {
    /// What goes with the row of a person by itself.
    fileprivate init(ofPerson key: Int64, _ db: Database) throws {
        func count(_ table: StaticString) throws -> Int {
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE person_key = ?", arguments: [key]) ?? 0
        }
        self.init(
            people: 1, templates: try count("templates"), crops: try count("crops"),
            pictures: try count("person_images"), consents: try count("consents"))
    }
}
