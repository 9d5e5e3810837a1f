import EdgeCore
import FoundationEssentials
import GRDB

/// What a file must say of itself before it can be a device's store.
enum FileNotes {
    /// Looks for tables that are gone and for notes that cannot be read, which SQLite's own check passes over.
    ///
    /// Throws `store.corrupt`, so that the file is mended.
    static func requireReadable(_ db: Database, _ sums: TableSums) throws {
        guard try Int.fetchOne(db, sql: "PRAGMA user_version") == Schema.migrations.count else { return }
        let present = try Set(String.fetchAll(db, sql: "SELECT name FROM sqlite_schema WHERE type = 'table'"))
        let missing = Schema.tables.filter { !present.contains($0) }
        guard missing.isEmpty else {
            throw EdgeError(.storeCorrupt, "Tables of the file are gone: \(missing.joined(separator: ", ")).")
        }
        // Sums that were sealed by this device's keys tell that they are the right ones.
        if try !hasKeyCheck(sums.keyCheck, db), case .good = try SealedSums.read(db, sums.seal) {
            throw EdgeError(.storeCorrupt, "The file's note of its keys is damaged.")
        }
        try StoreIdentity.requireReadable(db)
        _ = try LaneStates.read(db)
        _ = try AuditTree.last(db)
    }

    /// Takes out of a salvaged file what could not be read; the store begins it anew.
    ///
    /// Returns how many notes that were.
    static func removeUnreadable(_ db: Database, _ keyCheck: Data) throws -> Int {
        var removed = 0
        func remove(_ name: String, unless isReadable: () throws -> Bool) throws {
            guard try !isReadable() else { return }
            try db.execute(sql: "DELETE FROM meta WHERE name = ?", arguments: [name])
            removed += db.changesCount
        }
        try remove("key_check") { try hasKeyCheck(keyCheck, db) }
        try remove("outbox") { try whatOpens { _ = try LaneStates.read(db) } != nil }
        for name in StoreIdentity.names {
            try remove(name) { try whatOpens { try StoreIdentity.requireReadable(name, db) } != nil }
        }
        return removed
    }

    /// Takes the device's identifier from a checkpoint that this device has signed, where the file's own note is another or gone.
    ///
    /// Without it the device would be another one: to its central, and to the trail's own checkpoints.
    static func restoreDevice(_ db: Database, _ signer: any Signer) throws {
        let newest = try Row.fetchCursor(
            db, sql: "SELECT * FROM audit_checkpoints ORDER BY first_sequence DESC, size DESC")
        while let row = try newest.next() {
            let known = AuditCheckpointRecord(row)
            guard try AuditCheckpoint.open(known.note, of: known.origin, publicKey: signer.publicKey, signer) != nil,
                known.origin.utf8.count == known.origin.count, let device = AuditCheckpoint.device(of: known.origin)
            else { continue }
            return try StoreIdentity.restoreDevice(device, db)
        }
    }

    /// Whether the file says that it was begun under these keys; also for one that does not say.
    private static func hasKeyCheck(_ expected: Data, _ db: Database) throws -> Bool {
        let known = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'key_check'")
        return known == nil || known == expected
    }
}
