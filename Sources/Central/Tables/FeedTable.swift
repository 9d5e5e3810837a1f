import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// The scopes and what their devices are told, one entry for each subject.
enum FeedTable {
    /// How a scope's feed stands.
    struct End {
        var newest: UInt64
        var compactedThrough: UInt64
    }

    /// `nil` for a scope that is not there.
    static func end(of scope: ScopeID, _ db: Database) throws -> End? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT newest, compacted_through FROM scopes WHERE id = ?"),
            arguments: [scope.column]
        ).map {
            End(newest: UInt64($0["newest"] as Int64), compactedThrough: UInt64($0["compacted_through"] as Int64))
        }
    }

    /// Tells a scope what became of a subject; the number comes from the scope's row, in this transaction.
    static func tell(
        _ scope: ScopeID, _ subject: SubjectKey, _ content: SubjectChange, at wall: Int64, _ db: Database
    ) throws {
        let change = try Int64.fetchOne(
            db.cachedStatement(sql: "UPDATE scopes SET newest = newest + 1 WHERE id = ? RETURNING newest"),
            arguments: [scope.column])
        guard let change else { throw EdgeError(.recordUnknown, "There is no such scope.") }
        try db.cachedStatement(
            sql: """
                INSERT INTO feed (scope, subject, change, is_removal, content, told_at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (scope, subject) DO UPDATE SET change = excluded.change,
                    is_removal = excluded.is_removal, content = excluded.content, told_at = excluded.told_at
                """
        ).execute(arguments: [
            scope.column, subject.column, change, content.isRemoval, try JSONColumn.text(content), wall,
        ])
    }

    /// Removals, or the other entries, after a number, in order.
    static func entries(
        of scope: ScopeID, after change: UInt64, removals: Bool, limit: Int, _ db: Database
    ) throws -> [FeedEntry] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT subject, change, content FROM feed
                    WHERE scope = ? AND is_removal = ? AND change > ? ORDER BY change LIMIT ?
                    """), arguments: [scope.column, removals, Int64(clamping: change), limit]
        ).map { row in
            FeedEntry(
                subject: try row.id("subject"), change: UInt64(row["change"] as Int64),
                content: try JSONColumn.value(row["content"]))
        }
    }

    /// The people who are in the scope, with their present enrollments.
    static func people(
        of scope: ScopeID, _ db: Database
    ) throws -> [(subject: SubjectKey, version: SubjectVersion)] {
        try Row.fetchAll(
            db, sql: "SELECT subject, content FROM feed WHERE scope = ? AND is_removal = 0", arguments: [scope.column]
        ).compactMap { row in
            guard case .put(let version) = try JSONColumn.value(row["content"]) as SubjectChange else { return nil }
            return (try row.id("subject"), version)
        }
    }

    /// The feed's word about a subject.
    static func entry(of subject: SubjectKey, in scope: ScopeID, _ db: Database) throws -> FeedEntry? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT change, content FROM feed WHERE scope = ? AND subject = ?"),
            arguments: [scope.column, subject.column]
        ).map { row in
            FeedEntry(
                subject: subject, change: UInt64(row["change"] as Int64),
                content: try JSONColumn.value(row["content"]))
        }
    }

    /// The scopes that were ever told of a subject, as far as that is kept.
    static func scopes(of subject: SubjectKey, _ db: Database) throws -> Set<ScopeID> {
        Set(
            try Data.fetchAll(
                db.cachedStatement(sql: "SELECT scope FROM feed WHERE subject = ?"), arguments: [subject.column]
            ).map { try ScopeID(column: $0) })
    }

    /// The tenants of the people in these scopes.
    static func tenants(of scopes: [ScopeID], _ db: Database) throws -> Set<UUID> {
        var tenants: Set<UUID> = []
        for scope in scopes {
            let found = try Data.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT DISTINCT s.tenant FROM subject_scopes x JOIN subjects s ON s.key = x.subject
                        WHERE x.scope = ? AND s.tenant IS NOT NULL
                        """), arguments: [scope.column])
            for data in found { tenants.insert(try UUID(column: data)) }
        }
        return tenants
    }

    /// Forgets removals that were told before `cutoff`; whoever was away for longer gets the scope anew.
    static func compact(before cutoff: Int64, _ db: Database) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT scope, max(change) AS through FROM feed WHERE is_removal = 1 AND told_at < ? GROUP BY scope
                """, arguments: [cutoff])
        for row in rows {
            try db.execute(
                sql: "DELETE FROM feed WHERE scope = ? AND is_removal = 1 AND change <= ? AND told_at < ?",
                arguments: [row["scope"] as Data, row["through"] as Int64, cutoff])
            try db.execute(
                sql: "UPDATE scopes SET compacted_through = max(compacted_through, ?) WHERE id = ?",
                arguments: [row["through"] as Int64, row["scope"] as Data])
        }
    }

    /// A number that grows with every record taken and everything told.
    static func progress(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT coalesce((SELECT sum(newest) FROM scopes), 0)
                    + coalesce((SELECT sum(acknowledged) FROM lanes), 0)
                """) ?? 0
    }
}
