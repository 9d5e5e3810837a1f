public import EdgeCore
public import FoundationEssentials
import GRDB

extension EdgeStore: SessionRepository {
    /// Records a new session with its audit line; the token only as a keyed digest.
    public func begin(_ session: SessionSnapshot) async throws(EdgeError) {
        guard let token = session.token else { throw EdgeError(.internalFault, "A session begins with its token.") }
        let tokenDigest = try digest(of: token)
        let claimed = try session.externalUserID.map { text throws(EdgeError) in
            try digest(ofExternalID: text, client: session.client)
        }
        let key = try sealer.makeSubjectKey()
        let personal = try sealer.seal(
            SessionPersonalData(session).bytes, subjectKey: key,
            context: SealPlace.session(session.id, of: session.client))
        do throws(EdgeError) {
            try await requireConsent(for: session)
            try await write { [self] db in
                try requireLease(for: session.kind, db)
                // The keys may have been exchanged since this was sealed.
                let row = SessionRow(
                    session: session, tokenDigest: tokenDigest, claimedDigest: claimed,
                    subjectKey: try sealer.rewrap(key), personal: personal)
                try row.insert(db)
                try audit(AuditRecord(opened: session), db)
                try enrollmentBegan(session, claimed: claimed, db)
                try keepConsent(of: session, under: row.subjectKey, db)
                try emit(.sessionOpened(session), of: session.client, at: session.createdAt, db)
            }
        } catch {
            guard Self.refusals.contains(error.code) else { throw error }
            try await append(
                AuditRecord(
                    action: "session.refused", client: session.client, succeeded: false, reason: error.code.rawValue,
                    at: session.createdAt))
            throw error
        }
    }

    /// Why a session does not begin, worth a line of the audit trail.
    private static let refusals: Set<ErrorCode> = [.personUnknown, .quotaReached, .leaseExpired, .consentRenewalNeeded]

    /// One page of a tenant's sessions as last recorded, newest first.
    public func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot> {
        var condition = "client_id = ?"
        var arguments: StatementArguments = [client.column]
        func narrow(_ column: StaticString, to words: [String]?) {
            guard let words else { return }
            condition += " AND \(column) IN (\(databaseQuestionMarks(count: words.count)))"
            arguments += StatementArguments(words)
        }
        narrow("state", to: filter.states?.map(\.rawValue).sorted())
        narrow("kind", to: filter.kinds?.map(\.rawValue).sorted())
        return try await read { [self, condition, arguments] db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM sessions WHERE \(condition)", arguments: arguments)
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM sessions WHERE \(condition) ORDER BY key DESC LIMIT ? OFFSET ?",
                arguments: arguments + [PageRequest.size, page.offset])
            return PageOf(total: total ?? 0, items: try rows.map { try snapshot($0, db) })
        }
    }

    /// A session as last recorded; `nil` when this tenant has none like it.
    public func session(
        _ lookup: SessionLookup, of client: ClientID
    ) async throws(EdgeError) -> SessionSnapshot? {
        let condition: String
        let value: Data
        switch lookup {
        case .token(let token): (condition, value) = ("token_digest", try Data(digest(of: token)))
        case .id(let id): (condition, value) = ("id", id.column)
        }
        return try await read { [self] db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM sessions WHERE \(condition) = ? AND client_id = ?",
                arguments: [value, client.column])
            return try row.map { try snapshot($0, db) }
        }
    }

    /// The tenant of the session that a token names; `nil` when there is none.
    public func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID? {
        let digest = try Data(digest(of: token))
        return try await read { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT client_id FROM sessions WHERE token_digest = ?", arguments: [digest])
            return try row.map { try $0.id("client_id") }
        }
    }

    /// Ends all sessions that a restart left open, as `cancelled`; returns how many.
    public func cancelOpenSessions(at moment: Date) async throws(EdgeError) -> Int {
        try await write { [self] db in
            let open = try Row.fetchAll(
                db,
                sql: "SELECT id, client_id, kind FROM sessions WHERE state IN ('pending', 'active', 'processing')")
            try db.execute(
                sql: """
                    UPDATE sessions SET state = 'cancelled', reason = ?, completed_at = ?, cause = ?
                    WHERE state IN ('pending', 'active', 'processing')
                    """,
                arguments: [Reason.cancelled.rawValue, moment.column, FailureCause.systemError.rawValue])
            try db.execute(
                sql: "UPDATE enrollments SET status = 'cancelled', updated_at = ? WHERE status = 'pending'",
                arguments: [moment.column])
            for row in open {
                try noteCutOff(row, of: row.id("client_id"), cause: "restart", at: moment, db)
            }
            return open.count
        }
    }

    /// Tells the trail and the webhooks of a session that something else than its own course ended.
    func noteCutOff(
        _ row: Row, of client: ClientID, cause: StaticString, at moment: Date, _ db: Database
    ) throws {
        let id: SessionID = try row.id("id")
        try audit(AuditRecord(cancelled: id, of: client, cause: cause, at: moment), db)
        try emit(.sessionCutOff(id, row.word("kind")), of: client, at: moment, db)
    }

    /// Until when verification of this claimed user is locked; `nil` when it is not.
    public func lockedUntil(externalUserID: String, of client: ClientID) async throws(EdgeError) -> Date? {
        let digest = try Data(digest(ofExternalID: externalUserID, client: client))
        return try await read { [self] db in try lockedUntil(digest: digest, client: client, db) }
    }

    /// The same inside a transaction.
    func lockedUntil(digest: Data, client: ClientID, _ db: Database) throws -> Date? {
        let now = clock.wall
        let row = try Row.fetchOne(
            db, sql: "SELECT locked_until FROM lockouts WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        guard let until = row?.optionalDate("locked_until"), until > now else { return nil }
        // A clock that was set back must not lock anybody for longer than the policy ever does.
        return min(until, now.advanced(by: options.lockout.maximum))
    }

    func digest(of token: SessionToken) throws(EdgeError) -> [UInt8] {
        try secrets.digest(token.rawValue, purpose: "session.token")
    }

    /// The same external id has unlike digests at two tenants.
    func digest(ofExternalID text: String, client: ClientID) throws(EdgeError) -> [UInt8] {
        try secrets.externalIDDigest(text, of: client)
    }

    func snapshot(_ row: Row, _ db: Database) throws -> SessionSnapshot {
        let id: SessionID = try row.id("id")
        let client: ClientID = try row.id("client_id")
        var personal: SessionPersonalData?
        // Both are gone once the person was removed; what does not open is as good as gone.
        if let key = row["subject_key"] as Data?, let sealed = row["personal"] as Data? {
            personal = try whatOpens {
                try SessionPersonalData(
                    sealer.open(Array(sealed), subjectKey: Array(key), context: SealPlace.session(id, of: client)))
            }
        }
        var session = try SessionSnapshot(row, id: id, client: client, personal: personal)
        if let person: PersonID = try row.optionalID("person_id") {
            session.matchedPerson = try matchedPerson(person, of: client, db)
        }
        return session
    }
}
