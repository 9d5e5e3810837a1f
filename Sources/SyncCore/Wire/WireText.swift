public import FoundationEssentials

/// An id that travels and is stored as text: 36 lower-case characters.
public protocol WireID: RawRepresentable<UUID>, Codable, CustomStringConvertible {
    /// Wraps a known id.
    init(rawValue: UUID)
}

extension WireID {
    /// 36 lower-case characters.
    public var description: String { rawValue.uuidString.lowercased() }

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

/// Bytes as lower-case hexadecimal digits.
public enum HexText {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two digits for each byte.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of an even number of digits in either case; `nil` for anything else.
    public static func decode(_ text: String) -> [UInt8]? {
        let values = text.utf8.map { digit -> UInt8? in
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
            default: nil
            }
        }
        guard values.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: values.count, by: 2) {
            guard let high = values[index], let low = values[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}
