import CFaultVFS
import EdgeCore
import EdgeTesting
import Foundation
import GRDB

@testable import Store
@testable import StoreTesting

/// A disk in memory that stands where a store has its directory; it ends with the last reference.
///
/// The directory itself is real, for what the store does there without SQLite.
final class MemoryDisk: Sendable {
    let directory: TemporaryDirectory
    let number: Int32
    /// The anchor beside the database.
    let anchor: RecordedAnchor

    /// A recording disk keeps all that is written to it.
    init(records: Bool = false) throws {
        guard isRegistered else { throw EdgeError(.internalFault, "SQLite takes no VFS") }
        directory = try TemporaryDirectory()
        number = fv_make(directory.path("store"), records)
        anchor = RecordedAnchor(disk: number)
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
