import EdgeCore
import FoundationEssentials
import GRDB
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
    static func find(digest: [UInt8], _ db: Database) throws -> TokenEntry? {
        try Row.fetchOne(db, sql: "SELECT * FROM bootstrap_tokens WHERE digest = ?", arguments: [Data(digest)])
            .map { try TokenEntry($0) }
    }

    static func all(_ db: Database) throws -> [TokenEntry] {
        try Row.fetchAll(db, sql: "SELECT * FROM bootstrap_tokens ORDER BY created_at").map { try TokenEntry($0) }
    }

    static func insert(_ token: TokenEntry, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO bootstrap_tokens (digest, id, scopes, name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                Data(token.digest), token.id.column, try JSONColumn.text(token.scopes), token.name, token.createdAt,
                token.expiresAt,
            ])
    }

    static func use(_ token: TokenEntry, by device: DeviceID, at wall: Int64, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE bootstrap_tokens SET used_by = ?, used_at = ? WHERE digest = ?",
            arguments: [device.column, wall, Data(token.digest)])
    }

    /// Returns whether there was one.
    static func remove(_ id: UUID, _ db: Database) throws -> Bool {
        try db.execute(sql: "DELETE FROM bootstrap_tokens WHERE id = ?", arguments: [id.column])
        return db.changesCount > 0
    }

    static func removeExpired(before cutoff: Int64, _ db: Database) throws {
        try db.execute(sql: "DELETE FROM bootstrap_tokens WHERE expires_at < ?", arguments: [cutoff])
    }
}

extension TokenEntry {
    init(_ row: Row) throws {
        digest = Array(row["digest"] as Data)
        id = try UUID(column: row["id"])
        scopes = try JSONColumn.value(row["scopes"])
        name = row["name"]
        createdAt = row["created_at"]
        expiresAt = row["expires_at"]
        usedBy = try (row["used_by"] as Data?).map { try DeviceID(column: $0) }
        usedAt = row["used_at"]
    }
}
