import EdgeCore
import FoundationEssentials
import GRDB

/// The sums of all tables as the file keeps them, under one code that only the device can make.
///
/// A sum alone tells nothing: whoever saw it before and after a row came knows that row's code. The code over all sums and
/// the counter is what an edit of rows and sums together cannot meet.
struct SealedSums: Sendable, Equatable {
    /// How many transactions changed something since the file was begun; it goes on over epochs and restores.
    var counter: Int64 = 0
    /// The counter that the anchor was last synced with; a later one than the anchor's tells of an exchanged anchor.
    var anchored: Int64 = 0
    /// The sum of each table that has rows, or had some.
    var sums: [String: RowSum] = [:]
    /// What the counter, the anchor and all sums are sealed with.
    private(set) var code: [UInt8] = []

    /// The table that they stand in; its own rows are guarded by the code.
    static let table = "table_sums"
    /// The row that holds counter and code; no table has this name.
    private static let head = ""

    /// What a file says of its sums.
    enum Reading: Equatable {
        /// There is no table for them: the file is of an earlier version.
        case none
        /// The sums are as the device wrote them.
        case good(SealedSums)
        /// They are gone or were changed.
        case broken
    }

    static func read(_ db: Database, _ digest: any KeyedDigest) throws -> Reading {
        guard try exists(db) else {
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            return version < 3 ? .none : .broken
        }
        var found = SealedSums()
        var head: [UInt8] = []
        // Whoever edits the file may have left anything here.
        for row in try Row.fetchAll(db, sql: "SELECT name, sum FROM \(table)") {
            guard let name = String.fromDatabaseValue(row["name"]), let sum = Data.fromDatabaseValue(row["sum"]),
                sum.count == (name == Self.head ? 48 : 32)
            else { return .broken }
            if name == Self.head { head = Array(sum) } else { found.sums[name] = RowSum(Array(sum)) }
        }
        guard head.count == 48 else { return .broken }
        found.counter = number(head[0..<8])
        found.anchored = number(head[8..<16])
        try found.seal(digest)
        return found.code == Array(head[16...]) ? .good(found) : .broken
    }

    static func exists(_ db: Database) throws -> Bool {
        try Int.fetchOne(
            db, sql: "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?", arguments: [table]) == 1
    }

    /// Writes the sums of these tables and the code over all of them.
    func write(_ tables: some Sequence<String>, _ db: Database) throws {
        let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO \(Self.table) (name, sum) VALUES (?, ?)")
        for name in tables { try statement.execute(arguments: [name, Data((sums[name] ?? RowSum()).bytes)]) }
        let head = Self.bytes(counter) + Self.bytes(anchored) + code
        try statement.execute(arguments: [Self.head, Data(head)])
    }

    mutating func seal(_ digest: any KeyedDigest) throws {
        var message = Array("edged sums 1\0".utf8) + Self.bytes(counter) + Self.bytes(anchored)
        for (name, sum) in sums.sorted(by: { $0.key < $1.key }) {
            message += Self.bytes(Int64(name.utf8.count)) + Array(name.utf8) + sum.bytes
        }
        code = try digest.code(of: message)
    }

    static func bytes(_ number: Int64) -> [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> Int64($0)) }
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
