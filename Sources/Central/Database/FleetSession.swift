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

    /// Asks for nobody to write beside this transaction: called before anything that is not the device's own is changed.
    ///
    /// Where others do, the transaction is undone and begun again alone.
    func alone() throws

    /// Tells the other processes of the fleet, once the transaction is on disk.
    func announce(_ notice: FleetNotice) throws
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
    /// Whether other processes may have the same books open.
    var isShared: Bool { get }

    /// Runs a transaction; what it changed is on disk when this returns.
    ///
    /// Without `alone` others may write at the same time, though nobody else for the same device. The body may run more than once: where another process was in the way, what it did before was undone.
    func write<Outcome: Sendable>(
        alone: Bool, _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome

    /// Reads what was there at one moment.
    func read<Outcome: Sendable>(
        _ body: @escaping @Sendable (any FleetSession) throws -> Outcome
    ) async throws(EdgeError) -> Outcome

    /// Tells of everything that other processes announce, until the database is closed.
    func listen(_ hear: @escaping @Sendable (FleetNotice) -> Void)

    /// What was deleted or overwritten stands in no file any more, as far as this database can see to it.
    func wipeErased() async throws(EdgeError)

    /// Copies the books to a file, where nothing may be; whoever opens the copy begins a new incarnation.
    func backUp(to path: String) async throws(EdgeError)

    /// Lets go of the database.
    func close() async
}
