import EdgeCore
import FoundationEssentials
import GRDB

/// A transaction of the SQLite file, lent for its time.
final class SQLiteSession: FleetSession {
    private let database: Database

    init(_ database: Database) { self.database = database }

    func rows(_ sql: String, _ arguments: [any FleetColumn]) throws -> [FleetRow] {
        let statement = try database.cachedStatement(sql: sql)
        let names = statement.columnNames
        return try Row.fetchAll(statement, arguments: Self.bound(arguments)).map { row in
            FleetRow(names: names, values: row.databaseValues.map(Self.value))
        }
    }

    func execute(_ sql: String, _ arguments: [any FleetColumn]) throws {
        try database.cachedStatement(sql: sql).execute(arguments: Self.bound(arguments))
    }

    /// There is one writer.
    func alone() {}

    /// There is one process.
    func announce(_ notice: FleetNotice) {}

    private static func bound(_ arguments: [any FleetColumn]) -> StatementArguments {
        StatementArguments(
            arguments.map { argument -> (any DatabaseValueConvertible)? in
                switch argument.fleetValue {
                case .null: nil
                case .integer(let number): number
                case .text(let text): text
                case .bytes(let bytes): bytes
                }
            })
    }

    /// No column holds fractions: one that does is damaged, and says so where it is read.
    private static func value(_ value: DatabaseValue) -> FleetValue {
        switch value.storage {
        case .null: .null
        case .int64(let number): .integer(number)
        case .double(let number): .text(String(number))
        case .string(let text): .text(text)
        case .blob(let bytes): .bytes(bytes)
        }
    }
}
