import EdgeCore
import FoundationEssentials
import SyncCore

/// A bootstrap token as it is kept: its text is nowhere.
struct TokenEntry {
    let digest: [UInt8]
    let id: UUID
    let scopes: [ScopeID]
    let name: String?
    let createdAt: Int64
    let expiresAt: Int64
    var usedBy: DeviceID?
    var usedAt: Int64?
}

/// Who may join.
enum TokenTable {
    static func find(digest: [UInt8], _ db: any FleetSession) throws -> TokenEntry? {
        try db.row("SELECT * FROM bootstrap_tokens WHERE digest = ?", [Data(digest)])
            .map { try TokenEntry($0) }
    }

    static func all(_ db: any FleetSession) throws -> [TokenEntry] {
        try db.rows("SELECT * FROM bootstrap_tokens ORDER BY created_at").map { try TokenEntry($0) }
    }

    static func insert(_ token: TokenEntry, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO bootstrap_tokens (digest, id, scopes, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
            """,
            [
                Data(token.digest), token.id.column, try JSONColumn.text(token.scopes), token.name, token.createdAt,
                token.expiresAt,
            ])
    }

    static func use(_ token: TokenEntry, by device: DeviceID, at wall: Int64, _ db: any FleetSession) throws {
        try db.execute(
            "UPDATE bootstrap_tokens SET used_by = ?, used_at = ? WHERE digest = ?",
            [device.column, wall, Data(token.digest)])
    }

    /// Returns whether there was one.
    static func remove(_ id: UUID, _ db: any FleetSession) throws -> Bool {
        try db.row("DELETE FROM bootstrap_tokens WHERE id = ? RETURNING id", [id.column]) != nil
    }

    static func removeExpired(before cutoff: Int64, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM bootstrap_tokens WHERE expires_at < ?", [cutoff])
    }
}

extension TokenEntry {
    init(_ row: FleetRow) throws {
        digest = Array(try row["digest"] as Data)
        id = try UUID(column: row["id"])
        scopes = try JSONColumn.value(row["scopes"])
        name = try row["name"]
        createdAt = try row["created_at"]
        expiresAt = try row["expires_at"]
        usedBy = try (row["used_by"] as Data?).map { try DeviceID(column: $0) }
        usedAt = try row["used_at"]
    }
}
