public import EdgeCore

/// How central reaches PostgreSQL.
public struct PostgresOptions: Sendable {
    /// A connection string of libpq, which may hold a password: `host=… dbname=…`, or `postgresql://…`.
    public var connection: Redacted<String>
    /// The most connections of this process, one more for what other processes tell.
    public var connections: Int
    /// How long a statement, or the wait for a lock, may take.
    public var statementTime: Duration
    /// How long a caller waits for a connection.
    public var patience: Duration

    /// The usual values.
    public init(
        connection: Redacted<String>, connections: Int = 16, statementTime: Duration = .seconds(30),
        patience: Duration = .seconds(10)
    ) {
        self.connection = connection
        self.connections = max(connections, 1)
        self.statementTime = max(statementTime, .seconds(1))
        self.patience = patience
    }
}
