/// Writes a JSON value as YAML 1.2 in block style.
///
/// Every text is written as a JSON string, which is YAML too: no text can be taken for a number or a truth value.
enum YAMLText {
    static func write(_ value: JSONValue) -> String {
        var text = ""
        write(value, indent: 0, isInline: false, to: &text)
        return text
    }

    private static func write(_ value: JSONValue, indent: Int, isInline: Bool, to text: inout String) {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            for (number, member) in object.members.enumerated() {
                if number > 0 || !isInline { pad(indent, &text) }
                text += key(member.key) + ":"
                writeMember(member.value, indent: indent, to: &text)
            }
        case .array(let elements) where !elements.isEmpty:
            for (number, element) in elements.enumerated() {
                if number > 0 || !isInline { pad(indent, &text) }
                text += "- "
                write(element, indent: indent + 2, isInline: true, to: &text)
            }
        case .null, .bool, .integer, .number, .string, .array, .object:
            text += String(decoding: value.bytes, as: UTF8.self) + "\n"
        }
    }

    /// What stands behind a key: on the same line, or as a block below it.
    private static func writeMember(_ value: JSONValue, indent: Int, to text: inout String) {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            text += "\n"
            write(value, indent: indent + 2, isInline: false, to: &text)
        case .array(let elements) where !elements.isEmpty:
            text += "\n"
            write(value, indent: indent + 2, isInline: false, to: &text)
        case .null, .bool, .integer, .number, .string, .array, .object:
            text += " " + String(decoding: value.bytes, as: UTF8.self) + "\n"
        }
    }

    private static func pad(_ indent: Int, _ text: inout String) { text += String(repeating: " ", count: indent) }

    private static func key(_ key: String) -> String {
        let isPlain = key.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
            default: false
            }
        }
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        if isPlain, !key.isEmpty, !words.contains(key.lowercased()) { return key }
        return String(decoding: JSONValue.string(key).bytes, as: UTF8.self)
    }
}
