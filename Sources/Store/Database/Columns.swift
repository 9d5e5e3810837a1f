import EdgeCore
import FoundationEssentials
import GRDB

/// How our words stand in columns: ids as 16 bytes, times as whole microseconds since 1970.
extension Identifier {
    var column: Data { Data(bytes) }

    var bytes: [UInt8] {
        let u = rawValue.uuid
        return [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
    }

    /// The id as lower-case hexadecimal digits, for the place a record is sealed to.
    var place: String { hexadecimal(bytes) }

    init(column data: Data) throws {
        guard data.count == 16 else { throw EdgeError(.storeCorrupt, "An id is \(data.count) bytes long.") }
        let b = Array(data)
        self.init(
            rawValue: UUID(
                uuid: (
                    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
                )))
    }
}

extension Date {
    /// One beyond what a column holds, which only an edited row comes to, is the last one.
    var column: Int64 {
        let microseconds = (timeIntervalSince1970 * 1_000_000).rounded()
        return Int64(exactly: microseconds) ?? (microseconds < 0 ? .min : .max)
    }
    init(column: Int64) { self.init(timeIntervalSince1970: Double(column) / 1_000_000) }

    func advanced(by duration: Duration) -> Date {
        let parts = duration.components
        return addingTimeInterval(Double(parts.seconds) + Double(parts.attoseconds) * 1e-18)
    }
}

extension Row {
    func id<Subject>(_ column: String) throws -> Identifier<Subject> { try Identifier(column: self[column]) }

    func optionalID<Subject>(_ column: String) throws -> Identifier<Subject>? {
        try (self[column] as Data?).map { try Identifier(column: $0) }
    }

    func bytes(_ column: String) -> [UInt8] { Array(self[column] as Data) }

    func date(_ column: String) -> Date { Date(column: self[column]) }

    func optionalDate(_ column: String) -> Date? { (self[column] as Int64?).map { Date(column: $0) } }

    /// A value of one of our closed lists of words.
    func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        guard let word = Word(rawValue: self[column]) else {
            throw EdgeError(.storeCorrupt, "Column \(column) holds an unknown word.")
        }
        return word
    }

    func optionalWord<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        (self[column] as String?) == nil ? nil : try word(column)
    }
}

private let digits = Array("0123456789abcdef".utf8)

func hexadecimal(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
