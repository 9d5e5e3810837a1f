import EdgeCore
import FoundationEssentials
import SyncCore

/// How our words stand in columns: ids as 16 bytes, times as microseconds since 1970, values as JSON text.
extension UUID {
    var column: Data { Data(SubjectKey(rawValue: self).bytes) }

    init(column data: Data) throws {
        guard data.count == 16 else { throw EdgeError(.storeCorrupt, "An id is \(data.count) bytes long.") }
        self = SubjectPseudonym.key(code: Array(data)).rawValue
    }
}

extension WireID {
    var column: Data { rawValue.column }

    init(column data: Data) throws { self.init(rawValue: try UUID(column: data)) }
}

extension ClientID {
    var column: Data { rawValue.column }
}

extension ChainHash {
    var column: Data { Data(bytes) }

    init(column data: Data) throws {
        guard let hash = ChainHash(Array(data)) else { throw EdgeError(.storeCorrupt, "A hash is damaged.") }
        self = hash
    }
}

extension Date {
    /// Microseconds since 1970.
    var microseconds: Int64 { Int64((timeIntervalSince1970 * 1_000_000).rounded()) }

    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }
}

extension Duration {
    /// Whole microseconds.
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}

/// Values in columns.
enum JSONColumn {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Throws `store.corrupt`.
    static func value<Value: Decodable>(_ text: String) throws -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(text.utf8)) } catch {
            throw EdgeError(.storeCorrupt, "A column of central's file is damaged.")
        }
    }
}

extension FleetRow {
    func id<ID: WireID>(_ column: String) throws -> ID { try ID(column: self[column]) }

    func optionalUUID(_ column: String) throws -> UUID? { try (self[column] as Data?).map { try UUID(column: $0) } }

    func optionalDate(_ column: String) throws -> Date? { try (self[column] as Int64?).map { Date(microseconds: $0) } }

    /// A number that is never below 0.
    func count(_ column: String) throws -> UInt64 {
        guard let number = UInt64(exactly: try self[column] as Int64) else {
            throw EdgeError(.storeCorrupt, "A number of central's database is below 0.")
        }
        return number
    }

    func hash(_ column: String) throws -> ChainHash { try ChainHash(column: self[column]) }
}
