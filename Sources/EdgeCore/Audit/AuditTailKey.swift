import FoundationEssentials

/// What seals the audit trail's lines of one interval; the next interval's key follows from it, the one before does not.
///
/// Whoever was given the first key of a generation can compute all of its keys, and so check every line. Who takes the
/// present key out of a device cannot write the lines of earlier intervals anew.
public struct AuditTailKey: Sendable {
    /// Which first key it comes from; 16 bytes.
    public let generation: [UInt8]
    /// The interval, from 0.
    public let interval: Int64
    /// 32 bytes.
    public let key: Redacted<[UInt8]>

    /// Wraps a key; `nil` when a part has a wrong length.
    public init?(generation: [UInt8], interval: Int64, key: [UInt8]) {
        guard generation.count == 16, key.count == 32, interval >= 0 else { return nil }
        self.init(generation, interval, Redacted(key))
    }

    private init(_ generation: [UInt8], _ interval: Int64, _ key: Redacted<[UInt8]>) {
        self.generation = generation
        self.interval = interval
        self.key = key
    }

    /// The key of the next interval (HKDF-Expand, RFC 5869, with SHA-256).
    public func next(_ authenticator: any MessageAuthenticator) throws(EdgeError) -> AuditTailKey {
        AuditTailKey(generation, interval + 1, try expanded("edged audit next interval", authenticator))
    }

    /// The key of a later interval; `nil` for an earlier one, and for one so far off that no device has come to it.
    public func at(
        _ interval: Int64, _ authenticator: any MessageAuthenticator
    ) throws(EdgeError) -> AuditTailKey? {
        guard interval >= self.interval, interval - self.interval <= Self.furthest else { return nil }
        var key = self
        while key.interval < interval { key = try key.next(authenticator) }
        return key
    }

    /// The code of a line's canonical text, or of another statement; 32 bytes.
    public func code(of text: String, _ authenticator: any MessageAuthenticator) throws(EdgeError) -> [UInt8] {
        try authenticator.hmacSHA256(
            key: expanded("edged audit code", authenticator), message: Array(text.utf8))
    }

    /// A hundred years of quarters of an hour.
    private static let furthest: Int64 = 100 * 366 * 96

    private func expanded(
        _ purpose: String, _ authenticator: any MessageAuthenticator
    ) throws(EdgeError) -> Redacted<[UInt8]> {
        Redacted(try authenticator.hmacSHA256(key: key, message: Array(purpose.utf8) + [1]))
    }
}

extension AuditTailKey {
    private static let mark = "edged-audit-seal-1"

    /// A first key as it is given out: one line of text.
    public var text: String {
        "\(Self.mark) \(AuditTail.digits(generation)) \(Data(key.reveal()).base64EncodedString())"
    }

    /// Reads what ``text`` gave, with blanks and line breaks at its ends; `nil` for anything else.
    public init?(text: String) {
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, parts[0] == Self.mark, let generation = AuditTail.bytes(parts[1]),
            let key = Data(base64Encoded: String(parts[2]))
        else { return nil }
        self.init(generation: generation, interval: 0, key: Array(key))
    }
}

/// The lines by which the tail of the audit trail tells of itself.
public enum AuditTail {
    /// The first line that is sealed by a generation's keys; its details name the generation.
    public static let begun = "audit.tail.begun"
    /// The last line of an interval; its details name it, and the generation that follows where one does.
    public static let sealed = "audit.tail.sealed"
    /// From here on nothing is sealed: the key was lost.
    public static let lost = "audit.tail.lost"

    /// What the details of these lines say.
    struct Details: Codable {
        var generation: String?
        var interval: Int64?
        var next: String?
    }

    static func details(of line: AuditTrailLine) -> Details? {
        try? JSONDecoder().decode(Details.self, from: Data(line.details.utf8))
    }

    /// Where the trail ends, as the device says it at one moment; only who has the present key can say it.
    public static func statement(generation: [UInt8], interval: Int64, newest: Int64, at: Int64) -> String {
        "edged audit end\n\(digits(generation))\n\(interval)\n\(newest)\n\(at)\n"
    }

    /// Bytes as lower-case hexadecimal digits.
    public static func digits(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func bytes(_ digits: some StringProtocol) -> [UInt8]? {
        let digits = Array(digits.utf8)
        guard digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) else {
                return nil
            }
            bytes.append(byte)
        }
        return bytes
    }
}
