public import EdgeCore

/// What a move did.
public struct MoveReport: Sendable, Equatable {
    /// A table of the books.
    public struct Table: Sendable, Equatable {
        /// What it is called.
        public let name: String
        /// How many rows it has in PostgreSQL.
        public let rows: Int
    }

    /// All tables, in the order in which they were copied.
    public let tables: [Table]
    /// Whether an earlier move had come through already, and only its end had not been seen.
    public let wasDone: Bool
}

/// Moves central's books from `central.sqlite` into an empty PostgreSQL database, while no central runs.
///
/// It is one transaction of PostgreSQL, and what arrived is held against the file before it is committed: nothing stays of a
/// move that was cut off. The file keeps its books, and is marked, so that no central begins on it again. Sealed columns
/// are copied as they are; the keys stay in their file.
public struct FleetMove: Sendable {
    private let directory: String
    private let postgres: PostgresOptions
    private let keys: FleetKeys

    /// `directory` holds the file, `postgres` names the database, `keys` are those that the books were begun with.
    public init(directory: String, postgres: PostgresOptions, keys: FleetKeys) {
        (self.directory, self.keys) = (directory, keys)
        var options = postgres
        // Nobody waits for central meanwhile, and a statement that looks through a large table takes its time.
        options.statementTime = .seconds(3600)
        self.postgres = options
    }

    /// Throws `store.unavailable` where no books are in `directory`.
    public static func expectBooks(in directory: String) throws(EdgeError) {
        guard SQLiteStorage.isThere(in: directory) else {
            throw EdgeError(.storeUnavailable, "There is no \(SQLiteStorage.name) in \(directory).")
        }
    }

    /// Moves the books; what it did is on disk at both ends when this returns.
    ///
    /// Throws `store.busy` while a central has the file open, `central.moved` for a file that was moved before,
    /// `central.target.unfit` for a database that is not empty or of another version, `vault.key.unavailable` for other keys.
    public func run() async throws(EdgeError) -> MoveReport {
        try await Self.with(directory) { source async throws(EdgeError) -> MoveReport in
            try await prepare(source)
            let (line, checker) = (PostgresLine(postgres), keys.signer)
            return try await source.exclusively { file in
                try BookMover(file: file, line: line, checker: checker).run()
            }
        }
    }

    /// Lets a central begin on the file again, in a new life: what PostgreSQL holds is not brought back.
    ///
    /// Throws `store.busy` while a central has the file open.
    public static func takeBack(directory: String) async throws(EdgeError) {
        try await with(directory) { source async throws(EdgeError) -> Void in
            try await source.exclusively { file in try MoveMark.remove(file) }
        }
    }

    /// Holds the keys against the books, and exchanges the key-encryption key where an erasure waits for that: over
    /// PostgreSQL nobody does.
    private func prepare(_ source: SQLiteStorage) async throws(EdgeError) {
        let keys = keys
        let due = try await source.write(alone: true) { file in
            try MoveMark.expectNotMoved(file)
            guard try MetaTable.incarnation(file) != nil else {
                throw EdgeError(.storeUnavailable, "No central ever began on \(SQLiteStorage.name).")
            }
            _ = try FleetLife.openPseudonymKey(keys, file)
            return try MetaTable.number(.rotationDue, file)
        }
        if due > 0 || keys.rotation.isRotating { try await source.exchangeKeys(keys, due: due) }
    }

    /// Opens the file for the time of `body`.
    private static func with<Outcome>(
        _ directory: String, _ body: (SQLiteStorage) async throws(EdgeError) -> Outcome
    ) async throws(EdgeError) -> Outcome {
        try expectBooks(in: directory)
        let source = try await blocking { try SQLiteStorage(directory: directory, groupLimit: 1) }
        let result: Result<Outcome, EdgeError>
        do throws(EdgeError) { result = .success(try await body(source)) } catch { result = .failure(error) }
        await source.close()
        return try result.get()
    }
}
