import EdgeCore

/// Central's books in PostgreSQL, which several processes share.
final class PostgresStorage: FleetStorage {
    /// How often a transaction is run that others were in the way of.
    private static let attempts = 10
    /// How often it is begun where the connection turns out to be dead.
    private static let connections = 3

    private let pool: PostgresPool
    private let ear: PostgresEar

    var isShared: Bool { true }

    /// Connects once, to bring the schema to the newest version.
    ///
    /// Blocks. Throws `store.unavailable`, `store.schema.newer`.
    init(_ options: PostgresOptions) throws {
        do {
            var connection = try PostgresConnection(options)
            try PostgresSchema.migrate(&connection)
        } catch let fault as PostgresFault { throw fault.error }
        pool = PostgresPool(options)
        ear = PostgresEar(options)
    }

    func write<Outcome: Sendable>(
        alone: Bool, _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        try await run(alone ? .alone : .shared, body)
    }

    func read<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        try await run(.read, body)
    }

    func listen(_ hear: @escaping @Sendable (FleetNotice) -> Void) { ear.listen(hear) }

    /// What PostgreSQL keeps of earlier versions in its files and its log is not in this process's hands: see the threat
    /// model.
    func wipeErased() async throws(EdgeError) {}

    func backUp(to path: String) async throws(EdgeError) {
        throw EdgeError(.requestInvalid, "The fleet's books are in PostgreSQL: use its own backups, such as pg_dump.")
    }

    func close() async {
        await ear.close()
        pool.close()
    }

    private func run<Outcome: Sendable>(
        _ kind: PostgresTransaction, _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let result: Result<Outcome, EdgeError> = try await pool.lend { line in
            Result { try Self.run(kind, on: line, body) }.mapError(centralError)
        }
        return try result.get()
    }

    /// Runs a transaction until it came through, or until nothing helps.
    private static func run<Outcome>(
        _ kind: PostgresTransaction, on line: PostgresLine, _ body: (any FleetSession) throws -> Outcome
    ) throws -> Outcome {
        var kind = kind
        var attempt = 0
        while true {
            attempt += 1
            do {
                try line.begin(kind)
                let outcome = try body(line)
                try line.commit()
                return outcome
            } catch is NeedsSolitude {
                line.rollBack()
                kind = .alone
            } catch {
                let isUndecided = line.hasSentCommit
                line.rollBack()
                guard let fault = error as? PostgresFault else { throw error }
                switch fault {
                case .refused: guard fault.isPassing, attempt < attempts else { throw error }
                // The server was started again: the connections from before are dead, the next one is not. After a commit
                // without an answer it is the caller's to ask again.
                case .lost: guard !isUndecided, attempt < connections else { throw error }
                }
            }
        }
    }
}
