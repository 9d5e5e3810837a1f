import EdgeCore
import FoundationEssentials
import GRDB
import Glibc
import Synchronization

extension EdgeStore {
    /// How large the write-ahead log may become before it is emptied in any case.
    private static let largestLog: Int64 = 4 << 20

    /// Empties the write-ahead log when it is large, or when nothing was written since the last look.
    ///
    /// An idle device has all of it in the file, so that the next start has nothing to replay.
    func emptyLogWhenDue() async throws(EdgeError) {
        var facts = stat()
        guard stat("\(directory)/\(DatabaseFile.name)-wal", &facts) == 0, facts.st_size > 0 else { return }
        let changes = try await read { db in db.totalChangesCount }
        let isIdle = lastChanges.withLock { last in
            defer { last = changes }
            return last == changes
        }
        guard isIdle || facts.st_size > Self.largestLog else { return }
        try await withoutTransaction { db in
            try DatabaseFile.emptyLog(db)
            // What was removed goes back to the file system in small bites.
            try db.execute(sql: "PRAGMA incremental_vacuum(256)")
        }
    }

    /// Once a week the whole file is gone through, indexes and all: a start after a clean stop looks at nothing.
    ///
    /// Damage is mended at the next start.
    func checkFileWhenDue() async throws(EdgeError) {
        let now = clock.wall.column
        let last = try await read { db in
            try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'file_checked'")
                .flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
        }
        // A clock that was set back must not put it off.
        if let last, abs(now - last) < Self.week { return }
        // The first look is due a week after the file was begun.
        let found = last == nil ? [] : try await read { try StructureCheck.faults($0, by: "integrity_check") }
        guard found.isEmpty else { return noteDamage(DatabaseError(resultCode: .SQLITE_CORRUPT)) }
        try await write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('file_checked', ?)",
                arguments: [Data(String(now).utf8)])
        }
    }

    private static let week: Int64 = 7 * 86_400 * 1_000_000
}
