import CSQLiteHooks
import EdgeCore
import GRDB

/// Keeps the sums of a connection's tables in step with what is written through it.
///
/// SQLite tells every row that comes or goes while a statement runs; the sums are written by ``write(_:)`` as the last
/// statement of the same transaction. What SQLite undoes inside of a transaction it does not tell: whoever rolls a savepoint
/// back puts ``changes`` back too, and a body does not go on after a statement that failed.
///
/// Unchecked because all of it is touched on the connection's queue alone, where SQLite calls back.
final class TableSums: @unchecked Sendable {
    /// What the transaction under way did to each table's sum.
    struct Changes {
        fileprivate var sums: [String: RowSum] = [:]
        /// Why a row could not be counted; the transaction must not be committed then.
        fileprivate var fault: (any Error)?
    }

    var changes = Changes()
    /// The sums as the file has them; `nil` for a file of a version that has none.
    private(set) var known: SealedSums?
    private var next: (sums: SealedSums, numbers: RowSum)?
    /// What a table is summed up to while it is read; rows are counted here and not as changes then.
    private var scanned: RowSum?
    /// Tables whose rows are numbered by `sqlite_sequence`, which SQLite tells nothing of.
    private var numbered: Set<String> = []
    /// What `sqlite_sequence` sums up to, edited or not, so that only what a transaction does to it is added.
    private var numbers = RowSum()
    private let rows: any KeyedDigest
    let seal: any KeyedDigest
    private var watch: OpaquePointer?

    init(_ secrets: any SecretKeeper) throws(EdgeError) {
        rows = try secrets.keyedDigest(purpose: "store.rows")
        seal = try secrets.keyedDigest(purpose: "store.seal")
    }

    /// The connection, which holds this object, is closed by now.
    deinit { edged_row_watch_free(watch) }

    /// Begins to watch; called once, while the connection is opened.
    func attach(_ db: Database) throws {
        edged_row_watch_free(watch)
        watch = edged_row_watch_begin(
            db.sqliteConnection, SealedSums.table,
            { context, table, sign, row, length in
                guard let context, let table else { return }
                Unmanaged<TableSums>.fromOpaque(context).takeUnretainedValue()
                    .count(String(cString: table), sign, UnsafeRawBufferPointer(start: row, count: length))
            }, Unmanaged.passUnretained(self).toOpaque())
        guard watch != nil else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
    }

    /// Reads the sums that the file has, which changes are added to from now on.
    func load(_ db: Database) throws -> SealedSums.Reading {
        let reading = try SealedSums.read(db, seal)
        if case .good(let found) = reading { try follow(found, db) }
        return reading
    }

    /// A transaction begins: what was written outside of one is nobody's and will be found.
    func begin() {
        changes = Changes()
        next = nil
        // A row that could not be counted in a transaction that was given up is no matter of the next one's.
        _ = edged_row_watch_failed(watch)
    }

    /// Writes the sums of what the transaction changed; its last statement.
    func write(_ db: Database) throws {
        if let fault = changes.fault { throw fault }
        guard edged_row_watch_failed(watch) == 0 else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
        guard var sums = known, !changes.sums.isEmpty else { return }
        var touched = changes.sums.filter { !$0.value.isZero }
        var present = numbers
        if !numbered.isDisjoint(with: changes.sums.keys) {
            present = try sum(of: .numbers, db)
            touched[SummedTable.numbers.name] = present + -numbers
        }
        for (table, change) in touched { sums.sums[table] = (sums.sums[table] ?? RowSum()) + change }
        sums.counter += 1
        try sums.seal(seal)
        try sums.write(touched.keys, db)
        next = (sums, present)
    }

    /// The transaction is on disk.
    func committed() {
        if let next { (known, numbers) = next }
        begin()
    }

    /// Runs `body` as a transaction of its own with its sums.
    func sealed(_ db: Database, _ body: (Database) throws -> Void) throws {
        try db.inTransaction(.immediate) {
            begin()
            try body(db)
            try write(db)
            return .commit
        }
        committed()
    }

    /// Sums up all tables anew, in the caller's transaction: from here on their present rows are the right ones.
    func adopt(_ db: Database, after counter: Int64 = 0) throws {
        var fresh = SealedSums()
        fresh.counter = max(counter, known?.counter ?? 0) + 1
        fresh.anchored = known?.anchored ?? 0
        for table in try SummedTable.all(db) { fresh.sums[table.name] = try sum(of: table, db) }
        try fresh.seal(seal)
        try db.execute(sql: "DELETE FROM \(SealedSums.table)")
        try fresh.write(fresh.sums.keys, db)
        try follow(fresh, db)
        begin()
        next = (fresh, numbers)
    }

    /// The tables whose rows are not those that were written through the store; one that cannot be read is among them.
    func differences(_ db: Database) throws -> [String] {
        guard case .good(let sums) = try SealedSums.read(db, seal) else {
            return try SealedSums.exists(db) ? [SealedSums.table] : []
        }
        let tables = try SummedTable.all(db)
        let gone = Set(sums.sums.filter { !$0.value.isZero }.keys).subtracting(tables.map(\.name))
        let changed = tables.filter { table in
            let present = try? sum(of: table, db)
            return present != sums.sums[table.name] ?? RowSum()
        }
        return (changed.map(\.name) + gone).sorted()
    }

    private func follow(_ sums: SealedSums, _ db: Database) throws {
        known = sums
        numbered = Set(
            try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"))
        if try SummedTable.hasNumbers(db) { numbers = try sum(of: .numbers, db) }
    }

    private func sum(of table: SummedTable, _ db: Database) throws -> RowSum {
        let statement = try db.makeStatement(sql: table.query)
        scanned = RowSum()
        defer { scanned = nil }
        let code = edged_row_watch_scan(watch, statement.sqliteStatement, table.name)
        guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        if let fault = changes.fault { throw fault }
        return scanned ?? RowSum()
    }

    private func count(_ table: String, _ sign: CInt, _ row: UnsafeRawBufferPointer) {
        do {
            let code = RowSum(try rows.code(of: row))
            guard scanned == nil else {
                scanned = scanned.map { $0 + code }
                return
            }
            changes.sums[table] = (changes.sums[table] ?? RowSum()) + (sign < 0 ? -code : code)
        } catch { changes.fault = changes.fault ?? error }
    }
}

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
