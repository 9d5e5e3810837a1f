import GRDB

/// A table as it is summed up, or what stands beside the tables and is summed up like one.
struct SummedTable {
    let name: String
    let query: String

    /// How far the numbers of rows have come, which SQLite counts on by itself.
    static let numbers = SummedTable(name: "sqlite_sequence", query: "SELECT name, seq FROM sqlite_sequence")

    /// The schema itself with its version; statistics for the query planner come and go.
    static let schema = SummedTable(
        name: "sqlite_schema",
        query: """
            SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'
            UNION ALL SELECT 'version', user_version, '', '' FROM pragma_user_version
            UNION ALL SELECT 'application', application_id, '', '' FROM pragma_application_id
            """)

    static func hasNumbers(_ db: Database) throws -> Bool {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") == 1
    }

    /// Everything that the sums go over.
    static func all(_ db: Database) throws -> [SummedTable] {
        let names = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM sqlite_schema
                WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?
                """, arguments: [SealedSums.table])
        return try names.map { SummedTable(name: $0, query: "SELECT * FROM \($0.quotedDatabaseIdentifier)") }
            + (hasNumbers(db) ? [numbers] : []) + [schema]
    }
}
