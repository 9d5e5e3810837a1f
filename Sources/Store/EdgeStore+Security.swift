import EdgeCore
import FoundationEssentials
import GRDB

/// Security events that the device notes by itself.
extension EdgeStore {
    /// Notes a security event in the caller's transaction.
    ///
    /// `details` is a JSON object as text, without secrets, names or templates. Address and program of the caller
    /// come from the request that this transaction serves.
    func noteSecurityEvent(
        type: SecurityEventType, severity: SecuritySeverity, client: ClientID?, person: PersonID? = nil,
        session: SessionID? = nil, details: String = "{}", _ db: Database
    ) throws {
        let event = SecurityEventRecord(
            type: type, severity: severity, client: client, person: person, session: session, detailsJSON: details,
            createdAt: clock.wall)
        try insert(event, sealed: nil, db)
    }

    /// Notes what a session's end says about security.
    func noteSecurity(of outcome: SessionOutcome, person: PersonID?, at moment: Date, _ db: Database) throws {
        let session = outcome.session
        let lock = try lock(by: outcome, db)
        guard let (type, severity) = Self.meaning(of: session.cause, isLocked: lock != nil) else { return }
        var facts = [#""kind":"\#(session.kind.rawValue)""#]
        if let cause = session.cause { facts.insert(#""cause":"\#(cause.rawValue)""#, at: 0) }
        if let lock { facts.append(#""locked_until":"\#(lock.until.formatted(.iso8601))","misses":\#(lock.misses)"#) }
        let event = SecurityEventRecord(
            type: type, severity: severity, client: session.client, person: try person ?? claimed(by: session, db),
            session: session.id, detailsJSON: "{\(facts.joined(separator: ","))}", createdAt: moment)
        try insert(event, sealed: nil, db)
    }

    /// Takes a removed person out of the security events, and where the person's sessions came from.
    ///
    /// Call it while the sessions still know whom they claimed.
    func forgetSecurityFacts(of person: PersonID, digest: Data, client: ClientID, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE security_events SET person_id = NULL, ip_address = NULL, user_agent = NULL
                WHERE client_id = ?1 AND (person_id = ?2 OR session_id IN (
                    SELECT id FROM sessions WHERE client_id = ?1 AND (claimed_digest = ?3 OR person_id = ?2)))
                """, arguments: [client.column, person.column, digest])
    }

    /// What it means that a session ended like this; `nil` where it means nothing for security.
    private static func meaning(
        of cause: FailureCause?, isLocked: Bool
    ) -> (type: SecurityEventType, severity: SecuritySeverity)? {
        switch cause {
        case .spoofing: (.spoofingAttempt, .high)
        case .livenessFailed: (.livenessCheckFailed, isLocked ? .high : .medium)
        case .duplicate: (.unusualActivity, .medium)
        case .lockedOut: (.failedAuthentication, .medium)
        case .noMatch: (.failedAuthentication, isLocked ? .high : .low)
        case .multipleFaces: (.multipleFaces, isLocked ? .high : .low)
        case .obstacles: (.obstacleDetected, isLocked ? .high : .low)
        case .systemError: (.systemError, .medium)
        case .quality, .noFace, .timeout, nil: isLocked ? (.failedAuthentication, .high) : nil
        }
    }

    /// The lock that this outcome led to; `nil` when it led to none.
    private func lock(by outcome: SessionOutcome, _ db: Database) throws -> (until: Date, misses: Int)? {
        let session = outcome.session
        guard outcome.lockout == .miss, let user = session.externalUserID else { return nil }
        let digest = try Data(digest(ofExternalID: user, client: session.client))
        guard let until = try lockedUntil(digest: digest, client: session.client, db) else { return nil }
        let misses = try Int.fetchOne(
            db, sql: "SELECT misses FROM lockouts WHERE client_id = ? AND external_id_digest = ?",
            arguments: [session.client.column, digest])
        return (until, misses ?? 0)
    }

    private func claimed(by session: SessionSnapshot, _ db: Database) throws -> PersonID? {
        guard let user = session.externalUserID else { return nil }
        let digest = try Data(digest(ofExternalID: user, client: session.client))
        return try Row.fetchOne(
            db, sql: "SELECT id FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [session.client.column, digest]
        ).map { try $0.id("id") }
    }
}
