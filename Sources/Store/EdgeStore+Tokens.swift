public import EdgeCore
import FoundationEssentials
import GRDB
import Synchronization

extension EdgeStore: TokenRepository {
    /// How many families one client may have; beyond that the oldest ones cannot be refreshed any more.
    static let familiesOfClient = 1000

    /// Begins a family and writes the audit line of the log-in.
    public func beginFamily(_ family: TokenFamily, refreshID: String) async throws(EdgeError) {
        let digest = try Data(digest(ofRefreshID: refreshID))
        try await write { [self] db in
            let now = clock.wall
            try forgetEndedFamilies(at: now, db)
            try db.cachedStatement(
                sql: """
                    INSERT INTO token_families (id, client_id, current_digest, created_at, expires_at)
                    VALUES (?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                family.id.column, family.client?.column, digest, now.column, family.expiresAt.column,
            ])
            // A family that was ended stays until its last token has expired, so that this cannot revive one.
            try db.cachedStatement(
                sql: """
                    DELETE FROM token_families WHERE client_id = ? AND revoked_at IS NULL AND key <= (
                        SELECT key FROM token_families WHERE client_id = ? ORDER BY key DESC LIMIT 1 OFFSET ?)
                    """
            ).execute(arguments: [family.client?.column, family.client?.column, Self.familiesOfClient])
            try audit(
                AuditRecord(action: "client.authenticated", client: family.client, succeeded: true, at: now), db)
            if let client = family.client { try Self.recordActivity(of: client, at: now, db) }
        }
    }

    /// Puts the refresh token `next` in place of `present`; of several at once exactly one wins.
    ///
    /// Throws `credentials.revoked`; a token that was used before ends its family.
    public func rotate(
        _ family: TokenFamily, from present: String, to next: String
    ) async throws(EdgeError) {
        let presented = try digest(ofRefreshID: present)
        let replacement = try Data(digest(ofRefreshID: next))
        let isRotated = try await write { [self] db -> Bool in
            let now = clock.wall
            guard let current = try currentDigest(of: family.id, db) else { return false }
            guard secrets.equal(current, presented) else {
                try endFamily(family, action: "token.reused", succeeded: false, at: now, db)
                try noteSecurityEvent(
                    type: .unusualActivity, severity: .high, client: family.client,
                    details: #"{"cause":"refresh_token_reused"}"#, db)
                return false
            }
            try db.cachedStatement(
                sql: "UPDATE token_families SET current_digest = ?, expires_at = ? WHERE id = ?"
            ).execute(arguments: [replacement, family.expiresAt.column, family.id.column])
            try audit(AuditRecord(action: "token.refreshed", client: family.client, succeeded: true, at: now), db)
            return true
        }
        guard isRotated else { throw EdgeError(.credentialsRevoked) }
    }

    /// Whether this refresh token is the one that is good now.
    public func isCurrent(_ family: TokenFamilyID, refreshID: String) async throws(EdgeError) -> Bool {
        let presented = try digest(ofRefreshID: refreshID)
        let current = try await read { [self] db in try currentDigest(of: family, db) }
        return current.map { secrets.equal($0, presented) } ?? false
    }

    /// Ends a family and writes the audit line; does nothing to one that has ended.
    public func revokeFamily(_ family: TokenFamily) async throws(EdgeError) {
        guard try await !isRevoked(family.id) else { return }
        try await write { [self] db in
            let isEnded = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM token_families WHERE id = ? AND revoked_at IS NOT NULL",
                arguments: [family.id.column])
            guard isEnded == nil else { return }
            try endFamily(family, action: "token.revoked", succeeded: true, at: clock.wall, db)
        }
    }

    /// Whether a family was ended; answered from memory.
    public func isRevoked(_ family: TokenFamilyID) async throws(EdgeError) -> Bool {
        revokedFamilies.withLock { $0.contains(family) }
    }

    /// Reads which families were ended; called once, when the file is opened.
    func loadRevokedFamilies() async throws(EdgeError) {
        let ended = try await read { db in
            try Data.fetchAll(db, sql: "SELECT id FROM token_families WHERE revoked_at IS NOT NULL")
                .map { try TokenFamilyID(column: $0) }
        }
        revokedFamilies.withLock { $0 = Set(ended) }
    }

    /// `nil` for a family that has ended or is not known.
    private func currentDigest(of family: TokenFamilyID, _ db: Database) throws -> [UInt8]? {
        let row = try Row.fetchOne(
            db, sql: "SELECT current_digest FROM token_families WHERE id = ? AND revoked_at IS NULL",
            arguments: [family.column])
        return row?.bytes("current_digest")
    }

    /// A family without a row gets one: its access tokens may still be about.
    private func endFamily(
        _ family: TokenFamily, action: String, succeeded: Bool, at moment: Date, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO token_families (id, client_id, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET revoked_at = excluded.revoked_at
                """,
            arguments: [
                family.id.column, family.client?.column, moment.column, family.expiresAt.column, moment.column,
            ])
        try audit(
            AuditRecord(
                action: action, client: family.client, succeeded: succeeded,
                reason: succeeded ? nil : ErrorCode.credentialsRevoked.rawValue, at: moment), db)
        onCommit { [self] in revokedFamilies.withLock { _ = $0.insert(family.id) } }
    }

    private func forgetEndedFamilies(at now: Date, _ db: Database) throws {
        let ended = try Data.fetchAll(
            db, sql: "DELETE FROM token_families WHERE expires_at < ? RETURNING id", arguments: [now.column]
        ).map { try TokenFamilyID(column: $0) }
        guard !ended.isEmpty else { return }
        onCommit { [self] in revokedFamilies.withLock { $0.subtract(ended) } }
    }

    private func digest(ofRefreshID id: String) throws(EdgeError) -> [UInt8] {
        try secrets.digest(id, purpose: "token.refresh")
    }
}
