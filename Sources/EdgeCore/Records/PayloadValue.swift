/// A JSON value as an event carries it.
///
/// Members keep the order in which they were built.
public indirect enum PayloadValue: Sendable, Equatable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([PayloadValue])
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Its value.
        public let value: PayloadValue

        /// Names a value.
        public init(_ name: String, _ value: PayloadValue) {
            self.name = name
            self.value = value
        }
    }

    /// A text that may be missing.
    public static func text(_ text: String?) -> PayloadValue { text.map(PayloadValue.text) ?? .null }

    /// A whole number that may be missing.
    public static func integer(_ number: Int?) -> PayloadValue { number.map(PayloadValue.integer) ?? .null }

    /// A score with four decimals, or `null`.
    public static func score(_ value: Double?) -> PayloadValue {
        guard let value, value.isFinite else { return .null }
        return .number((value * 10_000).rounded() / 10_000)
    }

    /// The value as JSON text without white space.
    public var jsonText: String {
        var output: [UInt8] = []
        write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}

extension PayloadValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .flag(value) }
    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }
    /// An object; the names are known to differ.
    public init(dictionaryLiteral elements: (String, PayloadValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
    /// A list.
    public init(arrayLiteral elements: PayloadValue...) { self = .list(elements) }
}

extension PayloadValue {
    private func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .flag(let flag): output += (flag ? "true" : "false").utf8
        case .integer(let whole): output += String(whole).utf8
        case .number(let number): output += (number.isFinite ? "\(number)" : "null").utf8
        case .text(let text): Self.write(text, to: &output)
        case .list(let values):
            output.append(UInt8(ascii: "["))
            for (index, value) in values.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
            case 0x0A: output += "\\n".utf8
            case 0x0D: output += "\\r".utf8
            case 0x09: output += "\\t".utf8
            case 0..<0x20: output += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
            default: output.append(byte)
            }
        }
        output.append(UInt8(ascii: "\""))
    }
}
