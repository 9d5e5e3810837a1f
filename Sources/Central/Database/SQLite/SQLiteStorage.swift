import EdgeCore
import FoundationEssentials
import GRDB
import Glibc
import Synchronization

/// Central's one SQLite file and the one connection to it.
///
/// A transaction that was awaited is on disk (`synchronous=FULL`). After a failure of the disk the connection is closed and
/// the file is opened anew at the next use: what a failed sync left in the kernel's memory is not relied on.
final class SQLiteStorage: FleetStorage {
    static let name = "central.sqlite"

    private enum State {
        case open(DatabaseQueue)
        case lost
        case closed
    }

    let path: String
    private let state: Mutex<State>
    private let commits: CommitQueue

    var isShared: Bool { false }

    /// Opens the file, which is made when it is not there; the schema is the newest when this returns.
    ///
    /// Blocks.
    init(directory: String, groupLimit: Int) throws {
        path = "\(directory)/\(Self.name)"
        commits = CommitQueue(limit: groupLimit)
        state = Mutex(.open(try Self.connect(path)))
    }

    /// Runs a transaction; what it changed is on disk when this returns.
    func write<Outcome: Sendable>(
        alone: Bool, _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let queue = try await usable()
        let result = Mutex<Outcome?>(nil)
        let failure: (any Error)? = await withCheckedContinuation { continuation in
            let member = CommitQueue.Member(
                body: { db in
                    let outcome = try body(SQLiteSession(db))
                    result.withLock { $0 = outcome }
                },
                finish: { continuation.resume(returning: $0) })
            commits.submit(member, to: queue)
        }
        if let failure { throw await met(failure, on: queue) }
        guard let outcome = result.withLock({ $0 }) else { throw EdgeError(.internalFault) }
        return outcome
    }

    /// Reads in one transaction.
    func read<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let queue = try await usable()
        do { return try await queue.read { db in try body(SQLiteSession(db)) } } catch {
            throw await met(error, on: queue)
        }
    }

    /// There is nobody to hear.
    func listen(_ hear: @escaping @Sendable (FleetNotice) -> Void) {}

    /// Empties the log: SQLite overwrites what it deletes (`secure_delete`), and an older page may stand in the log.
    func wipeErased() async throws(EdgeError) {
        try await outsideTransactions(Self.emptyLog)
    }

    func backUp(to path: String) async throws(EdgeError) {
        try await outsideTransactions { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [path])
            let copy = try DatabaseQueue(path: path)
            try copy.write { db in try MetaTable.keep([1], as: .copied, SQLiteSession(db)) }
            try copy.close()
        }
    }

    /// Lends the file outside of transactions, to nobody else meanwhile: each statement is on disk when it returns.
    func exclusively<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let queue = try await usable()
        do { return try await queue.writeWithoutTransaction { db in try body(SQLiteSession(db)) } } catch {
            throw await met(error, on: queue)
        }
    }

    /// Whether there is a file in `directory`.
    static func isThere(in directory: String) -> Bool { access("\(directory)/\(name)", F_OK) == 0 }

    /// Writes the log back into the file and closes it.
    func close() async {
        let last = state.withLock { state in
            defer { state = .closed }
            return state
        }
        guard case .open(let queue) = last else { return }
        try? await blocking {
            try queue.writeWithoutTransaction(Self.emptyLog)
            try queue.close()
        }
    }

    /// Writes the log back into the file and cuts it to nothing: what was overwritten is in no file any more.
    private static func emptyLog(_ db: Database) throws { try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)") }

    private func outsideTransactions(_ body: @escaping @Sendable (Database) throws -> Void) async throws(EdgeError) {
        let queue = try await usable()
        do { try await queue.writeWithoutTransaction(body) } catch { throw await met(error, on: queue) }
    }

    private func usable() async throws(EdgeError) -> DatabaseQueue {
        let present = state.withLock { $0 }
        switch present {
        case .open(let queue): return queue
        case .closed: throw EdgeError(.storeUnavailable, "Central's file is closed.")
        case .lost:
            return try await blocking { [self] in
                try state.withLock { state in
                    // Somebody else may have opened it meanwhile.
                    if case .open(let queue) = state { return queue }
                    guard case .lost = state else { throw EdgeError(.storeUnavailable, "Central's file is closed.") }
                    let queue = try Self.connect(path)
                    state = .open(queue)
                    return queue
                }
            }
        }
    }

    /// After a failure of the disk this connection is not used again.
    private func met(_ error: any Error, on queue: DatabaseQueue) async -> EdgeError {
        guard isDiskFault(error) else { return centralError(error) }
        let isFirst = state.withLock { state in
            guard case .open(let present) = state, present === queue else { return false }
            state = .lost
            return true
        }
        if isFirst { try? await blocking { try queue.close() } }
        return centralError(error)
    }

    private static func connect(_ path: String) throws -> DatabaseQueue {
        try prepare(path)
        var configuration = Configuration()
        configuration.label = "edged.central"
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try db.execute(sql: pragmas)
        }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { db in
                let found = try String.fetchAll(db, sql: "PRAGMA quick_check(5)")
                guard found == ["ok"] else { throw EdgeError(.storeCorrupt, "Central's file is damaged.") }
                try CentralSchema.migrate(db)
            }
            return queue
        } catch { throw centralError(error) }
    }

    /// One connection in exclusive mode needs no shared memory and keeps a second process out.
    private static let pragmas = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA secure_delete = ON;
        PRAGMA temp_store = MEMORY;
        PRAGMA trusted_schema = OFF;
        PRAGMA cell_size_check = ON;
        PRAGMA mmap_size = 0;
        PRAGMA cache_size = -32768;
        PRAGMA journal_size_limit = 16777216;
        BEGIN EXCLUSIVE;
        COMMIT;
        """

    /// Made before SQLite sees it, because SQLite would follow the umask; its log copies the mode.
    private static func prepare(_ path: String) throws {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if descriptor >= 0 {
            Glibc.close(descriptor)
            return
        }
        guard errno == EEXIST else {
            throw EdgeError(
                errno == ENOSPC ? .storeFull : .storeUnavailable,
                "Central's file cannot be made: \(String(cString: strerror(errno))).")
        }
        guard chmod(path, 0o600) == 0 else {
            throw EdgeError(.storeUnavailable, "Central's file belongs to somebody else.")
        }
    }
}
