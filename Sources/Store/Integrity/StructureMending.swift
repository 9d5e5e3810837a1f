import EdgeCore
import GRDB

/// Puts right what is wrong with the file and not with its rows, once somebody takes the rows for the right ones.
enum StructureMending {
    /// What SQLite finds wrong with the file, indexes that are gone, and rows that point nowhere; at most a hundred sentences.
    static func faults(_ db: Database) throws -> [String] {
        let found = try StructureCheck.faults(db, by: "integrity_check", limit: 100)
        let gone = try Schema.missingIndexes(db).map { "the index \($0.name) is gone" }
        let lost = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { row in
            "a row of \(row[0] as String? ?? "a table") points at a row of \(row[2] as String? ?? "another") that is gone"
        }
        return Array((found + gone + lost).prefix(100))
    }

    /// Builds the indexes anew out of the rows and removes rows that point nowhere, in the caller's transaction; how many.
    ///
    /// Does nothing to a file without faults. Throws `store.corrupt` when two rows have one key, so that no index can hold both.
    static func mend(_ db: Database) throws -> Int {
        guard try !faults(db).isEmpty else { return 0 }
        for index in try Schema.missingIndexes(db) { try db.execute(sql: index.sql) }
        do { try db.execute(sql: "REINDEX") } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CONSTRAINT
        {
            throw EdgeError(.storeCorrupt, "Two rows of the store have one key; restore a backup.")
        }
        var removed = 0
        for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check") {
            // A table without row numbers does not say which row it is.
            guard let table = row[0] as String?, let number = row[1] as Int64? else { continue }
            try db.execute(
                sql: "DELETE FROM \(table.quotedDatabaseIdentifier) WHERE rowid = ?", arguments: [number])
            removed += db.changesCount
        }
        return removed
    }
}
