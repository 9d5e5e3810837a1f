import EdgeCore

/// Writes the small byte forms that are sealed: a version, then fields with their lengths, little endian.
struct ByteWriter {
    private(set) var bytes: [UInt8]

    init(version: UInt8) { bytes = [version] }

    mutating func append(_ text: String?) {
        guard let text else { return append(UInt32.max) }
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func append(_ value: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
}

/// Reads what ``ByteWriter`` wrote.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 1

    init(_ bytes: [UInt8], version: UInt8) throws {
        guard bytes.first == version else { throw EdgeError(.storeCorrupt, "A sealed record has an unknown form.") }
        self.bytes = bytes
    }

    mutating func text() throws -> String? {
        let count = try number()
        guard count != UInt32.max else { return nil }
        guard Int(count) <= bytes.count - position else { throw cutOff }
        defer { position += Int(count) }
        return String(decoding: bytes[position..<position + Int(count)], as: UTF8.self)
    }

    private mutating func number() throws -> UInt32 {
        guard bytes.count - position >= 4 else { throw cutOff }
        defer { position += 4 }
        return (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }

    private var cutOff: EdgeError { EdgeError(.storeCorrupt, "A sealed record is cut off.") }
}

/// A template's numbers as little-endian IEEE 754 singles.
enum VectorForm {
    static func bytes(_ values: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(values.count * 4)
        for value in values {
            let bits = value.bitPattern
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
        }
        return bytes
    }

    static func values(_ bytes: [UInt8]) throws -> [Float] {
        guard bytes.count % 4 == 0, !bytes.isEmpty else {
            throw EdgeError(.storeCorrupt, "A template is \(bytes.count) bytes long.")
        }
        let words = bytes.span.bytes
        return stride(from: 0, to: bytes.count, by: 4).map { place in
            Float(
                bitPattern: UInt32(littleEndian: words.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)))
        }
    }
}
