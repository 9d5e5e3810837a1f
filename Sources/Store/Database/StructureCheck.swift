import EdgeCore
import GRDB

/// SQLite's own look through the structure of a file.
enum StructureCheck {
    /// What it finds wrong, at most `limit` sentences; none where the file is sound.
    ///
    /// Throws `store.unavailable` where a page could not be read: whoever takes that for damage mends a sound file. A page of the
    /// free list or of the pointer map that can never be read counts as damage.
    static func faults(_ db: Database, by check: String = "quick_check", limit: Int = 10) throws -> [String] {
        let found = try look(db, check, limit)
        guard !found.isEmpty else { return [] }
        // For those SQLite tells no code, so a second look shows whether a call failed: damage is there again.
        guard try !found.contains(where: isFailedCall) && look(db, check, limit) == found else {
            throw EdgeError(.storeUnavailable, "The store's file could not be read through.")
        }
        return found
    }

    private static func look(_ db: Database, _ check: String, _ limit: Int) throws -> [String] {
        try String.fetchAll(db, sql: "PRAGMA \(check)(\(limit))").filter { $0 != "ok" }
    }

    /// Whether a sentence is about a call that failed, and not about what stands in the file.
    private static func isFailedCall(_ finding: String) -> Bool {
        guard let code = finding.firstMatch(of: /error code[= ](\d+)/).flatMap({ Int32($0.1) }) else { return false }
        return [.SQLITE_IOERR, .SQLITE_NOMEM].contains(ResultCode(rawValue: code).primaryResultCode)
    }
}
