import EdgeCore
import FoundationEssentials

/// A value as both databases know it.
enum FleetValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case bytes(Data)
}

/// What can stand in a column.
protocol FleetColumn {
    /// As it goes into the database.
    var fleetValue: FleetValue { get }

    /// As it comes out; throws `store.corrupt` for a value of another kind.
    init(_ value: FleetValue) throws(EdgeError)
}

/// A row of a result, whose columns are read by name.
struct FleetRow: Sendable {
    /// The names, shared by all rows of a result.
    let names: [String]
    let values: [FleetValue]

    /// Throws `store.corrupt` where the column is not there or holds something else.
    subscript<Value: FleetColumn>(_ name: String) -> Value {
        get throws(EdgeError) {
            guard let place = names.firstIndex(of: name), place < values.count else {
                throw EdgeError(.storeCorrupt, "Central's database has no column \(name).")
            }
            return try Value(values[place])
        }
    }
}

private func mismatch() -> EdgeError { EdgeError(.storeCorrupt, "A column of central's database is damaged.") }

extension Int64: FleetColumn {
    var fleetValue: FleetValue { .integer(self) }

    init(_ value: FleetValue) throws(EdgeError) {
        guard case .integer(let number) = value else { throw mismatch() }
        self = number
    }
}

extension Int: FleetColumn {
    var fleetValue: FleetValue { .integer(Int64(self)) }

    init(_ value: FleetValue) throws(EdgeError) {
        guard case .integer(let number) = value, let own = Int(exactly: number) else { throw mismatch() }
        self = own
    }
}

/// Stands as 0 or 1.
extension Bool: FleetColumn {
    var fleetValue: FleetValue { .integer(self ? 1 : 0) }

    init(_ value: FleetValue) throws(EdgeError) {
        guard case .integer(let number) = value else { throw mismatch() }
        self = number != 0
    }
}

extension String: FleetColumn {
    var fleetValue: FleetValue { .text(self) }

    init(_ value: FleetValue) throws(EdgeError) {
        guard case .text(let text) = value else { throw mismatch() }
        self = text
    }
}

extension Data: FleetColumn {
    var fleetValue: FleetValue { .bytes(self) }

    init(_ value: FleetValue) throws(EdgeError) {
        guard case .bytes(let bytes) = value else { throw mismatch() }
        self = bytes
    }
}

extension Optional: FleetColumn where Wrapped: FleetColumn {
    var fleetValue: FleetValue { self?.fleetValue ?? .null }

    init(_ value: FleetValue) throws(EdgeError) {
        if case .null = value { self = nil } else { self = try Wrapped(value) }
    }
}
