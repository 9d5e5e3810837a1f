import EdgeCore

/// A place in the pool: a connection that is opened when it is first needed, and anew when it was lost.
///
/// Whoever took it out of the pool has it alone, so nothing here is locked.
final class PostgresLine: FleetSession, @unchecked Sendable {
    private let options: PostgresOptions
    private var connection: PostgresConnection?
    private var mode = PostgresTransaction.read
    /// What made the present transaction fail; a body that goes on all the same commits nothing.
    private var failure: PostgresFault?
    /// Whether the commit of the present transaction was sent.
    private(set) var hasSentCommit = false

    init(_ options: PostgresOptions) { self.options = options }

    func rows(_ sql: String, _ arguments: [any FleetColumn]) throws -> [FleetRow] {
        try with { connection throws(PostgresFault) in
            try connection.send(sql, arguments.map(\.fleetValue))
            return try connection.settle()
        }
    }

    /// Sent, and not waited for: what becomes of it is told by the next question, at the latest by the commit.
    func execute(_ sql: String, _ arguments: [any FleetColumn]) throws {
        try with { connection throws(PostgresFault) in try connection.send(sql, arguments.map(\.fleetValue)) }
    }

    func alone() throws {
        guard case .alone = mode else { throw NeedsSolitude() }
    }

    func announce(_ notice: FleetNotice) throws {
        for part in notice.parts { try execute("SELECT pg_notify('\(FleetNotice.channel)', ?)", [part]) }
    }

    /// Begins a transaction; nothing is waited for.
    func begin(_ transaction: PostgresTransaction) throws {
        (mode, failure, hasSentCommit) = (transaction, nil, false)
        if connection == nil {
            var fresh = try PostgresConnection(options)
            try fresh.beginPipeline()
            connection = consume fresh
        }
        for sql in transaction.beginning { try execute(sql, []) }
    }

    /// What the transaction did is on disk when this returns.
    func commit() throws {
        try with { connection throws(PostgresFault) in
            try connection.send("COMMIT", [])
            hasSentCommit = true
            _ = try connection.settle()
        }
    }

    /// Nothing of the transaction stays.
    ///
    /// A connection that cannot do even that is let go.
    func rollBack() {
        let isLost = if case .lost = failure { true } else { false }
        guard connection != nil, !isLost else { return connection = nil }
        failure = nil
        // What was sent and not answered may fail now; that is nobody's business any more.
        do throws(PostgresFault) { _ = try with { connection throws(PostgresFault) in try connection.settle() } } catch
        {
            failure = nil
        }
        do throws(PostgresFault) {
            try with { connection throws(PostgresFault) in
                try connection.send("ROLLBACK", [])
                _ = try connection.settle()
            }
        } catch { connection = nil }
    }

    func close() { connection = nil }

    private func with<Outcome>(
        _ body: (inout PostgresConnection) throws(PostgresFault) -> Outcome
    ) throws(PostgresFault) -> Outcome {
        if let failure { throw failure }
        do throws(PostgresFault) {
            guard let outcome = try connection.mutate(body) else {
                throw PostgresFault.lost("the connection is closed")
            }
            return outcome
        } catch {
            failure = error
            throw error
        }
    }
}

extension Optional where Wrapped: ~Copyable {
    /// Changes the value in its place; `nil` when there is none.
    fileprivate mutating func mutate<Outcome, Failure>(
        _ body: (inout Wrapped) throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome? {
        guard var value = take() else { return nil }
        let result: Result<Outcome, Failure>
        do throws(Failure) { result = .success(try body(&value)) } catch { result = .failure(error) }
        self = consume value
        return try result.get()
    }
}
