import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What records carry, wherever it stands.
extension EdgeStore {
    /// As it is kept.
    func payload(of row: OutboxRow, _ db: Database) throws -> OutboxRecord.Payload {
        switch row.head.position.address.lane {
        case .control, .enrollment:
            guard let payload = row.payload else { return .withheld }
            return row.isSealed ? .sealed(payload) : .plain(payload)
        case .audit: return try line(of: row, db).map { .plain(Array($0.canonical.utf8)) } ?? .withheld
        case .events:
            guard let source = row.source else { return row.payload.map { .plain($0) } ?? .withheld }
            let data = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT data FROM webhook_events WHERE sequence = ?"), arguments: [source])
            return data.map { .sealed(Array($0)) } ?? .withheld
        }
    }

    /// As it is sent, and as its digest was made; `nil` where it is gone.
    ///
    /// Throws `vault.seal.broken` for a record that was changed.
    func opened(_ row: OutboxRow, _ db: Database) throws -> [UInt8]? {
        switch row.head.position.address.lane {
        case .control, .enrollment:
            guard row.isSealed, let sealed = row.payload else { return row.payload }
            return try openedPersonal(row, sealed, db)
        case .audit: return try line(of: row, db).map { Array($0.canonical.utf8) }
        case .events: return row.source == nil ? row.payload : try openedEvent(row, db)
        }
    }

    /// The line that a record of the audit lane points at; `nil` once it was removed.
    func line(of row: OutboxRow, _ db: Database) throws -> AuditLine? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM audit WHERE sequence = ?"), arguments: [row.source]
        ).map { try AuditLine($0) }
    }

    private func openedPersonal(_ row: OutboxRow, _ sealed: [UInt8], _ db: Database) throws -> [UInt8]? {
        guard let tenant = row.head.tenant, let key = try subjectKey(of: row, db) else { return nil }
        let context = SealPlace.outbox(row.head, of: ClientID(rawValue: tenant))
        return try sealer.open(sealed, subjectKey: key, context: context)
    }

    /// The key that a record's own payload is sealed under.
    ///
    /// With the person goes the key, and with the client where the record names nobody.
    func subjectKey(of row: OutboxRow, _ db: Database) throws -> [UInt8]? {
        guard let tenant = row.head.tenant else { return nil }
        let client = ClientID(rawValue: tenant)
        var key: Data?
        if let person = row.head.person {
            key = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT subject_key FROM people WHERE id = ? AND client_id = ?"),
                arguments: [PersonID(rawValue: person).column, client.column])
        } else {
            key = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT subject_key FROM clients WHERE id = ?"), arguments: [client.column])
        }
        return key.map { Array($0) }
    }

    private func openedEvent(_ row: OutboxRow, _ db: Database) throws -> [UInt8]? {
        guard let salt = row.payload, let (event, key) = try event(of: row, db) else { return nil }
        let context = SealPlace.outbox(row.head, of: event.client)
        let digits = try sealer.open(salt, subjectKey: key, context: context)
        return event.payload(salt: String(decoding: digits, as: UTF8.self))
    }

    /// The event that a record of the events lane points at, with its key; `nil` once its data went.
    func event(of row: OutboxRow, _ db: Database) throws -> (event: OutboxEvent, subjectKey: [UInt8])? {
        let found = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM webhook_events WHERE sequence = ?"), arguments: [row.source])
        guard let found, let key = (found["subject_key"] as Data?).map({ Array($0) }),
            let sealed = (found["data"] as Data?).map({ Array($0) })
        else { return nil }
        let client: ClientID = try found.id("client_id")
        let id: EventID = try found.id("id")
        let data = try sealer.open(sealed, subjectKey: key, context: SealPlace.event(id, of: client))
        let event = OutboxEvent(
            sequence: found["sequence"], id: id, client: client, name: found["name"], source: found["source"],
            createdAt: found["created_at"], data: String(decoding: data, as: UTF8.self), route: found["route"])
        return (event, key)
    }
}
