import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import GRDB

@testable import Store

/// A disk in memory that stands where a store has its directory; it ends with the last reference.
///
/// The directory itself is real, for what the store does there without SQLite.
final class MemoryDisk: Sendable {
    let directory: TemporaryDirectory
    let number: Int32

    /// A recording disk keeps all that is written to it.
    init(records: Bool = false) throws {
        guard isRegistered else { throw EdgeError(.internalFault, "SQLite takes no VFS") }
        directory = try TemporaryDirectory()
        number = fv_make(directory.path("store"), records)
        guard number >= 0 else { throw EdgeError(.internalFault, "too many disks") }
    }

    deinit { fv_drop(number) }

    /// The store's directory.
    var path: String { directory.path("store") }

    /// How many changes and syncs it has seen.
    var operations: Int { fv_operations(number) }

    /// From now on it confirms syncs and does not do them.
    func lie() { fv_lie(number) }
}

/// Once for the process: paths outside of the disks go on to the system's files, so other tests see no difference.
private let isRegistered = fv_register() == 0

extension EdgeStore {
    /// A digest of every row of every table but the store's own notes.
    func fingerprint() async throws -> UInt64 {
        try await read { db in
            let digest = fv_fingerprint(db.sqliteConnection)
            guard digest != 0 else { throw EdgeError(.storeCorrupt, "a table cannot be read") }
            return digest
        }
    }

    /// What is wrong with the file, by SQLite's word, by the audit chain and by the seals; empty when all is well.
    func findings() async throws -> [String] {
        let found = try await verify()
        let seals = found.brokenSeals.map { "\($0.value) sealed records of \($0.key) do not open" }
        return found.fileFaults + seals + (found.audit.firstBroken.map { ["audit line \($0) is broken"] } ?? [])
    }
}
