import CFaultVFS
import EdgeCore
import GRDB

@testable import Store
@testable import StoreTesting

/// All that a store holds at a moment, short enough to be compared.
struct StoreState: Sendable, Equatable {
    /// Digest of all rows, of the audit lines up to ``auditLines``.
    let fingerprint: UInt64
    let auditLines: Int64
}

/// What a store has answered, by the place in the disk's log: after each answer, and each commit on the way to it, the state
/// it must never fall behind.
struct CrashLedger: Sendable {
    struct Entry: Sendable {
        let step: String
        /// Operations on the disk when the answer was given.
        let operations: Int
        let state: StoreState
    }

    private(set) var entries: [Entry] = []

    mutating func answered(_ step: String, operations: Int, state: StoreState) {
        entries.append(Entry(step: step, operations: operations, state: state))
    }

    /// The number of the last step answered when the log was this long; 0, the open store, when none was.
    func lastAnswered(at operations: Int) -> Int {
        // The log grows, so the entries are in order.
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].operations <= operations { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, 0)
    }

    /// What a store may hold after a crash: all that was answered, and at most the one transaction under way.
    func allowed(afterStep number: Int) -> ArraySlice<Entry> { entries[number...min(number + 1, entries.count - 1)] }
}

extension EdgeStore {
    /// What the store keeps for itself and has told nobody.
    private static let ownTables: Set = ["meta", "audit_epochs", "audit_checkpoints", "table_sums"]

    func state() async throws -> StoreState { try await read { db in try Self.state(db) } }

    static func state(_ db: Database) throws -> StoreState {
        let lines = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0
        return StoreState(fingerprint: try fingerprint(db, lines), auditLines: lines)
    }

    /// Whether the store is in this state; lines about its own opening may have come since.
    func isIn(_ state: StoreState) async throws -> Bool {
        try await read { db in
            guard try Self.fingerprint(db, state.auditLines) == state.fingerprint else { return false }
            let since = try String.fetchAll(
                db, sql: "SELECT action FROM audit WHERE sequence > ?", arguments: [state.auditLines])
            return since.allSatisfy { $0.hasPrefix("store.") || $0.hasPrefix("audit.") }
        }
    }

    /// How many rows each table has.
    func rowCounts() async throws -> [String: Int] {
        try await read { db in
            try Self.tables(db).reduce(into: [:]) { counts, table in
                counts[table] = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM \(table)"))
            }
        }
    }

    /// What is wrong with the file, by SQLite's word, by the audit chain and by the seals; empty when all is well.
    func findings() async throws -> [String] {
        let found = try await verify()
        guard !found.isWhole else { return [] }
        let seals = found.brokenSeals.map { "\($0.value) sealed records of \($0.key) do not open" }
        let edited = found.editedTables.map { "the rows of \($0) are not those that were written" }
        return found.fileFaults + seals + edited + found.alarms.map(\.detail)
            + (found.audit.firstBroken.map { ["audit line \($0) is broken"] } ?? [])
    }

    /// Those whose rows somebody was told of.
    private static func tables(_ db: Database) throws -> [String] {
        let all = try db.cachedStatement(
            sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
        return try String.fetchAll(all).filter { !ownTables.contains($0) }
    }

    private static func fingerprint(_ db: Database, _ lines: Int64) throws -> UInt64 {
        try tables(db).reduce(1) { digest, table in
            // Kept with the connection: making them anew each time is most of what a sweep costs.
            let rows = try db.cachedStatement(sql: "SELECT * FROM \(table)\(told(of: table))")
            let next = fv_fingerprint(rows.sqliteStatement, table, lines, digest)
            guard next != 0 else { throw EdgeError(.storeUnavailable, "a table cannot be read") }
            return next
        }
    }

    /// Lines about an opening come after those that were answered, in the trail and in its lane for central.
    private static func told(of table: String) -> String {
        switch table {
        case "audit": " WHERE sequence <= ?"
        case "outbox": " WHERE lane <> 2 OR source <= ?"
        default: ""
        }
    }
}
