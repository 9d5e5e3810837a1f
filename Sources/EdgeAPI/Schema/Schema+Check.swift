import EdgeCore
import FoundationEssentials

extension Schema {
    /// The value as the schema wants it, or a fault for each member that is not so.
    ///
    /// `isForm`: the value came as a form's text, where numbers, truth values and objects are written as text.
    func check(
        _ value: JSONValue, _ field: String, isForm: Bool = false, _ errors: inout FieldErrors
    ) -> JSONValue? {
        if value == .null {
            if isNullable || isAnything { return .null }
            errors.add(field, FieldErrors.null)
            return nil
        }
        // An empty form field is what a browser sends for nothing.
        if isForm, isNullable, value == .string("") { return .null }
        do {
            return try checked(isForm ? unfolded(value) : value, field, &errors)
        } catch {
            errors.add(field, error.text)
            return nil
        }
    }

    private var isAnything: Bool {
        switch kind {
        case .anything: true
        case .text, .integer, .number, .boolean, .object, .list, .picture, .anyOf, .component: false
        }
    }

    /// What is wrong with one value.
    struct Fault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private func checked(
        _ value: JSONValue, _ field: String, _ errors: inout FieldErrors
    ) throws(Fault) -> JSONValue? {
        switch kind {
        case .text(let rule): return .string(try rule.check(value))
        case .integer(let range): return try Self.integer(value, range)
        case .number(let range): return try Self.number(value, range)
        case .boolean:
            guard case .bool = value else { throw Fault("Must be a valid boolean.") }
            return value
        case .object(let properties, _):
            guard let object = value.objectValue else { throw Fault("Value must be a JSON object.") }
            return .object(Self.members(of: object, properties, in: field, &errors))
        case .list(let element, let maximum):
            return try list(value, of: element, maximum: maximum, field, &errors)
        case .anyOf(let schemas): return try Self.first(of: schemas, value, field)
        case .picture, .component, .anything: return value
        }
    }

    private func list(
        _ value: JSONValue, of element: Schema, maximum: Int?, _ field: String, _ errors: inout FieldErrors
    ) throws(Fault) -> JSONValue? {
        guard case .array(let values) = value else { throw Fault("Expected a list of items.") }
        if let maximum, values.count > maximum { throw Fault("Ensure this list has at most \(maximum) items.") }
        var checked: [JSONValue] = []
        for value in values {
            if let value = element.check(value, field, &errors) { checked.append(value) }
        }
        return .array(checked)
    }

    /// Members that the schema names are checked; others stay as they are.
    private static func members(
        of object: JSONObject, _ properties: [Property], in field: String, _ errors: inout FieldErrors
    ) -> JSONObject {
        var result = object
        for property in properties where !property.isReadOnly {
            let name = field.isEmpty ? property.name : "\(field).\(property.name)"
            guard let value = object[property.name] else {
                if property.isRequired { errors.add(name, FieldErrors.required) }
                continue
            }
            result[property.name] = property.schema.check(value, name, &errors)
        }
        return result
    }

    private static func first(of schemas: [Schema], _ value: JSONValue, _ field: String) throws(Fault) -> JSONValue? {
        for schema in schemas {
            var errors = FieldErrors()
            if let checked = schema.check(value, field, &errors), errors.messages.isEmpty { return checked }
        }
        throw Fault("Not a valid value.")
    }

    private static func integer(_ value: JSONValue, _ range: ClosedRange<Int>) throws(Fault) -> JSONValue {
        let number: Int? =
            switch value {
            case .integer(let number): Int(exactly: number)
            case .number(let number): Int(exactly: number)
            case .null, .bool, .string, .array, .object: nil
            }
        guard let number, range.contains(number) else {
            throw Fault("A whole number from \(range.lowerBound) to \(range.upperBound) is required.")
        }
        return .integer(Int64(number))
    }

    private static func number(_ value: JSONValue, _ range: ClosedRange<Double>) throws(Fault) -> JSONValue {
        let number: Double? =
            switch value {
            case .integer(let number): Double(number)
            case .number(let number): number
            case .null, .bool, .string, .array, .object: nil
            }
        guard let number, range.contains(number) else { throw Fault("A number within the limits is required.") }
        return .number(number)
    }

    /// What a form's text stands for where the schema wants no text.
    private func unfolded(_ value: JSONValue) -> JSONValue {
        guard let text = value.stringValue else { return value }
        switch kind {
        case .integer: return Int64(text).map(JSONValue.integer) ?? value
        case .number: return Double(text).map(JSONValue.number) ?? value
        case .boolean:
            return text.lowercased() == "true" ? true : text.lowercased() == "false" ? false : value
        case .object, .list:
            // Text that is not JSON stays text, which the check then refuses.
            return (try? JSONValue.parse(Array(text.utf8))) ?? value
        case .text, .picture, .anyOf, .component, .anything: return value
        }
    }
}

extension TextRule {
    /// The text, when it is as the rule wants it.
    func check(_ value: JSONValue) throws(Schema.Fault) -> String {
        let text: String
        switch value {
        case .string(let string): text = string
        case .integer(let number) where allowsNumber && Self.exactNumbers.contains(number): text = String(number)
        default: throw Schema.Fault(choices.isEmpty ? "Not a valid string." : "Not a valid choice.")
        }
        guard choices.isEmpty else {
            guard choices.contains(text) else { throw Schema.Fault("Not a valid choice.") }
            return text
        }
        if let format { try Self.check(text, format) }
        if !allowsBlank, text.allSatisfy(\.isWhitespace) { throw Schema.Fault(FieldErrors.blank) }
        let count = text.unicodeScalars.count
        if count > length.upperBound {
            throw Schema.Fault("Ensure this field has no more than \(length.upperBound) characters.")
        }
        if count < length.lowerBound {
            throw Schema.Fault("Ensure this field has at least \(length.lowerBound) characters.")
        }
        let allowed = hasLines ? "\t\n\r" : ""
        let isRefused = { (scalar: Unicode.Scalar) in
            (scalar.value < 0x20 || scalar.value == 0x7F) && !allowed.unicodeScalars.contains(scalar)
        }
        if text.unicodeScalars.contains(where: isRefused) {
            throw Schema.Fault("Control characters are not allowed.")
        }
        return text
    }

    private static func check(_ text: String, _ format: Format) throws(Schema.Fault) {
        switch format {
        case .uuid:
            guard UUID(uuidString: text) != nil else { throw Schema.Fault("Must be a valid UUID.") }
        case .dateTime:
            guard WireDate.parse(text) != nil else {
                throw Schema.Fault("Datetime has wrong format. Use ISO 8601 with a time zone.")
            }
        case .date:
            guard WireDate.day(text) != nil else {
                throw Schema.Fault("Date has wrong format. Use YYYY-MM-DD.")
            }
        case .uri:
            guard WireURL(text) != nil else { throw Schema.Fault("Enter a valid URL.") }
        case .email:
            guard WireURL.isEmail(text) else { throw Schema.Fault("Enter a valid email address.") }
        case .hostname:
            guard WireURL.isHost(text) else { throw Schema.Fault("Enter a host name.") }
        case .sha256:
            guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw Schema.Fault("Enter 64 hexadecimal digits.")
            }
        case .base64:
            guard Data(base64Encoded: text) != nil else { throw Schema.Fault("Enter base64 with its padding.") }
        case .binary: break
        }
    }
}
