import EdgeCore
import GRDB
import Synchronization

/// The numbered versions of the schema.
enum Schema {
    /// `EDGD`, so that `file` and we know the file again.
    static let applicationID = 0x4544_4744

    /// Every version in order; a released one is never changed.
    static let migrations: [String] = [version1, version2, version3]

    /// The tables of the newest version, by name.
    static let tables: [String] = {
        var names: Set<String> = []
        for sql in migrations {
            names.formUnion(sql.matches(of: /CREATE TABLE (\w+)/).map { String($0.1) })
            for renamed in sql.matches(of: /ALTER TABLE (\w+) RENAME TO (\w+)/) {
                names.remove(String(renamed.1))
                names.insert(String(renamed.2))
            }
        }
        return names.sorted()
    }()

    /// Brings the file to the newest version, or to an older one, one transaction for each step.
    static func migrate(_ queue: DatabaseQueue, _ sums: TableSums, through newest: Int = migrations.count) throws {
        try queue.writeWithoutTransaction { db in
            try check(db)
            let present = try version(db)
            for (number, sql) in zip(1..., migrations) where number > present && number <= newest {
                try db.inTransaction(.immediate) {
                    try db.execute(sql: sql)
                    try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(number)")
                    if try SealedSums.exists(db) {
                        try sums.adopt(db)
                        try sums.write(db)
                    }
                    return .commit
                }
                sums.committed()
            }
        }
    }

    /// The file's version; the newest one for a number that does not fit the tables and that a wrong bit may have made.
    ///
    /// A higher number is a later version's, whatever its tables are, unless no release will have it soon.
    static func versionOfTables(_ db: Database) throws -> Int {
        let present = try version(db)
        let isOneBitOff = (present ^ migrations.count).nonzeroBitCount == 1
        guard isOneBitOff, present < migrations.count || present >= 16 else { return present }
        return try hasNewestTables(db) ? migrations.count : present
    }

    private static func hasNewestTables(_ db: Database) throws -> Bool {
        let own = try DatabaseQueue()
        defer { try? own.close() }
        return try own.write { try definitions($0, after: migrations) } == definitions(db)
    }

    /// An index with what makes it.
    struct Index: Sendable {
        let name: String
        let table: String
        let sql: String
    }

    /// The indexes of the newest version that the file does not have, of the tables that it has.
    static func missingIndexes(_ db: Database) throws -> [Index] {
        let wanted = try ownIndexes()
        let present = Set(try indexes(db).map(\.name))
        return try wanted.filter { try !present.contains($0.name) && db.tableExists($0.table) }
    }

    /// What ``ownIndexes()`` read: to make a database costs more than all else that looks at a small file.
    private static let readIndexes = Mutex<[Index]?>(nil)

    /// The indexes that the migrations make.
    private static func ownIndexes() throws -> [Index] {
        if let known = readIndexes.withLock({ $0 }) { return known }
        let own = try DatabaseQueue()
        defer { try? own.close() }
        let made = try own.write { own -> [Index] in
            for sql in migrations { try own.execute(sql: sql) }
            return try indexes(own)
        }
        readIndexes.withLock { $0 = made }
        return made
    }

    /// All but those that SQLite makes by itself with a table.
    private static func indexes(_ db: Database) throws -> [Index] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name
                """
        ).map { row in Index(name: row[0], table: row[1], sql: row[2]) }
    }

    private static func definitions(_ db: Database, after migrations: [String] = []) throws -> [String] {
        for sql in migrations { try db.execute(sql: sql) }
        return try String.fetchAll(
            db, sql: "SELECT coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    }

    private static func version(_ db: Database) throws -> Int { try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }

    private static func check(_ db: Database) throws {
        let present = try version(db)
        guard try versionOfTables(db) == present else {
            throw EdgeError(.storeCorrupt, "The file's version is not that of its tables.")
        }
        guard present <= migrations.count else {
            throw EdgeError(
                .storeSchemaNewer, "The store has schema \(present); this version knows \(migrations.count).")
        }
        let owner = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_schema") == 0
        guard owner == applicationID || (isEmpty && owner == 0) else {
            throw FileHeader.foreign
        }
    }
}
