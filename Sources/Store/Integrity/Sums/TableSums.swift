import CSQLiteHooks
import EdgeCore
import FoundationEssentials
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
        /// Sums that stand in the place of the known ones, because all tables were summed up anew.
        fileprivate var base: Sums?
    }

    fileprivate struct Sums {
        var sealed: SealedSums
        /// What `sqlite_sequence` sums up to, edited or not, so that only what a transaction does to it is added.
        var numbers = RowSum()
    }

    var changes = Changes()
    /// The sums as the file has them; `nil` for a file of a version that has none.
    private(set) var known: SealedSums?
    private var numbers = RowSum()
    private var next: Sums?
    /// What the anchor is to say once the transaction is on disk.
    private var nextRecord: AnchorRecord?
    /// What a table is summed up to while it is read; rows are counted here and not as changes then.
    private var scanned: RowSum?
    /// Tables whose rows are numbered by `sqlite_sequence`, which SQLite tells nothing of.
    private var numbered: Set<String> = []
    private let rows: any KeyedDigest
    let seal: any KeyedDigest
    let files: any KeyedDigest
    let keyCheck: Data
    /// The file beside the database; `nil` for a database that has none, a backup for example.
    let anchor: Anchor?
    /// What was found when the file was opened.
    var alarms: [StoreAlarm] = []
    /// The counter goes on above this one, so that it never goes back.
    var floor: Int64 = 0
    /// The counter that is known to be on disk in the anchor.
    var synced: Int64 = 0
    private var watch: OpaquePointer?
    /// Of earlier connections too: one that was given up may still be open.
    private var watches: [OpaquePointer] = []

    init(_ secrets: any SecretKeeper, anchor: (any AnchorFile)? = nil) throws(EdgeError) {
        rows = try secrets.keyedDigest(purpose: "store.rows")
        seal = try secrets.keyedDigest(purpose: "store.seal")
        files = try secrets.keyedDigest(purpose: "store.file")
        keyCheck = try Data(secrets.digest("edged store", purpose: "store.keys"))
        self.anchor = try anchor.map { file throws(EdgeError) in try Anchor(file, secrets) }
    }

    /// For a file that is to take the place of the store in `directory`: it counts on above the anchor there, so that the
    /// next opening does not take it for an older copy.
    convenience init(_ secrets: any SecretKeeper, inPlaceOfStoreIn directory: String) throws(EdgeError) {
        try self.init(secrets)
        let anchor = try Anchor(DiskAnchorFile("\(directory)/\(Anchor.name)"), secrets)
        // Without one, on another card for example, there is nothing that the file could miss.
        floor = (try? anchor.read())?.record?.counter ?? 0
        synced = floor
    }

    /// The connections, which hold this object, are closed by now.
    deinit { for watch in watches { edged_row_watch_free(watch) } }

    /// Begins to watch; called while a connection is opened.
    func attach(_ db: Database) throws {
        known = nil
        begin()
        watch = edged_row_watch_begin(
            db.sqliteConnection, SealedSums.table,
            { context, table, sign, row, length in
                guard let context, let table else { return }
                Unmanaged<TableSums>.fromOpaque(context).takeUnretainedValue()
                    .count(String(cString: table), sign, UnsafeRawBufferPointer(start: row, count: length))
            }, Unmanaged.passUnretained(self).toOpaque())
        guard let watch else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
        watches.append(watch)
    }

    /// Reads the sums that the file has, which changes are added to from now on.
    func load(_ db: Database) throws -> SealedSums.Reading {
        // What was known of a connection that was lost says nothing about this one.
        known = nil
        let reading = try SealedSums.read(db, seal)
        if case .good(let found) = reading { try follow(found, db) }
        return reading
    }

    /// A transaction begins: what was written outside of one is nobody's and will be found.
    func begin() {
        changes = Changes()
        next = nil
        nextRecord = nil
        // A row that could not be counted in a transaction that was given up is no matter of the next one's.
        _ = edged_row_watch_failed(watch)
    }

    /// Writes the sums of what the transaction changed; its last statement.
    func write(_ db: Database) throws {
        if let fault = changes.fault { throw fault }
        guard edged_row_watch_failed(watch) == 0 else { throw DatabaseError(resultCode: .SQLITE_NOMEM) }
        guard var sums = changes.base ?? known.map({ Sums(sealed: $0, numbers: numbers) }) else { return }
        guard !changes.sums.isEmpty else {
            next = changes.base
            if anchor != nil, let base = next { nextRecord = try record(base.sealed, db) }
            return
        }
        var touched = changes.sums.filter { !$0.value.isZero }
        if !numbered.isDisjoint(with: changes.sums.keys) {
            let present = try sum(of: .numbers, db)
            touched[SummedTable.numbers.name] = present + -sums.numbers
            sums.numbers = present
        }
        for (table, change) in touched {
            sums.sealed.sums[table] = (sums.sealed.sums[table] ?? RowSum()) + change
        }
        sums.sealed.counter = max(sums.sealed.counter, floor) + 1
        sums.sealed.anchored = synced
        try sums.sealed.seal(seal)
        try sums.sealed.write(touched.keys, db)
        next = sums
        if anchor != nil { nextRecord = try record(sums.sealed, db) }
    }

    /// The transaction is on disk.
    func committed() {
        if let next { (known, numbers) = (next.sealed, next.numbers) }
        if next != nil, let record = nextRecord { anchor?.note(record) }
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
    ///
    /// Goes on above `counter` where the file that the rows come from had counted so far.
    func adopt(_ db: Database, after counter: Int64 = 0) throws {
        var fresh = SealedSums()
        fresh.counter = max(counter, floor, known?.counter ?? 0) + 1
        fresh.anchored = synced
        for table in try SummedTable.all(db) { fresh.sums[table.name] = try sum(of: table, db) }
        try fresh.seal(seal)
        try db.execute(sql: "DELETE FROM \(SealedSums.table)")
        try fresh.write(fresh.sums.keys, db)
        changes = Changes()
        changes.base = Sums(sealed: fresh, numbers: fresh.sums[SummedTable.numbers.name] ?? RowSum())
    }

    /// The tables whose rows are not those that were written through the store; one that cannot be read is among them.
    func differences(_ db: Database) throws -> [String] { try deviations(db).keys.sorted() }

    /// The same tables, each with what the sum of its rows differs by.
    ///
    /// That stays as it is however much is written through the store, and becomes another when somebody edits once more.
    func deviations(_ db: Database) throws -> [String: RowSum] {
        let reading = try SealedSums.read(db, seal)
        guard case .good(let sums) = reading else { return reading == .broken ? [SealedSums.table: RowSum()] : [:] }
        let tables = try SummedTable.all(db)
        var found = sums.sums.filter { !$0.value.isZero }.mapValues { -$0 }
        for table in tables {
            found[table.name] = nil
            do {
                let change = try sum(of: table, db) + -(sums.sums[table.name] ?? RowSum())
                if !change.isZero { found[table.name] = change }
            } catch let error as DatabaseError where isOfContents(error) { found[table.name] = RowSum() }
        }
        return found
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

    /// Whether the table's own bytes are why it cannot be read; a disk that fails has changed nothing.
    private func isOfContents(_ error: DatabaseError) -> Bool {
        [.storeCorrupt, .internalFault].contains(storeError(error).code)
    }

    private func count(_ table: String, _ sign: CInt, _ row: UnsafeRawBufferPointer) {
        do {
            let code = RowSum(try rows.code(of: Array(row)))
            guard scanned == nil else {
                scanned = scanned.map { $0 + code }
                return
            }
            changes.sums[table] = (changes.sums[table] ?? RowSum()) + (sign < 0 ? -code : code)
        } catch { changes.fault = changes.fault ?? error }
    }
}
