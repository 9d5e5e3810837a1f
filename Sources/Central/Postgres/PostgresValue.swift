import CPQ
import EdgeCore
import FoundationEssentials

/// How values stand in PostgreSQL's binary form.
enum PostgresValue {
    /// `nil` for `NULL`.
    static func bytes(_ value: FleetValue) -> [UInt8]? {
        switch value {
        case .null: nil
        case .integer(let number): (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }
        // PostgreSQL's texts hold no NUL; a record must not be refused for one that a device made up.
        case .text(let text):
            text.utf8.contains(0) ? Array(text.replacing("\0", with: "\u{2400}").utf8) : Array(text.utf8)
        case .bytes(let data): Array(data)
        }
    }

    /// The statement with `$1`, `$2` for its question marks; those in quotes stay.
    static func numbered(_ sql: String) -> String {
        var (text, number, isQuoted) = ("", 0, false)
        for character in sql {
            if character == "'" { isQuoted.toggle() }
            if character == "?", !isQuoted {
                number += 1
                text += "$\(number)"
            } else {
                text.append(character)
            }
        }
        return text
    }

    /// All rows of a result.
    static func rows(of result: OpaquePointer) throws(PostgresFault) -> [FleetRow] {
        let columns = 0..<PQnfields(result)
        let names = columns.map { String(cString: PQfname(result, $0)) }
        let types = columns.map { PQftype(result, $0) }
        var rows: [FleetRow] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            var values: [FleetValue] = []
            values.reserveCapacity(names.count)
            for column in columns {
                values.append(try value(result, row, column, types[Int(column)]))
            }
            rows.append(FleetRow(names: names, values: values))
        }
        return rows
    }

    private static func value(
        _ result: OpaquePointer, _ row: CInt, _ column: CInt, _ type: Oid
    ) throws(PostgresFault) -> FleetValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch type {
        // bigint, integer, smallint
        case 20, 23, 21:
            let isNegative = bytes.first.map { $0 & 0x80 != 0 } ?? false
            return .integer(bytes.reduce(isNegative ? -1 : 0) { $0 << 8 | Int64($1) })
        // boolean
        case 16: return .integer(bytes.first == 1 ? 1 : 0)
        // bytea
        case 17: return .bytes(Data(bytes))
        // text, name, varchar
        case 25, 19, 1043: return .text(String(decoding: bytes, as: UTF8.self))
        // void
        case 2278: return .null
        default: throw PostgresFault.refused(state: "EDGED", "a column of type \(type) is not read")
        }
    }
}
