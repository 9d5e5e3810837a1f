import CSQLiteHooks
import EdgeCore
import GRDB

/// Reads the rows of one table of a damaged file, around the pages that cannot be read.
struct TableScan {
    let table: String
    let columns: [String]
    /// Whether rows may be given twice: those of a table without row numbers are read from both ends.
    var repeats: Bool { !keyOrder.isEmpty }
    private let db: Database
    private let keyOrder: [String]
    /// So many keys without a row that can be read end the search: a whole branch of the table is gone then.
    private static let longestGap: Int64 = 300_000
    private static let longestUnknownGap: Int64 = 10_000
    /// Steps of SQLite's machine for a table, and for each page of the file: some times what a sound one takes.
    private static let steps: (base: Int64, page: Int64) = (8_000_000, 20_000)

    /// `nil` when the damaged file has no such table.
    init?(_ table: String, wanted: [String], _ db: Database) throws {
        let facts = try Row.fetchAll(db, sql: "SELECT name, pk FROM pragma_table_info(?)", arguments: [table])
        guard !facts.isEmpty else { return nil }
        let known = Set(facts.map { $0[0] as String })
        self.table = table
        self.db = db
        columns = wanted.filter { known.contains($0) }
        let withoutRowID = try Bool.fetchOne(
            db, sql: "SELECT wr FROM pragma_table_list WHERE name = ?", arguments: [table])
        keyOrder =
            withoutRowID == true
            ? facts.filter { ($0[1] as Int) > 0 }.sorted { ($0[1] as Int) < ($1[1] as Int) }.map { $0[0] } : []
    }

    private var list: String { columns.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// Gives every readable row's values once; returns how many keys or rows were met that cannot be read.
    func forEach(_ take: ([DatabaseValue]) throws -> Void) throws -> Int {
        try limited { keyOrder.isEmpty ? try forEachByRowID(take) : try forEachFromBothEnds(take) }
    }

    /// A page that leads back to itself would be read for ever; what goes round is unreadable.
    private func limited<Outcome>(_ body: () throws -> Outcome) throws -> Outcome {
        let pages = try readable { try Int64.fetchOne(db, sql: "PRAGMA page_count") } ?? 0
        let left = UnsafeMutablePointer<Int64>.allocate(capacity: 1)
        left.initialize(to: Self.steps.base + Self.steps.page * pages)
        defer { left.deallocate() }
        edged_limit_steps(db.sqliteConnection, left)
        defer { edged_limit_steps(db.sqliteConnection, nil) }
        return try body()
    }

    /// How many rows an index says that there are; `nil` when no index over all rows can be read.
    func expected() throws -> Int? {
        var most: Int?
        for index in try indexes() {
            let count = try limited {
                try readable {
                    try Int.fetchOne(db, sql: "SELECT coalesce(sum(1), 0) FROM \"\(table)\" INDEXED BY \"\(index)\"")
                }
            }
            if let count { most = max(most ?? 0, count) }
        }
        return most
    }

    private func indexes() throws -> [String] {
        try readable {
            try String.fetchAll(
                db, sql: "SELECT name FROM pragma_index_list(?) WHERE partial = 0 AND origin <> 'pk'",
                arguments: [table])
        } ?? []
    }

    /// From key to key: where a row cannot be read the search goes on one key further, and comes out behind the damage.
    private func forEachByRowID(_ take: ([DatabaseValue]) throws -> Void) throws -> Int {
        let select = "SELECT rowid, \(list) FROM \"\(table)\" WHERE rowid >= ?1 ORDER BY rowid"
        let last = try lastRowID()
        var next: Int64 = 0
        var unreadable = 0
        while true {
            // Made anew each time: a statement that has failed once cannot be used again.
            let cursor = try Row.fetchCursor(db, sql: select, arguments: [next])
            do {
                while let row = try readableRow({ try cursor.next() }) {
                    let key: Int64 = row[0]
                    // In a sound tree keys only grow.
                    guard key >= next else { throw Unreadable() }
                    try take(Array(row.databaseValues.dropFirst()))
                    // The last key that there can be, in a damaged file even where nobody gave it away.
                    guard key < .max else { return unreadable }
                    next = key + 1
                }
                return unreadable
            } catch is Unreadable {
                let gap = last == nil ? Self.longestUnknownGap : Self.longestGap
                let end = min(last ?? .max, next > .max - gap ? .max : next + gap)
                guard next < end, let key = try firstReadable(by: select, from: next + 1, through: end) else {
                    // Where nothing says how far the rows went, all that is known is that some are missing.
                    return unreadable + (last == nil ? 1 : Int(max(end - next, 0)) + 1)
                }
                unreadable += Int(key - next)
                next = key
            }
        }
    }

    /// The first key from which the table can be read again; `nil` for none.
    private func firstReadable(by select: String, from first: Int64, through last: Int64) throws -> Int64? {
        var found: Int64 = 0
        let code = ResultCode(rawValue: edged_next_readable(db.sqliteConnection, select, first, last, &found))
        switch code {
        case .SQLITE_OK: return found
        case .SQLITE_NOTFOUND, .SQLITE_INTERRUPT: return nil
        default: throw DatabaseError(resultCode: code)
        }
    }

    /// The largest key by the table itself or by one of its indexes.
    private func lastRowID() throws -> Int64? {
        var largest = try readable { try Int64.fetchOne(db, sql: "SELECT max(rowid) FROM \"\(table)\" NOT INDEXED") }
        for index in try indexes() {
            let found = try readable {
                try Int64.fetchOne(db, sql: "SELECT max(rowid) FROM \"\(table)\" INDEXED BY \"\(index)\"")
            }
            if let found { largest = max(largest ?? 0, found) }
        }
        return largest
    }

    /// Without numbers to count by, the rows before the first damage and those behind the last.
    private func forEachFromBothEnds(_ take: ([DatabaseValue]) throws -> Void) throws -> Int {
        guard try !goThrough("", take) else { return 0 }
        // Rows that come a second time are refused by their key.
        return try goThrough(" DESC", take) ? 0 : 1
    }

    /// Whether the end was reached.
    private func goThrough(_ direction: String, _ take: ([DatabaseValue]) throws -> Void) throws -> Bool {
        let order = keyOrder.map { "\"\($0)\"\(direction)" }.joined(separator: ", ")
        let cursor = try Row.fetchCursor(db, sql: "SELECT \(list) FROM \"\(table)\" ORDER BY \(order)")
        do {
            var known: [DatabaseValue] = []
            var count = 0
            while let row = try readableRow({ try cursor.next() }) {
                let values = Array(row.databaseValues)
                // Whoever goes round comes by a row that was there before (Brent's way to find a cycle).
                guard values != known else { throw Unreadable() }
                count += 1
                if count & (count - 1) == 0 { known = values }
                try take(values)
            }
            return true
        } catch is Unreadable { return false }
    }

    private struct Unreadable: Error {}

    private func readableRow(_ next: () throws -> Row?) throws -> Row? {
        do { return try next() } catch {
            guard isUnreadable(error) else { throw error }
            throw Unreadable()
        }
    }

    private func readable<Outcome>(_ body: () throws -> Outcome?) throws -> Outcome? {
        do { return try body() } catch {
            guard isUnreadable(error) else { throw error }
            return nil
        }
    }
}
