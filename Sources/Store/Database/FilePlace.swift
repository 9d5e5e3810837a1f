import GRDB
import Glibc
import Synchronization

/// Which file lies under a name.
struct FileIdentity: Equatable, Sendable {
    private let device: UInt
    private let number: UInt

    /// `nil` where there is none.
    init?(_ path: String) {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return nil }
        (device, number) = (UInt(facts.st_dev), UInt(facts.st_ino))
    }
}

/// Whether the store's file still lies where it was opened.
///
/// Who moves, removes or replaces it under a daemon leaves SQLite writing into a file that nobody will open again: what would be
/// answered then would be lost with the next start.
final class FilePlace: Sendable {
    private let path: String
    private let known = Mutex<FileIdentity?>(nil)

    init(_ path: String) { self.path = path }

    /// The file that was opened; `nil` on a disk of tests, which the system knows nothing of.
    var identity: FileIdentity? { known.withLock { $0 } }

    /// The file was opened just now.
    func noteOpened() { known.withLock { $0 = FileIdentity(path) } }

    /// One question to the kernel; a transaction asks it before it commits.
    var isKept: Bool { identity.map { $0 == FileIdentity(path) } ?? true }

    /// Whether a file that was there is gone altogether, so that opening would begin an empty one.
    var isGone: Bool { identity != nil && FileIdentity(path) == nil }

    static let moved = DatabaseError(
        resultCode: .SQLITE_READONLY_DBMOVED, message: "the store's file is not where it was opened")
}
