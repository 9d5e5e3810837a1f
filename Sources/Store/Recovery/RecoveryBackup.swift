import EdgeCore
import FoundationEssentials
import GRDB
import Logging

/// One of the device's own backups that can take a damaged store's place.
struct RecoveryBackup: Sendable {
    let backup: StoreBackup
    /// Rows of each table.
    let rows: [String: Int]

    /// All that can, the newest first.
    ///
    /// One whose rows are not those that were written is passed over, and so is one that knows of fewer erasures than the
    /// damaged file, or that the device has not listed as made since it last erased somebody: own backups are dropped by an
    /// erasure, but somebody may have put one back.
    ///
    /// Throws `vault.key.unavailable` for a backup under other keys: the damaged store was that device's as well.
    static func usable(
        in directory: String, erasures: Int, sealer: any Sealer, secrets: any SecretKeeper, log: Logger
    ) throws -> [RecoveryBackup] {
        let ledger = try BackupLedger(in: directory, secrets)
        var found: [RecoveryBackup] = []
        for backup in EdgeStore.backups(in: directory) {
            do {
                let marks = try BackupFile.check(backup.path)
                guard marks.erasures >= erasures else { continue }
                try StoreRestore.requireOwn(marks, secrets)
                guard try ledger.lists(backup.path) else {
                    throw EdgeError(
                        .storeBackupOutdated, "The device did not make this copy, or has erased somebody since.")
                }
                // One that an exchange of the keys could not remove is on no list, and keeps nobody from an older one.
                try StoreRestore.requireKeys(marks, sealer, secrets)
                try BackupFile.requireUnchanged(backup.path, secrets)
                found.append(RecoveryBackup(backup: backup, rows: try rows(of: backup.path)))
            } catch {
                let failure = storeError(error)
                log.error(
                    "backup passed over",
                    metadata: [
                        "code": "\(failure.code.rawValue)", "file": "\(backup.path)", "facts": "\(failure.detail)",
                    ])
                if failure.code == .keyUnavailable { throw failure }
            }
        }
        return found
    }

    private static func rows(of path: String) throws -> [String: Int] {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { db in
            let tables = try String.fetchAll(
                db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            return try tables.reduce(into: [:]) { counts, table in
                counts[table] = try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(table)\"")
            }
        }
    }
}
