public import FoundationEssentials

/// An id that travels and is stored as text: 36 lower-case characters.
public protocol WireID: RawRepresentable<UUID>, Codable, CustomStringConvertible {
    /// Wraps a known id.
    init(rawValue: UUID)
}

extension WireID {
    /// 36 lower-case characters.
    public var description: String { UUIDText.lower(rawValue) }

    /// Reads the text form, in either case.
    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(UUID.self))
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension DeviceID: WireID {}
extension Epoch: WireID {}
extension ScopeID: WireID {}
extension Incarnation: WireID {}
extension SubjectKey: WireID {}

extension ChainHash: Codable {
    /// 64 lower-case hexadecimal digits.
    public var text: String { HexText.encode(bytes) }

    /// Reads 64 hexadecimal digits; `nil` for anything else.
    public init?(text: String) {
        guard let bytes = HexText.decode(text) else { return nil }
        self.init(bytes)
    }

    /// Reads the text form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let hash = ChainHash(text: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not 64 hexadecimal digits")
        }
        self = hash
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A UUID as 36 lower-case characters; thousands of them stand in a batch.
public enum UUIDText {
    /// The text.
    public static func lower(_ id: UUID) -> String { String(decoding: bytes(id), as: UTF8.self) }

    static func bytes(_ id: UUID) -> [UInt8] {
        let u = id.uuid
        let all = [u.0, u.1, u.2, u.3, u.4, u.5, u.6, u.7, u.8, u.9, u.10, u.11, u.12, u.13, u.14, u.15]
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (number, byte) in all.enumerated() {
            if number == 4 || number == 6 || number == 8 || number == 10 { text.append(UInt8(ascii: "-")) }
            text.append(HexText.digit(byte >> 4))
            text.append(HexText.digit(byte & 15))
        }
        return text
    }
}

/// Bytes as lower-case hexadecimal digits.
public enum HexText {
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// Two digits for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.underestimatedCount)
        for byte in bytes {
            text.append(digit(byte >> 4))
            text.append(digit(byte & 15))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of an even number of digits in either case; `nil` for anything else.
    public static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for digit in text.utf8 {
            guard let value = value(of: digit) else { return nil }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
