import EdgeCore
import FoundationEssentials

/// What a member was given to log in with: its texts are nowhere.
struct CredentialEntry {
    let client: ClientID
    let name: String
    let keyDigest: [UInt8]
    let secretDigest: [UInt8]
}

/// With which credentials members come, where several central instances have to know.
enum CredentialTable {
    static func find(keyDigest: [UInt8], _ db: any FleetSession) throws -> CredentialEntry? {
        try db.row("SELECT * FROM member_credentials WHERE key_digest = ?", [Data(keyDigest)]).map { row in
            CredentialEntry(
                client: ClientID(rawValue: try UUID(column: row["client"])), name: try row["name"],
                keyDigest: keyDigest, secretDigest: Array(try row["secret_digest"] as Data))
        }
    }

    static func knows(_ client: ClientID, _ db: any FleetSession) throws -> Bool {
        try db.row("SELECT name FROM member_credentials WHERE client = ?", [client.column]) != nil
    }

    /// Puts the entry in place of the one for the same client, if there is one.
    static func keep(_ entry: CredentialEntry, at wall: Int64, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO member_credentials (client, name, key_digest, secret_digest, made_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (client) DO UPDATE SET name = excluded.name, key_digest = excluded.key_digest,
                secret_digest = excluded.secret_digest, made_at = excluded.made_at
            """,
            [entry.client.column, entry.name, Data(entry.keyDigest), Data(entry.secretDigest), wall])
    }

    static func change(_ client: ClientID, key: [UInt8]?, secret: [UInt8]?, _ db: any FleetSession) throws {
        if let key {
            try db.execute(
                "UPDATE member_credentials SET key_digest = ? WHERE client = ?", [Data(key), client.column])
        }
        if let secret {
            try db.execute(
                "UPDATE member_credentials SET secret_digest = ? WHERE client = ?", [Data(secret), client.column])
        }
    }

    static func remove(_ client: ClientID, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM member_credentials WHERE client = ?", [client.column])
    }

    /// Forgets credentials of clients that are no member's: the member got others.
    static func removeUnbound(before cutoff: Int64, _ db: any FleetSession) throws {
        try db.execute(
            """
            DELETE FROM member_credentials WHERE made_at < ? AND client NOT IN
                (SELECT client_id FROM devices WHERE client_id IS NOT NULL)
            """, [cutoff])
    }
}
