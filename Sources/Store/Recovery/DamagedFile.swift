import EdgeCore
import FoundationEssentials
import GRDB
import Glibc

/// A copy of a damaged file, made readable as far as it can be.
///
/// The file itself stays as it was found. Its log is copied with it, and SQLite replays it into the copy.
enum DamagedFile {
    /// Throws what says that the disk, not the file, is at fault; damage shows when the copy is read.
    static func open(copyOf path: String, at copy: String) throws -> DatabaseQueue {
        for suffix in ["", "-wal"] where access(path + suffix, F_OK) == 0 {
            try BackupFile.copy(path + suffix, to: copy + suffix)
        }
        try FileHeader.mend(copy)
        try lengthen(copy)
        var configuration = Configuration()
        configuration.label = "edged.damaged"
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { try $0.execute(sql: pragmas) }
        return try DatabaseQueue(path: copy, configuration: configuration)
    }

    /// A schema with damage is read as far as it goes.
    private static let pragmas = """
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA foreign_keys = OFF;
        PRAGMA writable_schema = ON;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        """

    /// Makes size and count of pages agree, whichever is too small.
    ///
    /// SQLite refuses a whole file of which the end is missing, and one empty page at a time when the end is there; and what
    /// lies behind the pages that it counts it does not see.
    private static func lengthen(_ copy: String) throws {
        let descriptor = Glibc.open(copy, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFault.failure("copied") }
        defer { close(descriptor) }
        var header = [UInt8](repeating: 0, count: 100)
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, pread(descriptor, &header, 100, 0) == 100 else { return }
        let mark = Int(header[16]) << 8 | Int(header[17])
        let pageSize = mark == 1 ? 65536 : mark
        guard pageSize >= 512 else { return }
        let size = header[28..<32].reduce(0) { $0 << 8 | Int($1) } * pageSize
        if size > facts.st_size {
            // A header that is garbage must not ask for the whole disk; what is added takes no blocks.
            guard size < 1 << 36 else { return }
            guard ftruncate(descriptor, off_t(size)) == 0 else { throw BackupFault.failure("copied") }
        } else {
            let pages = UInt32(clamping: Int(facts.st_size) / pageSize)
            let count = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: pages >> UInt32($0)) }
            guard pwrite(descriptor, count, count.count, 28) == count.count else { throw BackupFault.failure("copied") }
        }
    }
}

/// Whether this failure of reading comes from damage; a page of garbage may also ask for impossible amounts of memory.
func isUnreadable(_ error: any Error) -> Bool {
    switch (error as? DatabaseError)?.resultCode {
    case .SQLITE_CORRUPT?, .SQLITE_NOTADB?, .SQLITE_TOOBIG?, .SQLITE_NOMEM?, .SQLITE_MISMATCH?, .SQLITE_ERROR?,
        .SQLITE_INTERRUPT?:
        true
    default: false
    }
}
