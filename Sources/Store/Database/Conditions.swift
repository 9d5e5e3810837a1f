import EdgeCore
import FoundationEssentials
import GRDB

/// Conditions of a query with their values; what comes from outside is always bound, never part of the text.
struct Conditions: Sendable {
    private var texts: [String] = []
    private var values: [DatabaseValue] = []

    /// None yet, or one whose text holds all of it.
    init(_ text: String? = nil) {
        if let text { texts.append(text) }
    }

    /// One more; each question mark of `text` takes one value.
    mutating func add(_ text: String, _ values: any DatabaseValueConvertible...) {
        texts.append(text)
        self.values += values.map(\.databaseValue)
    }

    /// Rows of one tenant, or with `nil` of all.
    mutating func add(client: ClientID?) {
        if let client { add("client_id = ?", client.column) }
    }

    /// Rows that a caller may see.
    mutating func add(_ view: InsightView) {
        switch view {
        case .tenant(let client): add("client_id = ?", client.column)
        case .tenantAndDevice(let client): add("(client_id = ? OR client_id IS NULL)", client.column)
        case .everything: break
        }
    }

    /// Audit lines that a caller may see: an administrator also what was done to clients, whoever's tenant that is.
    mutating func add(lines view: InsightView) {
        switch view {
        case .tenant, .everything: add(view)
        case .tenantAndDevice(let client):
            add("(client_id = ? OR client_id IS NULL OR action GLOB 'client.*')", client.column)
        }
    }

    /// Rows whose `column` lies in the span: the beginning counts, the end does not.
    mutating func add(_ span: TimeSpan, _ column: String) {
        if let from = span.from { add("\(column) >= ?", from.column) }
        if let to = span.to { add("\(column) < ?", to.column) }
    }

    /// The text behind WHERE.
    var sql: String { texts.isEmpty ? "TRUE" : texts.joined(separator: " AND ") }

    /// The values, in order.
    var arguments: StatementArguments { StatementArguments(values) }

    /// How many rows of `table` fit.
    func count(in table: String, _ db: Database) throws -> Int {
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE \(sql)", arguments: arguments) ?? 0
    }

    /// One page of the rows of `table` that fit.
    func page(
        _ page: PageRequest, of table: String, columns: String = "*", order: String, _ db: Database
    ) throws -> [Row] {
        try Row.fetchAll(
            db, sql: "SELECT \(columns) FROM \(table) WHERE \(sql) ORDER BY \(order) LIMIT ? OFFSET ?",
            arguments: arguments + [PageRequest.size, page.offset])
    }
}
