public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: UsageLedger {
    /// The most calls of one client that are kept: nobody's calls push out another's.
    static let maximumCalls = 100_000

    /// Records calls in one transaction; those of a client that is gone are left out.
    public func record(_ calls: [UsageRecord]) async throws(EdgeError) {
        guard !calls.isEmpty else { return }
        let oldest = clock.wall.advanced(by: .zero - options.retention.usage).column
        try await write { db in
            for call in calls { try call.insert(db) }
            for client in Set(calls.map(\.client)) {
                try db.execute(
                    sql: """
                        DELETE FROM usage WHERE client_id = ?1 AND at < (
                            SELECT at FROM usage WHERE client_id = ?1 ORDER BY at DESC LIMIT 1 OFFSET ?2)
                        """, arguments: [client.column, Self.maximumCalls - 1])
            }
            try db.execute(sql: "DELETE FROM usage WHERE at < ?", arguments: [oldest])
        }
    }

    /// The calls of a client, the newest first.
    public func calls(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<UsageRecord> {
        var conditions = Conditions()
        conditions.add(client: client)
        return try await read { [conditions] db in
            let rows = try conditions.page(page, of: "usage", order: "at DESC, key DESC", db)
            return PageOf(
                total: try conditions.count(in: "usage", db), items: try rows.map { try UsageRecord($0) })
        }
    }

    /// One call; `nil` when this client has none like it.
    public func call(_ number: Int64, of client: ClientID) async throws(EdgeError) -> UsageRecord? {
        try await read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM usage WHERE key = ? AND client_id = ?", arguments: [number, client.column]
            ).map { try UsageRecord($0) }
        }
    }

    /// How many calls a client made, and of which categories.
    public func callCount(
        of client: ClientID, in span: TimeSpan
    ) async throws(EdgeError) -> (calls: Int, categories: [UsageRecord.Category]) {
        var conditions = Conditions()
        conditions.add(client: client)
        conditions.add(span, "at")
        return try await read { [conditions] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT category, count(*) AS calls FROM usage WHERE \(conditions.sql)
                    GROUP BY category ORDER BY category
                    """, arguments: conditions.arguments)
            return (
                calls: rows.reduce(0) { $0 + ($1["calls"] as Int) },
                categories: try rows.map { try $0.word("category") }
            )
        }
    }
}

extension UsageRecord {
    fileprivate func insert(_ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO usage (client_id, category, operation, method, route, status, ip_address, user_agent,
                    milliseconds, at)
                SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE EXISTS (SELECT 1 FROM clients WHERE id = ?1)
                """
        ).execute(arguments: [
            client.column, category.rawValue, operation, method, route, status, address, userAgent, milliseconds,
            at.column,
        ])
    }

    fileprivate init(_ row: Row) throws {
        try self.init(
            client: row.id("client_id"), category: row.word("category"), operation: row["operation"],
            method: row["method"], route: row["route"], status: row["status"], address: row["ip_address"],
            userAgent: row["user_agent"], milliseconds: row["milliseconds"], at: row.date("at"))
        number = row["key"]
    }
}
