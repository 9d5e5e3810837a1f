import EdgeCore
import FoundationEssentials
import GRDB
import Glibc

/// A backup's file, looked at without changing it.
enum BackupFile {
    /// Checks that the copy is one of edged's, not newer than this version, and sound; returns what it tells of itself.
    ///
    /// Throws `store.corrupt`, `store.schema.newer`.
    @discardableResult
    static func check(_ path: String) throws -> Marks {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { db in
            guard try isOurs(db) else { throw EdgeError(.storeCorrupt, "The file is not a backup of edged's.") }
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version <= Schema.migrations.count else {
                throw EdgeError(.storeSchemaNewer, "The backup has schema \(version).")
            }
            guard try StructureCheck.faults(db).isEmpty else {
                throw EdgeError(.storeCorrupt, "The backup is damaged.")
            }
            return try Marks(db)
        }
    }

    private static func isOurs(_ db: Database) throws -> Bool {
        do { return try Int.fetchOne(db, sql: "PRAGMA application_id") == Schema.applicationID } catch let error
            as DatabaseError where error.resultCode == .SQLITE_NOTADB
        { return false }
    }

    /// Throws `store.corrupt` for a copy whose rows are not those that the store had written: nobody could restore it.
    ///
    /// Reads all of it. One of a version without sums is left to the checks of its structure.
    static func requireUnchanged(_ path: String, _ secrets: any SecretKeeper) throws {
        guard try isUnchanged(path, secrets) else {
            throw EdgeError(.storeCorrupt, "The rows of the copy are not those that were written.")
        }
    }

    /// Whether its rows are those that the store had written.
    ///
    /// Looked at twice before the answer is no: one read that fails makes no row another one, though SQLite may call it damage.
    static func isUnchanged(_ path: String, _ secrets: any SecretKeeper) throws -> Bool {
        do {
            if try differences(of: path, secrets).isEmpty { return true }
        } catch {
            guard storeError(error).code == .storeCorrupt else { throw error }
        }
        return try differences(of: path, secrets).isEmpty
    }

    private static func differences(of path: String, _ secrets: any SecretKeeper) throws -> [String] {
        let sums = try TableSums(secrets)
        var configuration = Configuration()
        configuration.readonly = true
        configuration.prepareDatabase { try sums.attach($0) }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { try sums.differences($0) }
    }

    /// What tells under which keys a store was written, and how many erasures it knows of.
    struct Marks {
        let check: Data?
        let ring: Data?
        let erasures: Int
        /// Whether the store was mended and cannot tell whether there were more.
        let erasuresAreUnknown: Bool

        init(_ db: Database) throws {
            func value(_ name: String) throws -> Data? {
                try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name])
            }
            check = try value("key_check")
            ring = try value("key_ring")
            erasures = try value("erasures").flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
            erasuresAreUnknown = try value("erasures_unknown") != nil
        }
    }

    /// What SQLite may leave beside a file: each belongs to that file alone.
    static let companions = ["-wal", "-shm", "-journal"]

    /// Removes a file that is not finished, with what belongs to it.
    ///
    /// A journal that a power cut left would be played into the next file of this name.
    static func removeDraft(_ path: String) { for suffix in [""] + companions { unlink(path + suffix) } }

    /// Throws `store.unavailable` with the system's words where there is no file that can be read.
    static func requireReadable(_ path: String) throws(EdgeError) {
        var facts = stat()
        guard access(path, R_OK) == 0, stat(path, &facts) == 0 else { throw BackupFault.failure("opened") }
        guard facts.st_mode & S_IFMT == S_IFREG else {
            throw EdgeError(.storeUnavailable, "The backup cannot be opened: it is not a file.")
        }
    }

    /// Copies a file that nobody has open.
    static func copy(_ source: String, to target: String) throws {
        do { try FileManager.default.copyItem(atPath: source, toPath: target) } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw EdgeError(isFull ? .storeFull : .storeUnavailable, "The store's file or a backup cannot be copied.")
        }
    }

    /// A new name is durable only after its directory is.
    static func syncDirectory(of path: String) throws {
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw BackupFault.failure("made durable") }
        defer { Glibc.close(directory) }
        guard fsync(directory) == 0 else { throw BackupFault.failure("made durable") }
    }
}
