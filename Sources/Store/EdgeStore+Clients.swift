public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: ClientRepository {
    /// Makes a client with fresh credentials and writes the audit line.
    ///
    /// Throws `client.exists`, `request.invalid`.
    public func createClient(name: String) async throws(EdgeError) -> ClientCredentials {
        guard name.contains(where: { !$0.isWhitespace }), name.utf8.count <= 200 else {
            throw EdgeError(.requestInvalid, "A client's name has 1 to 200 bytes.", field: "name")
        }
        let apiKey = try "frapi_" + secrets.randomText(bytes: 32)
        let apiSecret = try secrets.randomText(bytes: 64)
        let keyDigest = try Data(digest(ofAPIKey: apiKey))
        let secretDigest = try Data(digest(ofAPISecret: apiSecret))
        let record = ClientRecord(
            id: ClientID(), publicID: Self.freshPublicID(), name: name, isActive: true, createdAt: clock.wall)
        try await write { [self] db in
            let known = try Bool.fetchOne(db, sql: "SELECT 1 FROM clients WHERE name = ?", arguments: [name])
            guard known == nil else { throw EdgeError(.clientExists) }
            try db.execute(
                sql: """
                    INSERT INTO clients (id, public_id, name, key_digest, secret_digest, is_active, created_at)
                    VALUES (?, ?, ?, ?, ?, 1, ?)
                    """,
                arguments: [
                    record.id.column, record.publicID, name, keyDigest, secretDigest, record.createdAt.column,
                ])
            try audit(
                AuditRecord(action: "client.created", client: record.id, succeeded: true, at: record.createdAt), db)
        }
        return ClientCredentials(client: record, apiKey: Redacted(apiKey), apiSecret: Redacted(apiSecret))
    }

    /// All clients, oldest first.
    public func clients() async throws(EdgeError) -> [ClientRecord] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM clients ORDER BY key").map { try ClientRecord($0) }
        }
    }

    /// A client by id, active or not.
    public func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column])
                .map { try ClientRecord($0) }
        }
    }

    /// The active client of an API key alone; `nil` when there is none.
    public func client(apiKey: String) async throws(EdgeError) -> ClientRecord? {
        let digest = try Data(digest(ofAPIKey: apiKey))
        return try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM clients WHERE key_digest = ? AND is_active = 1", arguments: [digest]
            ).map { try ClientRecord($0) }
        }
    }

    /// The active client that these credentials belong to; writes the audit line either way.
    ///
    /// Throws `credentials.invalid`. An unknown key takes the same steps as a wrong secret: both digests are made, one
    /// comparison, one audit line.
    public func authenticate(apiKey: String, apiSecret: String) async throws(EdgeError) -> ClientRecord {
        let keyDigest = try Data(digest(ofAPIKey: apiKey))
        let secretDigest = try digest(ofAPISecret: apiSecret)
        let client = try await write { [self] db -> ClientRecord? in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM clients WHERE key_digest = ?", arguments: [keyDigest])
            let expected = row?.bytes("secret_digest") ?? [UInt8](repeating: 0, count: secretDigest.count)
            let isEqual = secrets.equal(secretDigest, expected)
            let known = try row.map { try ClientRecord($0) }
            let client = isEqual && known?.isActive == true ? known : nil
            try audit(
                AuditRecord(
                    action: "client.authenticated", client: known?.id, succeeded: client != nil,
                    reason: client == nil ? ErrorCode.credentialsInvalid.rawValue : nil, at: clock.wall), db)
            return client
        }
        guard let client else { throw EdgeError(.credentialsInvalid) }
        return client
    }

    /// Deactivates a client and writes the audit line.
    ///
    /// Throws `client.unknown`.
    public func deactivateClient(publicID: String) async throws(EdgeError) -> ClientRecord {
        try await write { [self] db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "UPDATE clients SET is_active = 0 WHERE public_id = ? RETURNING *",
                    arguments: [publicID])
            else { throw EdgeError(.clientUnknown) }
            let client = try ClientRecord(row)
            try audit(
                AuditRecord(action: "client.deactivated", client: client.id, succeeded: true, at: clock.wall), db)
            return client
        }
    }

    private func digest(ofAPIKey key: String) throws(EdgeError) -> [UInt8] {
        try secrets.digest(key, purpose: "client.api_key")
    }

    private func digest(ofAPISecret secret: String) throws(EdgeError) -> [UInt8] {
        try secrets.digest(secret, purpose: "client.api_secret")
    }

    /// A name, not a secret: unlikely to be met twice is enough.
    private static func freshPublicID() -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16, uppercase: true)
        return "FR_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension ClientRecord {
    init(_ row: Row) throws {
        try self.init(
            id: row.id("id"), publicID: row["public_id"], name: row["name"], isActive: row["is_active"],
            createdAt: row.date("created_at"))
    }
}
