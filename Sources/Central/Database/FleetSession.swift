import EdgeCore

/// SQL inside one transaction, whichever database runs it.
///
/// Statements are written once, with `?` for values and in the SQL that SQLite and PostgreSQL have in common: `ON CONFLICT`
/// and `RETURNING`, sums cast to `BIGINT`, no function that only one of them knows. A statement's text is the key under
/// which it is kept prepared, so values stand in the arguments and never in the text.
protocol FleetSession: AnyObject {
    /// Runs a statement and gives all of its rows.
    func rows(_ sql: String, _ arguments: [any FleetColumn]) throws -> [FleetRow]

    /// Runs a statement whose outcome nobody asks for.
    func execute(_ sql: String, _ arguments: [any FleetColumn]) throws
}

extension FleetSession {
    func rows(_ sql: String) throws -> [FleetRow] { try rows(sql, []) }

    func execute(_ sql: String) throws { try execute(sql, []) }

    /// The first row; `nil` when there is none.
    func row(_ sql: String, _ arguments: [any FleetColumn] = []) throws -> FleetRow? { try rows(sql, arguments).first }

    /// The first column of the first row; `nil` when there is no row, and for `NULL`.
    func value<Value: FleetColumn>(_ sql: String, _ arguments: [any FleetColumn] = []) throws -> Value? {
        guard let value = try row(sql, arguments)?.values.first, value != .null else { return nil }
        return try Value(value)
    }

    /// The first column of every row.
    func values<Value: FleetColumn>(_ sql: String, _ arguments: [any FleetColumn] = []) throws -> [Value] {
        try rows(sql, arguments).map { row in try Value(row.values.first ?? .null) }
    }
}

/// A database that holds the fleet's books.
protocol FleetStorage: AnyObject, Sendable {
    /// Runs a transaction; what it changed is on disk when this returns.
    ///
    /// The body may run more than once: where another process was in the way, what it did before was undone.
    func write<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome

    /// Reads what was there at one moment.
    func read<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome

    /// What was deleted or overwritten stands in no file any more, as far as this database can see to it.
    func wipeErased() async throws(EdgeError)

    /// Copies the books to a file, where nothing may be; whoever opens the copy begins a new incarnation.
    func backUp(to path: String) async throws(EdgeError)

    /// Lets go of the database.
    func close() async
}
