public import EdgeCore
import FoundationEssentials
import GRDB
import Logging

extension EdgeStore: PersonRepository {
    /// People of `client`, or of all tenants, by external id; at most `limit`, from `offset`.
    ///
    /// External ids are sealed, so all of them are opened to be put in order.
    public func people(
        of client: ClientID?, limit: Int, offset: Int
    ) async throws(EdgeError) -> [PersonRecord] {
        let all = try await read { [sealer] db in
            let condition = client == nil ? "" : "WHERE client_id = ?"
            return try Row.fetchAll(
                db, sql: "\(Self.personQuery) \(condition)",
                arguments: client.map { [$0.column] } ?? []
            ).map { try PersonRecord($0, sealer) }
        }
        return Array(
            all.sorted { ($0.externalID, $0.id.place) < ($1.externalID, $1.id.place) }
                .dropFirst(max(offset, 0)).prefix(max(limit, 0)))
    }

    /// One person by external id.
    public func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        let digest = try Data(digest(ofExternalID: externalID, client: client))
        return try await read { [sealer] db in
            try Row.fetchOne(
                db, sql: "\(Self.personQuery) WHERE client_id = ? AND external_id_digest = ?",
                arguments: [client.column, digest]
            ).map { try PersonRecord($0, sealer) }
        }
    }

    /// Removes a person and writes the audit line, which names nobody.
    ///
    /// Gone are the key and with it all that was sealed under it, the templates, the lock-out, and the personal data of
    /// the person's sessions. Sessions still open for this user are cancelled, so that none of them brings the person
    /// back. Throws `person.unknown`.
    public func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID {
        let digest = try Data(digest(ofExternalID: externalID, client: client))
        let id = try await write { [self] db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "DELETE FROM people WHERE client_id = ? AND external_id_digest = ? RETURNING id",
                    arguments: [client.column, digest])
            else { throw EdgeError(.personUnknown) }
            let id: PersonID = try row.id("id")
            try db.execute(
                sql: "DELETE FROM lockouts WHERE client_id = ? AND external_id_digest = ?",
                arguments: [client.column, digest])
            try forgetSessions(of: id, digest: digest, client: client, db)
            try audit(
                AuditRecord(action: "person.removed", client: client, person: id, succeeded: true, at: clock.wall), db)
            return id
        }
        do throws(EdgeError) {
            // The old pages still stand in the log until it is emptied.
            try await withoutTransaction { try DatabaseFile.emptyLog($0) }
        } catch {
            // The person is removed all the same; the next start empties the log.
            log.error("write-ahead log not emptied after a removal", metadata: ["code": "\(error.code.rawValue)"])
        }
        return id
    }

    private func forgetSessions(of person: PersonID, digest: Data, client: ClientID, _ db: Database) throws {
        let moment = clock.wall
        let open = try Row.fetchAll(
            db,
            sql: """
                UPDATE sessions SET state = 'cancelled', reason = ?, completed_at = ?
                WHERE client_id = ? AND claimed_digest = ? AND state IN ('pending', 'active', 'processing') RETURNING id
                """, arguments: [Reason.cancelled.rawValue, moment.column, client.column, digest])
        for row in open {
            try audit(
                AuditRecord(cancelled: row.id("id"), of: client, cause: "person_removed", at: moment), db)
        }
        try db.execute(
            sql: """
                UPDATE sessions SET claimed_digest = NULL, subject_key = NULL, personal = NULL
                WHERE client_id = ? AND (claimed_digest = ? OR person_id = ?)
                """, arguments: [client.column, digest, person.column])
    }

    /// How many people are enrolled, all tenants.
    public func peopleCount() async throws(EdgeError) -> Int {
        try await read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM people") ?? 0 }
    }

    /// `nil` when the person was removed.
    func matchedPerson(_ id: PersonID, of client: ClientID, _ db: Database) throws -> MatchedPerson? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM people WHERE id = ? AND client_id = ?", arguments: [id.column, client.column]
        ).map { row in
            let owner = try PersonOwner(row, sealer)
            return MatchedPerson(
                id: id, externalID: owner.personal.externalID, displayName: owner.personal.displayName)
        }
    }

    private static let personQuery = """
        SELECT *, (SELECT count(*) FROM templates WHERE person_key = people.key) AS template_count FROM people
        """
}

extension PersonRecord {
    init(_ row: Row, _ sealer: any Sealer) throws {
        let owner = try PersonOwner(row, sealer)
        self.init(
            id: owner.id, client: owner.client, externalID: owner.personal.externalID,
            displayName: owner.personal.displayName, templateCount: row["template_count"],
            enrolledAt: row.date("enrolled_at"), lastSeenAt: row.optionalDate("last_seen_at"))
    }
}
