import EdgeCore
import FoundationEssentials
import GRDB
import Glibc

/// The one SQLite file of a device and the one connection to it.
///
/// A single connection in exclusive mode keeps out a second daemon, needs no shared-memory file, and shuts out SQLite's
/// WAL-reset bug, which takes two connections.
enum DatabaseFile {
    static let name = "edged.sqlite"

    /// Whether a store is in the directory.
    static func isThere(in directory: String) -> Bool {
        let path = "\(directory)/\(name)"
        return access(path, F_OK) == 0 || FileExchange.isDecided(for: path)
    }

    /// Whether something in the directory comes of a store that was open there: a device begins anew only once.
    ///
    /// The anchor does not count: it tells of a lost file by itself. Nor do drafts, which a restore into an empty
    /// directory leaves.
    static func wasThere(in directory: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let isKept = names.contains { name in
            [TailFile.name, DiskRoom.fileName].contains(name)
                || [FileExchange.keptMark, StoreRestore.keptMark].contains { name.hasPrefix(Self.name + $0) }
        }
        let hasList = access(BackupLedger.path(in: directory), F_OK) == 0
        return isKept || hasList || !EdgeStore.backups(in: directory).isEmpty
    }

    /// Whether a file is too short for SQLite to have written anything into it.
    static func isEmpty(_ path: String) -> Bool {
        var facts = stat()
        return lstat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && facts.st_size < FileHeader.size
    }

    /// Throws `store.corrupt` for an empty file while other files tell that there was more: SQLite would begin it anew.
    ///
    /// A power cut in the very first start leaves an empty file and none of these.
    static func requireBegun(in directory: String, isExpected: Bool) throws {
        let path = "\(directory)/\(name)"
        guard isEmpty(path) else { return }
        let traces = ["\(path)-wal", "\(directory)/\(Anchor.name)"].contains { trace in
            var facts = stat()
            return stat(trace, &facts) == 0 && facts.st_size > 0
        }
        guard !traces, !isExpected, !wasThere(in: directory) else {
            throw EdgeError(.storeCorrupt, "The store's file is empty, and was not.")
        }
    }

    /// Opens the file, which is made when it is not there; the schema is the newest when this returns.
    ///
    /// Blocks.
    static func open(directory: String, sums: TableSums) throws -> DatabaseQueue {
        try prepare(directory: directory)
        let path = "\(directory)/\(name)"
        try FileExchange.endInterrupted(path, in: directory)
        let queue = try connect(path, sums)
        do {
            // A damaged file is left as it is, also by a migration.
            try queue.writeWithoutTransaction(checkAfterUncleanStop)
            try queue.writeWithoutTransaction { try FileNotes.requireReadable($0, sums) }
            try queue.writeWithoutTransaction(sums.inspect)
            try migrate(queue, sums)
            try queue.writeWithoutTransaction(sums.start)
            // After a kill between a removal and its clean-up, the removed pages would stand in the log for long.
            try queue.writeWithoutTransaction(emptyLog)
        } catch {
            try? queue.close()
            throw error
        }
        return queue
    }

    /// Rows that do not fit together, one that points at another which is gone for example, are damage: mending takes them out.
    static func migrate(_ queue: DatabaseQueue, _ sums: TableSums) throws {
        do { try Schema.migrate(queue, sums) } catch let error as DatabaseError
            where error.resultCode == .SQLITE_CONSTRAINT
        {
            throw EdgeError(
                .storeCorrupt, "Rows of the file do not fit together; it cannot be brought forward as it is.")
        }
    }

    /// The connection with its settings, to a file that is made when it is not there.
    static func connect(_ path: String, _ sums: TableSums) throws -> DatabaseQueue {
        try prepare(file: path)
        var configuration = Configuration()
        configuration.label = "edged.store"
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { db in
            try db.execute(sql: lockPragma)
            if try Int.fetchOne(db, sql: "PRAGMA page_count") == 0 { try db.execute(sql: firstPragmas) }
            try db.execute(sql: pragmas)
            try FileHeader.requireLog(db)
            try sums.attach(db)
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Writes the log back into the file and cuts it to nothing.
    static func emptyLog(_ db: Database) throws { try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }

    /// Notes that the store was closed in order, so that the next start may trust the file without reading it.
    static func noteCleanStop(_ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('stop', ?)", arguments: [cleanStop])
    }

    /// Notes that SQLite came upon damage, so that the next start goes through all of the file.
    static func noteSuspicion(_ db: Database) throws {
        try db.execute(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('stop', ?)", arguments: [suspicion])
    }

    /// After a power cut or a kill the file is looked through before anybody relies on it; SQLite has replayed its log.
    ///
    /// Throws `store.corrupt`.
    private static func checkAfterUncleanStop(_ db: Database) throws {
        guard try db.tableExists("meta") else { return try requireSound(db) }
        let stop = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'stop'")
        guard stop != cleanStop else { return }
        // The quick one does not compare indexes with their tables.
        try requireSound(db, by: stop == suspicion ? "integrity_check" : "quick_check")
    }

    /// Looks through the file's structure.
    static func requireSound(_ db: Database, by check: String = "quick_check") throws {
        guard try StructureCheck.faults(db, by: check).isEmpty else {
            throw EdgeError(.storeCorrupt, "The store's file was damaged since it was last written.")
        }
    }

    /// Whether the file says that it was closed in order.
    static func isStopped(_ db: Database) throws -> Bool {
        try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'stop'") == cleanStop
    }

    static func forgetStop(_ db: Database) throws {
        try db.execute(sql: "DELETE FROM meta WHERE name = 'stop'")
    }

    private static let cleanStop = Data("clean".utf8)
    private static let suspicion = Data("suspect".utf8)

    /// Comes before anything that touches the WAL.
    private static let lockPragma = "PRAGMA locking_mode = EXCLUSIVE"

    /// Settled for ever with a file's first page.
    private static let firstPragmas = """
        PRAGMA page_size = 4096;
        PRAGMA auto_vacuum = INCREMENTAL;
        """

    /// The empty transaction takes the lock at once.
    ///
    /// The log is emptied by housekeeping; the automatic checkpoint is for a burst between two looks.
    private static let pragmas = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        PRAGMA journal_size_limit = 4194304;
        PRAGMA wal_autocheckpoint = 1000;
        BEGIN EXCLUSIVE;
        COMMIT;
        """

    private static func prepare(directory: String) throws {
        if mkdir(directory, 0o700) == 0 { return }
        guard errno == EEXIST else { throw failure("directory", "made") }
        guard access(directory, R_OK | W_OK | X_OK) == 0 else { throw failure("directory", "used") }
    }

    /// Made before SQLite sees it, because SQLite would follow the umask; its WAL copies the mode.
    ///
    /// One that is there is not opened: closing it would take away the locks that this process has on it.
    static func prepare(file: String) throws {
        var facts = stat()
        if lstat(file, &facts) == 0 {
            guard facts.st_mode & S_IFMT == S_IFREG else {
                throw EdgeError(.storeUnavailable, "The store's file is not a file.")
            }
            guard facts.st_mode & 0o777 == 0o600 || chmod(file, 0o600) == 0 else { throw failure("file", "protected") }
            return
        }
        let descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failure("file", "made") }
        defer { Glibc.close(descriptor) }
        guard fchmod(descriptor, 0o600) == 0 else { throw failure("file", "protected") }
        // A file whose name is lost in a power cut would be begun anew.
        try BackupFile.syncDirectory(of: file)
    }

    private static func failure(_ thing: String, _ deed: String) -> EdgeError {
        let text = String(cString: strerror(errno))
        return EdgeError(errno == ENOSPC ? .storeFull : .storeUnavailable, "The \(thing) cannot be \(deed): \(text).")
    }
}
