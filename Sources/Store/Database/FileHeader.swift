import CSQLiteHooks
import EdgeCore
import GRDB
import Glibc

/// The bytes of SQLite's header that never change in a store.
///
/// With one wrong bit in them SQLite takes the file for another program's, for one of another page size, or for one that may
/// only be read, and says so in words that are not about damage. Offsets by SQLite's file format, section 1.3.
struct FileHeader {
    static let size = 100
    private static let owner = 68..<72
    /// What stands where in every store of ours.
    private static let fixed: [(offset: Int, bytes: [UInt8])] = [
        (0, Array("SQLite format 3\0".utf8)),
        // Pages of 4096 bytes.
        (16, [0x10, 0x00]),
        // No reserved space, and the fractions of a page that SQLite prescribes.
        (20, [0, 64, 32, 32]),
        // Schema format 4, UTF-8.
        (44, [0, 0, 0, 4]), (56, [0, 0, 0, 1]),
        // The schema's version has one byte in use.
        (60, [0, 0, 0]),
    ]
    /// Whether readers and writers need a log (2) or a journal (1, as backups have it).
    private static let access = 18..<20

    private var bytes: [UInt8]

    /// `nil` for a file that is too short to have a header.
    ///
    /// Throws when it cannot be read.
    private init?(of descriptor: CInt) throws {
        bytes = [UInt8](repeating: 0, count: Self.size)
        let count = pread(descriptor, &bytes, Self.size, 0)
        guard count >= 0 else { throw BackupFault.failure("read") }
        guard count == Self.size else { return nil }
    }

    static let foreign = EdgeError(.storeCorrupt, "The file is an SQLite file, but not one of edged's.")

    /// Throws `store.corrupt` for a store of ours with a wrong byte in its first ones, and for a file that says that it is
    /// another program's: connecting to it would write into it.
    ///
    /// One that does not say whose it is is left to SQLite. Not for a file that this process has open: looking at it
    /// would take SQLite's locks away. Blocks.
    static func requireWhole(_ path: String) throws {
        // A pipe in its place would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        // What cannot be opened is told by whoever opens it next.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard let header = try FileHeader(of: descriptor) else { return }
        if header.isForeign { throw foreign }
        guard header.isOurs, !header.isWhole else { return }
        throw EdgeError(.storeCorrupt, "The first bytes of the store's file are not those of a store.")
    }

    /// Puts the bytes right that never change, in a copy of a damaged file of ours.
    ///
    /// Blocks.
    static func mend(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw BackupFault.failure("mended") }
        defer { close(descriptor) }
        guard var header = try FileHeader(of: descriptor), header.isOurs, !header.isWhole else { return }
        header.mend()
        guard pwrite(descriptor, header.bytes, size, 0) == size else { throw BackupFault.failure("mended") }
    }

    /// Brings the header into step with the log that is in use.
    ///
    /// A power cut in a file's first opening may bring back the journal of its change from journal to log, beside the log. SQLite
    /// then plays back the one and uses the other, and the next opening would change a header that was closed in order.
    static func requireLog(_ db: Database) throws {
        guard edged_file_size(db.sqliteConnection) >= size else { return }
        var bytes: [UInt8] = [0, 0]
        let code = edged_file_read(db.sqliteConnection, Int64(access.lowerBound), &bytes, CInt(bytes.count))
        guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        guard bytes == [1, 1] else { return }
        try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA journal_mode = WAL")
    }

    private var owner: Int { bytes[Self.owner].reduce(0) { $0 << 8 | Int($1) } }
    private var isOurs: Bool { owner == Schema.applicationID }
    /// With one wrong bit in the number a store of ours looks so too; its tables tell then.
    private var isForeign: Bool { bytes.starts(with: Self.fixed[0].bytes) && owner != 0 && !isOurs }

    private var isWhole: Bool {
        let access = Array(bytes[Self.access])
        return (access == [1, 1] || access == [2, 2])
            && Self.fixed.allSatisfy { bytes[$0.offset...].starts(with: $0.bytes) }
    }

    private mutating func mend() {
        for part in Self.fixed {
            bytes.replaceSubrange(part.offset..<(part.offset + part.bytes.count), with: part.bytes)
        }
        if ![[1, 1], [2, 2]].contains(Array(bytes[Self.access])) {
            bytes.replaceSubrange(Self.access, with: [2, 2])
        }
    }
}
