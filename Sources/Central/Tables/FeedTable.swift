import EdgeCore
import FoundationEssentials
import SyncCore

/// The scopes and what their devices are told, one entry for each subject.
enum FeedTable {
    /// How a scope's feed stands.
    struct End {
        var newest: UInt64
        var compactedThrough: UInt64
    }

    /// `nil` for a scope that is not there.
    static func end(of scope: ScopeID, _ db: any FleetSession) throws -> End? {
        try db.row("SELECT newest, compacted_through FROM scopes WHERE id = ?", [scope.column]).map {
            End(
                newest: try $0.count("newest"), compactedThrough: try $0.count("compacted_through"))
        }
    }

    /// Tells a scope what became of a subject; the number comes from the scope's row, in this transaction.
    static func tell(
        _ scope: ScopeID, _ subject: SubjectKey, _ content: SubjectChange, at wall: Int64, _ db: any FleetSession
    ) throws {
        let change: Int64? = try db.value(
            "UPDATE scopes SET newest = newest + 1 WHERE id = ? RETURNING newest", [scope.column])
        guard let change else { throw EdgeError(.recordUnknown, "There is no such scope.") }
        try db.execute(
            """
            INSERT INTO feed (scope, subject, change, is_removal, content, told_at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (scope, subject) DO UPDATE SET change = excluded.change,
                is_removal = excluded.is_removal, content = excluded.content, told_at = excluded.told_at
            """,
            [
                scope.column, subject.column, change, content.isRemoval, try JSONColumn.text(content), wall,
            ])
    }

    /// Removals, or the other entries, after a number, in order.
    static func entries(
        of scope: ScopeID, after change: UInt64, removals: Bool, limit: Int, _ db: any FleetSession
    ) throws -> [FeedEntry] {
        try db.rows(
            """
            SELECT subject, change, content FROM feed
            WHERE scope = ? AND is_removal = ? AND change > ? ORDER BY change LIMIT ?
            """, [scope.column, removals, Int64(clamping: change), limit]
        ).map { row in
            FeedEntry(
                subject: try row.id("subject"), change: try row.count("change"),
                content: try JSONColumn.value(row["content"]))
        }
    }

    /// The people who are in the scope, with their present enrollments.
    static func people(
        of scope: ScopeID, _ db: any FleetSession
    ) throws -> [(subject: SubjectKey, version: SubjectVersion)] {
        try db.rows("SELECT subject, content FROM feed WHERE scope = ? AND is_removal = 0", [scope.column]).compactMap {
            row in
            guard case .put(let version) = try JSONColumn.value(row["content"]) as SubjectChange else { return nil }
            return (try row.id("subject"), version)
        }
    }

    /// The feed's word about a subject.
    static func entry(of subject: SubjectKey, in scope: ScopeID, _ db: any FleetSession) throws -> FeedEntry? {
        try db.row("SELECT change, content FROM feed WHERE scope = ? AND subject = ?", [scope.column, subject.column])
            .map { row in
                FeedEntry(
                    subject: subject, change: try row.count("change"),
                    content: try JSONColumn.value(row["content"]))
            }
    }

    /// The scopes that were ever told of a subject, as far as that is kept.
    static func scopes(of subject: SubjectKey, _ db: any FleetSession) throws -> Set<ScopeID> {
        Set(
            try db.values("SELECT scope FROM feed WHERE subject = ?", [subject.column]).map { try ScopeID(column: $0) })
    }

    /// The tenants of the people in these scopes.
    static func tenants(of scopes: [ScopeID], _ db: any FleetSession) throws -> Set<UUID> {
        var tenants: Set<UUID> = []
        for scope in scopes {
            let found: [Data] = try db.values(
                """
                SELECT DISTINCT s.tenant FROM subject_scopes x JOIN subjects s ON s.key = x.subject
                WHERE x.scope = ? AND s.tenant IS NOT NULL
                """, [scope.column])
            for data in found { tenants.insert(try UUID(column: data)) }
        }
        return tenants
    }

    /// Forgets removals that were told before `cutoff`; whoever was away for longer gets the scope anew.
    static func compact(before cutoff: Int64, _ db: any FleetSession) throws {
        let rows = try db.rows(
            """
            SELECT scope, max(change) AS through FROM feed WHERE is_removal = 1 AND told_at < ? GROUP BY scope
            """, [cutoff])
        for row in rows {
            let scope: Data = try row["scope"]
            let through: Int64 = try row["through"]
            try db.execute(
                "DELETE FROM feed WHERE scope = ? AND is_removal = 1 AND change <= ? AND told_at < ?",
                [scope, through, cutoff])
            try db.execute(
                "UPDATE scopes SET compacted_through = ? WHERE id = ? AND compacted_through < ?",
                [through, scope, through])
        }
    }

    /// A number that grows with every record taken and everything told.
    static func progress(_ db: any FleetSession) throws -> Int64 {
        try db.value(
            """
            SELECT coalesce((SELECT CAST(sum(newest) AS BIGINT) FROM scopes), 0)
                + coalesce((SELECT CAST(sum(acknowledged) AS BIGINT) FROM lanes), 0)
            """) ?? 0
    }
}
