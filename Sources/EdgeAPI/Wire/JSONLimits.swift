import EdgeCore

/// Looks over a JSON document before anything is built from it: its cost is what a hostile body is made for.
///
/// One pass over the bytes, nothing allocated. Whether the text is well-formed is the parser's to say.
enum JSONLimits {
    /// The most names that one object may have.
    static let maximumNames = 1_000
    /// The most values in the whole document.
    static let maximumElements = 10_000
    /// The most objects and lists within one another.
    static let maximumDepth = 16

    /// Throws `request.malformed` for a document with more than the API could ever want.
    static func check(_ bytes: [UInt8]) throws(EdgeError) {
        // First, since it ends early: a hostile body is not read to its end.
        guard try isWithin(bytes) else {
            throw EdgeError(
                .requestMalformed,
                "The JSON has more than \(maximumNames) names in an object, \(maximumElements) values or \(maximumDepth) levels."
            )
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw illFormed }
    }

    static let illFormed = EdgeError(.requestMalformed, "The body is not well-formed JSON in UTF-8.")

    /// Throws `request.malformed` for what the decoder would let pass: a comma before the end of a list or an object, and
    /// UTF-16, which has a zero in every other byte.
    private static func isWithin(_ bytes: [UInt8]) throws(EdgeError) -> Bool {
        var names = [Int](repeating: 0, count: maximumDepth + 1)
        var (depth, elements, inText, escaped, last) = (0, 1, false, false, UInt8(0))
        for byte in bytes {
            if inText {
                if escaped {
                    escaped = false
                } else if byte == UInt8(ascii: "\\") {
                    escaped = true
                } else if byte == UInt8(ascii: "\"") {
                    inText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), 0x09, 0x0A, 0x0D: continue
            case 0: throw illFormed
            case UInt8(ascii: "\""): inText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                (depth, elements) = (depth + 1, elements + 1)
                guard depth <= maximumDepth, elements <= maximumElements else { return false }
                names[depth] = 0
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard last != UInt8(ascii: ",") else { throw illFormed }
                depth = max(depth - 1, 0)
            case UInt8(ascii: ":"):
                names[depth] += 1
                guard names[depth] <= maximumNames else { return false }
            case UInt8(ascii: ","):
                elements += 1
                guard elements <= maximumElements else { return false }
            default: break
            }
            last = byte
        }
        return true
    }
}
