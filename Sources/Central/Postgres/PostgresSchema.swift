import EdgeCore

/// The same tables in PostgreSQL.
///
/// The schema is written once, in ``CentralSchema``; here its words are put into those of PostgreSQL. What grows with the
/// fleet, the records, is spread by lane over partitions.
enum PostgresSchema {
    private static let partitions = 16
    /// By which column a large table is spread.
    private static let spread = ["records": "lane_key"]

    /// Brings the database to the newest version in one transaction; processes that start together wait for each other.
    static func migrate(_ connection: inout PostgresConnection) throws {
        try connection.script("BEGIN; SELECT pg_advisory_xact_lock(\(CentralSchema.applicationID))")
        try connection.script("CREATE TABLE IF NOT EXISTS central_schema (version BIGINT NOT NULL)")
        let found = try connection.script("SELECT coalesce(max(version), 0) FROM central_schema")
        guard let present = found.flatMap({ Int($0) }) else { throw EdgeError(.storeCorrupt) }
        guard present <= CentralSchema.migrations.count else {
            throw EdgeError(
                .storeSchemaNewer,
                "The fleet's database has schema \(present); this version knows \(CentralSchema.migrations.count).")
        }
        for (number, sql) in zip(1..., CentralSchema.migrations) where number > present {
            for statement in statements(of: sql) { try connection.script(statement) }
            try connection.script("INSERT INTO central_schema (version) VALUES (\(number))")
        }
        try connection.script("COMMIT")
    }

    /// Whether the database has central's tables.
    static func isThere(_ db: any FleetSession) throws -> Bool { try tables(db).contains("central_schema") }

    /// Whether the database has no tables at all.
    static func isBare(_ db: any FleetSession) throws -> Bool { try tables(db).isEmpty }

    /// Which version central's tables have.
    static func version(_ db: any FleetSession) throws -> Int {
        try db.value("SELECT max(version) FROM central_schema") ?? 0
    }

    /// Makes all tables in the transaction of the caller, where there are none.
    static func create(_ db: any FleetSession) throws {
        try db.execute("CREATE TABLE central_schema (version BIGINT NOT NULL)")
        for (number, sql) in zip(1..., CentralSchema.migrations) {
            for statement in statements(of: sql) { try db.execute(statement) }
            try db.execute("INSERT INTO central_schema (version) VALUES (?)", [number])
        }
    }

    private static func tables(_ db: any FleetSession) throws -> [String] {
        try db.values("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    }

    /// A migration's statements as PostgreSQL has them.
    static func statements(of sql: String) -> [String] {
        sql.split(separator: ";").flatMap { part -> [String] in
            let words = part.split(whereSeparator: \.isWhitespace).map(word)
            guard !words.isEmpty else { return [] }
            let text = withoutStrictness(words).joined(separator: " ")
            guard words.count > 2, words[0] == "CREATE", words[1] == "TABLE", let column = spread[words[2]] else {
                return [text]
            }
            let parts = (0..<partitions).map { part in
                """
                CREATE TABLE \(words[2])_\(part) PARTITION OF \(words[2])
                    FOR VALUES WITH (MODULUS \(partitions), REMAINDER \(part))
                """
            }
            return ["\(text) PARTITION BY HASH (\(column))"] + parts
        }
    }

    private static func word(_ word: Substring) -> String {
        let bare = word.prefix { $0 != "," && $0 != ")" }
        let tail = word.dropFirst(bare.count)
        return switch bare {
        case "BLOB": "BYTEA\(tail)"
        case "INTEGER": "BIGINT\(tail)"
        default: String(word)
        }
    }

    /// Without the words that make SQLite strict about types, which PostgreSQL is by itself.
    private static func withoutStrictness(_ words: [String]) -> [String] {
        var words = words
        while let last = words.last, ["STRICT", "STRICT,", "WITHOUT", "ROWID"].contains(last) { words.removeLast() }
        return words
    }
}
