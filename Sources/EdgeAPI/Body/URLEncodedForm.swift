import EdgeCore

/// Reads `application/x-www-form-urlencoded` (URL Standard, section 5.1).
enum URLEncodedForm {
    /// The most fields that a form may have.
    static let maximumFields = 1_000

    /// The fields in order.
    ///
    /// Throws `request.malformed` for text that is not UTF-8 and for too many fields.
    static func parse(_ bytes: some Collection<UInt8>) throws(EdgeError) -> [(name: String, value: [UInt8])] {
        // Counted before they are cut apart: a body may hold millions.
        guard bytes.count(where: { $0 == UInt8(ascii: "&") }) < maximumFields else {
            throw EdgeError(.requestMalformed, "The form has more than \(maximumFields) fields.")
        }
        var fields: [(name: String, value: [UInt8])] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let name = decode(pair.prefix { $0 != UInt8(ascii: "=") })
            let value = decode(pair.drop { $0 != UInt8(ascii: "=") }.dropFirst())
            guard let name = String(validating: name, as: UTF8.self) else {
                throw EdgeError(.requestMalformed, "A field name of the form is not UTF-8.")
            }
            fields.append((name, value))
        }
        return fields
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                output.append(0x20)
            } else if byte == UInt8(ascii: "%"), let value = hexadecimal(rest.prefix(2)) {
                output.append(value)
                rest = rest.dropFirst(2)
            } else {
                output.append(byte)
            }
        }
        return output
    }

    private static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ isHexadecimal($0) }) else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
