import EdgeCore
import FoundationEssentials

/// The outer form of a token, checked before any key is touched.
enum TokenForm {
    /// The longest token that is looked at.
    static let maximumLength = 2048

    /// The only headers, byte for byte; the library writes the members in either order.
    private static let headers = [#"{"alg":"HS256","typ":"JWT"}"#, #"{"typ":"JWT","alg":"HS256"}"#].map {
        Array($0.utf8)
    }

    /// Whether `token` is three canonical base64url parts whose header says HS256, JWT and nothing more.
    static func isExact(_ token: String) -> Bool {
        guard token.utf8.count <= maximumLength else { return false }
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3 else { return false }
        let decoded = parts.compactMap { canonical(Array($0)) }
        guard decoded.count == 3, decoded[2].count == 32 else { return false }
        return headers.contains(decoded[0])
    }

    /// The bytes of a part; `nil` unless it is written in the one way that an encoder writes it.
    ///
    /// Without this a token would have twins: other texts with the same bytes.
    private static func canonical(_ part: [UInt8]) -> [UInt8]? {
        let isAlphabet = part.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isAlphabet, !part.isEmpty, let bytes = Base64Text.decode(part) else { return nil }
        let again = Data(bytes).base64EncodedString().utf8
            .map { byte in
                byte == UInt8(ascii: "+") ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
            }
            .filter { $0 != UInt8(ascii: "=") }
        return again == part ? bytes : nil
    }
}
