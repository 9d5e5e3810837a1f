public import EdgeCore
import FoundationEssentials
import GRDB
import Synchronization

extension EdgeStore {
    /// Changes a client in one transaction with its audit line.
    ///
    /// All tokens end when the change takes the client's right away or gives it another scope. Throws `client.unknown`,
    /// `client.exists`, `client.elsewhere`, `request.invalid`, and what `change` throws.
    public func updateClient(
        _ id: ClientID, _ change: @escaping @Sendable (inout ClientRecord) throws(EdgeError) -> Void
    ) async throws(EdgeError) -> ClientRecord {
        try await write { [self] db in
            let known = try knownClient(id, db)
            let old = known.record
            var new = old
            try change(&new)
            // What identifies a client is not a caller's to change.
            (new.id, new.publicID, new.createdAt) = (old.id, old.publicID, old.createdAt)
            (new.tokenEpoch, new.updatedAt) = (old.tokenEpoch, clock.wall)
            if new.scope != old.scope || (old.isActive && !new.isActive) { new.tokenEpoch += 1 }
            try Self.check(name: new.name)
            if new.name != old.name { try requireFreeName(new.name, besides: id, db) }
            let travels = new.differsInTravel(from: old)
            if travels { try requireHome(of: known, db) }
            try save(new, subjectKey: known.subjectKey, db)
            try audit(AuditRecord(changed: old, into: new), db)
            if travels { try tellClient(id, db) }
            return try remember(id, db)
        }
    }

    /// Makes secrets anew and writes the audit line; all tokens end at once with a new key or secret.
    ///
    /// Throws `client.unknown`, `client.elsewhere`.
    public func resetSecrets(
        _ wanted: Set<ClientSecret>, of id: ClientID
    ) async throws(EdgeError) -> [ClientSecret: Redacted<String>] {
        guard !wanted.isEmpty else { return [:] }
        let made = try freshSecrets(wanted)
        let stored = try stored(made)
        let endsTokens = wanted.contains(.apiKey) || wanted.contains(.apiSecret)
        try await write { [self] db in
            let known = try knownClient(id, db)
            if endsTokens { try requireHome(of: known, db) }
            for (secret, digest) in stored.digests {
                try db.execute(
                    sql: "UPDATE clients SET \(secret.column) = ?, updated_at = ? WHERE id = ?",
                    arguments: [digest, clock.wall.column, id.column])
            }
            if endsTokens {
                try keep(known.verifiers?.replaced(by: stored.verifiers) ?? stored.verifiers, of: known, db)
                try db.execute(
                    sql: "UPDATE clients SET token_epoch = token_epoch + 1 WHERE id = ?", arguments: [id.column])
            }
            let names = wanted.map { "\"\($0.rawValue)\"" }.sorted().joined(separator: ",")
            try audit(
                AuditRecord(
                    action: "client.credentials_reset", client: id, succeeded: true,
                    detailsJSON: #"{"reset":[\#(names)]}"#, at: clock.wall), db)
            try emit(
                .credentialsReset(
                    apiKey: wanted.contains(.apiKey), apiSecret: wanted.contains(.apiSecret),
                    webhookSecret: wanted.contains(.webhookSecret)), of: id, at: clock.wall, db)
            if endsTokens { try tellClient(id, db) }
            _ = try remember(id, db)
        }
        return made
    }

    /// Removes a client with all that is its own, in one transaction; audit lines stay.
    ///
    /// Whatever a table keeps for a tenant goes, also what later versions add: every table with a `client_id` is emptied of
    /// it. Throws `client.unknown`, `client.elsewhere`.
    public func deleteClient(_ id: ClientID) async throws(EdgeError) {
        let moment = clock.wall
        try await write(.urgent) { [self] db in
            try requireHome(of: knownClient(id, db), db)
            let destroyed = try ErasureCounts(ofClient: id, db)
            try eraseInFleet(client: id, db)
            try removeRows(of: id, db)
            try enqueueErasure(ofClient: id, people: destroyed.people, db)
            let facts = ErasureFacts(
                client: id, person: nil, cause: .clientRemoved, requestedAt: moment, destroyed: destroyed)
            _ = try recordErasure(facts, action: "client.deleted", db)
        }
        await emptyLog()
    }

    /// Takes everything of a client out of every table that has it.
    func removeRows(of id: ClientID, _ db: Database) throws {
        // Rows point at each other; whether all is well is checked at the commit.
        try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
        for table in try Self.tablesOfTenants(db) {
            try db.execute(sql: "DELETE FROM \(table) WHERE client_id = ?", arguments: [id.column])
        }
        try db.execute(sql: "DELETE FROM clients WHERE id = ?", arguments: [id.column])
        onCommit { [self] in clientCache.withLock { $0?.remove(id) } }
    }

    /// How many users a client has.
    public func userCounts(of client: ClientID) async throws(EdgeError) -> UserCounts {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS users, coalesce(sum(is_enrolled), 0) AS enrolled,
                        coalesce(sum(is_enrolled AND is_active), 0) AS active
                    FROM (SELECT is_active, EXISTS (SELECT 1 FROM templates WHERE person_key = people.key) AS is_enrolled
                        FROM people WHERE client_id = ?)
                    """, arguments: [client.column])
            return UserCounts(users: row?["users"] ?? 0, enrolled: row?["enrolled"] ?? 0, active: row?["active"] ?? 0)
        }
    }

    private static func tablesOfTenants(_ db: Database) throws -> [String] {
        try String.fetchAll(
            db,
            sql: """
                SELECT tables.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns
                WHERE tables.type = 'table' AND columns.name = 'client_id' AND tables.name <> 'audit'
                ORDER BY tables.name
                """)
    }

    private func knownClient(_ id: ClientID, _ db: Database) throws -> KnownClient {
        // From memory: it is exact, and what is being changed is known there even when a profile cannot be opened.
        guard let known = try cached({ $0[id] }) else { throw EdgeError(.clientUnknown) }
        return known
    }

    func save(_ client: ClientRecord, subjectKey: [UInt8]?, _ db: Database) throws {
        let key = try subjectKey.map { try sealer.rewrap($0) } ?? sealer.makeSubjectKey()
        let columns = ClientRecord.changeableColumns.map { "\($0) = ?" }.joined(separator: ", ")
        try db.execute(
            sql: "UPDATE clients SET \(columns) WHERE id = ?",
            arguments: client.changeableValues(subjectKey: key, sealer) + [client.id.column])
    }
}

extension ErasureCounts {
    /// All that a client has of people.
    fileprivate init(ofClient id: ClientID, _ db: Database) throws {
        func count(_ sql: StaticString) throws -> Int {
            try Int.fetchOne(db, sql: "SELECT count(*) FROM \(sql) client_id = ?", arguments: [id.column]) ?? 0
        }
        self.init(
            people: try count("people WHERE"),
            templates: try count("templates JOIN people p ON p.key = person_key WHERE"),
            crops: try count("crops JOIN people p ON p.key = person_key WHERE"),
            pictures: try count("person_images JOIN people p ON p.key = person_key WHERE"),
            enrollments: try count("enrollments WHERE"),
            consents: try count("consents JOIN enrollments e ON e.key = enrollment_key WHERE"),
            sessions: try count("sessions WHERE"), events: try count("webhook_events WHERE"))
    }
}

extension ClientSecret {
    /// The column of the secret's digest.
    fileprivate var column: String {
        switch self {
        case .apiKey: "key_digest"
        case .apiSecret: "secret_digest"
        case .webhookSecret: "webhook_secret_digest"
        }
    }
}

extension AuditRecord {
    /// The line of a client that was changed: named by what it means for the client, with the members that differ.
    fileprivate init(changed old: ClientRecord, into new: ClientRecord) {
        let action =
            switch (old.isActive, new.isActive) {
            case (true, false): "client.deactivated"
            case (false, true): "client.activated"
            case (true, true), (false, false): "client.updated"
            }
        let members: [(String, Bool)] = [
            ("features", old.features != new.features), ("name", old.name != new.name),
            ("profile", old.profile != new.profile), ("rate_limit", old.rateLimit != new.rateLimit),
            ("scope", old.scope != new.scope), ("status", old.status != new.status), ("tier", old.tier != new.tier),
        ]
        let changed = members.filter(\.1).map { "\"\($0.0)\"" }.joined(separator: ",")
        self.init(
            action: action, client: new.id, succeeded: true,
            detailsJSON: """
                {"changed":[\(changed)],"scope":"\(new.scope.rawValue)","status":"\(new.status.rawValue)",\
                "tier":"\(new.tier.rawValue)"}
                """, at: new.updatedAt)
    }
}
