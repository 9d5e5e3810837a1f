public import EdgeCore
public import FoundationEssentials
import GRDB
import Glibc

/// The books of a central that does not run, looked at without writing anything.
public struct StoppedBooks: Sendable {
    private let directory: String
    private let postgres: PostgresOptions?

    /// `directory` holds the file; with `postgres` the books are in that database.
    public init(directory: String, postgres: PostgresOptions?) {
        self.directory = directory
        self.postgres = postgres
    }

    /// Looks at them; a member is silent that was not heard of for longer than `patience`.
    ///
    /// Throws `store.unavailable` where there are none or the server is not reached, `central.moved` for a file whose books are
    /// in PostgreSQL, and `store.busy` for one that somebody has open or that was not closed: what is in its log would be
    /// left out, and to read that something would have to be written.
    public func survey(patience: Duration, at now: Date) async throws(EdgeError) -> FleetSurvey {
        let (directory, postgres, wall) = (directory, postgres, now.microseconds)
        return try await blocking {
            guard let postgres else { return try Self.file(in: directory, wall, patience) }
            let line = PostgresLine(postgres)
            defer { line.close() }
            return try Self.read(line) { db in
                try FleetSurvey(db, isShared: true, wall: wall, patience: patience)
            }
        }
    }

    /// Whether there is a file with books in `directory`, as far as this account can see.
    public static func areThere(in directory: String) -> Bool { SQLiteStorage.isThere(in: directory) }

    private static func read<Outcome>(
        _ line: PostgresLine, _ body: (any FleetSession) throws -> Outcome
    ) throws -> Outcome {
        try line.begin(.read)
        defer { line.rollBack() }
        return try body(line)
    }

    private static func file(in directory: String, _ wall: Int64, _ patience: Duration) throws -> FleetSurvey {
        let path = "\(directory)/\(SQLiteStorage.name)"
        guard SQLiteStorage.isThere(in: directory) else {
            throw EdgeError(.storeUnavailable, "There is no \(SQLiteStorage.name) in \(directory).")
        }
        guard !hasLog(path), !isHeld(path) else {
            throw EdgeError(
                .storeBusy, "\(SQLiteStorage.name) is open elsewhere, or central was cut off: its log tells the rest.")
        }
        var configuration = Configuration()
        configuration.readonly = true
        // Nothing is locked and no log is made: whoever only looks may not have the right to.
        let queue = try DatabaseQueue(path: uri(of: path), configuration: configuration)
        defer { try? queue.close() }
        return try queue.read { db in
            let session = SQLiteSession(db)
            let survey = try FleetSurvey(session, isShared: false, wall: wall, patience: patience)
            if survey.fleet != nil { try MoveMark.expectNone(session) }
            return survey
        }
    }

    private static func hasLog(_ path: String) -> Bool {
        var facts = stat()
        return stat(path + "-wal", &facts) == 0 && facts.st_size > 0
    }

    /// Whether a process has one of the locks that SQLite takes on a file.
    private static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        // SQLite's own range: pending, reserved and shared bytes.
        lock.l_start = 0x4000_0000
        lock.l_len = 512
        return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }

    /// The path as SQLite reads it in an address.
    static func uri(of path: String) -> String {
        let plain = path.utf8.reduce(into: "") { text, byte in
            let isPlain = byte < 0x7F && byte > 0x20 && !"%?#".utf8.contains(byte)
            if isPlain {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
            }
        }
        return "file:\(plain)?immutable=1"
    }
}
