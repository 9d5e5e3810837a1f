import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import SyncCore

/// Clients that are kept elsewhere and whose credentials are good here as well.
extension EdgeStore {
    /// Makes the clients here what central says of them.
    func applyTenants(_ answer: PullAnswer, _ db: Database) throws {
        for tenant in answer.tenants {
            let id = ClientID(rawValue: tenant.id)
            if let removed = tenant.removed {
                try close(id, as: .removed, version: removed, db)
            } else if let client = tenant.client, client.isSound {
                try take(client, id, home: tenant.isOwn == true ? .here : .elsewhere, db)
            }
        }
        guard let digest = answer.tenantsDigest else { return }
        try db.execute(
            sql: "UPDATE fleet_membership SET tenants = ?1 WHERE tenants <> ?1", arguments: [digest])
    }

    /// Shuts clients that are kept elsewhere, are not told here any more and have nobody here.
    ///
    /// Looked at with every answer, and after its people: whose last one goes is shut with them.
    func closeUntold(_ answer: PullAnswer, _ db: Database) throws {
        // Only an answer with a digest names all of them.
        guard answer.tenantsDigest != nil else { return }
        let listed = Set(answer.tenants.map { ClientID(rawValue: $0.id) })
        let rows = try Data.fetchAll(
            db,
            sql: """
                SELECT id FROM clients WHERE fleet_home = 'elsewhere' AND is_active = 1
                    AND NOT EXISTS (SELECT 1 FROM people WHERE client_id = clients.id)
                """)
        for column in rows {
            let id = try ClientID(column: column)
            if !listed.contains(id) { try close(id, as: .elsewhere, version: 0, db) }
        }
    }

    /// Removes the clients that were removed where they were kept, once nobody of them is here; whether there was one.
    func removeEmptied(_ db: Database) throws -> Bool {
        let empty = try Data.fetchAll(
            db,
            sql: """
                SELECT id FROM clients WHERE fleet_home = 'removed'
                    AND NOT EXISTS (SELECT 1 FROM people WHERE client_id = clients.id)
                """)
        for column in empty {
            let id = try ClientID(column: column)
            try removeRows(of: id, db)
            try audit(
                AuditRecord(action: "client.deleted", client: id, succeeded: true, reason: "fleet", at: clock.wall), db)
        }
        if !empty.isEmpty { try noteErasure(db) }
        return !empty.isEmpty
    }

    /// The device is out of the fleet: credentials that it was told are good here no more.
    func closeTenants(_ db: Database) throws {
        let told = try Data.fetchAll(db, sql: "SELECT id FROM clients WHERE fleet_home <> 'here'")
        for id in told { try close(ClientID(column: id), as: .elsewhere, version: 0, db) }
    }

    /// The device belongs to no fleet, or to another: what is here is its own.
    func forgetHomes(_ db: Database) throws {
        let told = try Data.fetchAll(db, sql: "SELECT id FROM clients WHERE fleet_home <> 'here' OR fleet_version > 0")
        try db.execute(sql: "UPDATE clients SET fleet_home = 'here', fleet_version = 0")
        for id in told { _ = try remember(ClientID(column: id), db) }
    }

    /// Makes the client of a tenant whose people were told, where there is none of that id.
    ///
    /// Nobody knows its secrets until central tells what travels of them. It has the rights of a backend, and its quotas bind
    /// only who enrolls here.
    func adoptTenant(_ client: ClientID, name: String?, _ db: Database) throws {
        let known = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM clients WHERE id = ?"), arguments: [client.column])
        guard known == nil else { return }
        let record = ClientRecord(
            id: client, publicID: Self.freshPublicID(),
            name: try freeName(like: name ?? "tenant \(client)", of: client, db), createdAt: clock.wall)
        try insert(record, unknownSecrets(), subjectKey: sealer.makeSubjectKey(), home: .elsewhere, db)
        try note("client.created", record, db)
        _ = try remember(client, db)
    }

    // MARK: One client

    private func take(_ client: FleetClient, _ id: ClientID, home: ClientHome, _ db: Database) throws {
        let row = try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column])
        let known = try row.map { try KnownClient($0, profile: (try? ClientProfile($0, sealer)) ?? ClientProfile()) }
        // Where central names another home, what was changed here since counts for nothing.
        let isMoved = home == .elsewhere && known?.home == .here
        guard client.version > known?.fleetVersion ?? 0 || isMoved else { return try settle(id, known, home, db) }
        var stored = StoredSecrets()
        try stored.take(ClientVerifiers(key: client.keyVerifier, secret: client.secretVerifier), self)
        guard let key = stored.digests[.apiKey], let secret = stored.digests[.apiSecret],
            try isFree(key, besides: id, db)
        else { return }
        guard let known else {
            // Removed here a moment ago: central said this before it heard of that.
            guard try !isRemovalWaiting(of: id, db) else { return }
            return try insert(client, id, stored, home, db)
        }
        var record = known.record
        guard record.take(client) else { return logUnknownWords(id) }
        record.name = try freeName(like: client.name, of: id, db)
        // An administrator is told as a backend, and stays one where it was made.
        if home == .here || known.record.travellingScope.rawValue == client.scope { record.scope = known.record.scope }
        record.updatedAt = clock.wall
        let isAnother = (Array(key), Array(secret)) != (known.keyDigest, known.secretDigest)
        if isAnother || record.scope != known.record.scope || (known.record.isActive && !record.isActive) {
            record.tokenEpoch += 1
        }
        try save(record, subjectKey: known.subjectKey, db)
        try keep(stored.verifiers, of: Self.reread(id, db), db)
        try db.execute(
            sql: """
                UPDATE clients SET public_id = ?, key_digest = ?, secret_digest = ?, fleet_version = ?, fleet_home = ?
                WHERE id = ?
                """,
            arguments: [
                try publicID(of: known, told: client, db), key, secret, client.version, home.rawValue, id.column,
            ])
        try note("client.updated", record, db)
        if record.isActive != known.record.isActive {
            onCommit { [fleet, isActive = record.isActive] in fleet.note(id, isActive: isActive) }
        }
        _ = try remember(id, db)
    }

    private func insert(
        _ client: FleetClient, _ id: ClientID, _ stored: StoredSecrets, _ home: ClientHome, _ db: Database
    ) throws {
        var record = ClientRecord(
            id: id, publicID: try freePublicID(client.publicID, db),
            name: try freeName(like: client.name, of: id, db), createdAt: Date(column: client.createdAt))
        guard record.take(client) else { return logUnknownWords(id) }
        record.updatedAt = clock.wall
        try insert(
            record, stored, subjectKey: sealer.makeSubjectKey(), home: home, version: client.version, db)
        try note("client.created", record, db)
        _ = try remember(id, db)
    }

    private func isRemovalWaiting(of id: ClientID, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT 1 FROM outbox WHERE lane = ? AND kind = ? AND tenant_id = ?",
            arguments: [Lane.control.priority, RecordKind.clientErased, id.column]) ?? false
    }

    /// What is kept here after all: the store was put back, or the device joined again.
    private func settle(_ id: ClientID, _ known: KnownClient?, _ home: ClientHome, _ db: Database) throws {
        guard let known, home == .here, known.home == .elsewhere else { return }
        try db.execute(sql: "UPDATE clients SET fleet_home = ? WHERE id = ?", arguments: [home.rawValue, id.column])
        _ = try remember(id, db)
    }

    /// The credentials are good here no more.
    private func close(_ id: ClientID, as home: ClientHome, version: Int64, _ db: Database) throws {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column])
        else { return }
        let known = try KnownClient(row, profile: ClientProfile())
        guard known.home != home || known.record.isActive else { return }
        try db.execute(
            sql: """
                UPDATE clients SET status = 'inactive', is_active = 0, token_epoch = token_epoch + 1, fleet_home = ?,
                    fleet_version = ?, updated_at = ? WHERE id = ?
                """, arguments: [home.rawValue, version, clock.wall.column, id.column])
        try note("client.deactivated", known.record, db)
        onCommit { [fleet] in fleet.note(id, isActive: false) }
        _ = try remember(id, db)
    }

    private func logUnknownWords(_ id: ClientID) {
        log.error("a client of the fleet has words that this version does not know", metadata: ["client": "\(id)"])
    }

    private func note(_ action: String, _ record: ClientRecord, _ db: Database) throws {
        let facts: PayloadValue = [
            "scope": .text(record.scope.rawValue), "status": .text(record.status.rawValue),
            "tier": .text(record.tier.rawValue),
        ]
        try audit(
            AuditRecord(
                action: action, client: record.id, succeeded: true, reason: "fleet", detailsJSON: facts.jsonText,
                at: clock.wall), db)
    }

    private static func reread(_ id: ClientID, _ db: Database) throws -> KnownClient {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column]) else {
            throw EdgeError(.clientUnknown)
        }
        return try KnownClient(row, profile: ClientProfile())
    }
}

extension ClientRecord {
    /// Takes what central says; false for words that this version does not know.
    fileprivate mutating func take(_ client: FleetClient) -> Bool {
        guard let scope = ClientScope(rawValue: client.scope), let status = ClientStatus(rawValue: client.status),
            let tier = ClientTier(rawValue: client.tier),
            let features = try? JSONText.read(ClientFeatures.self, from: Array(client.features.utf8))
        else { return false }
        (self.scope, self.status, self.tier, self.features) = (scope, status, tier, features)
        rateLimit = RateLimit(perHour: max(client.perHour, 0), perDay: max(client.perDay, 0))
        return true
    }
}
