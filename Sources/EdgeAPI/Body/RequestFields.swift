import EdgeCore
import FoundationEssentials

/// The fields of a request body, whichever of the three content types carried them.
struct RequestFields: Sendable {
    /// One field.
    enum Value: Sendable, Equatable {
        /// A JSON value; form fields are strings.
        case json(JSONValue)
        /// A text that may be a large picture in base64, still as bytes.
        case text([UInt8])
        /// An uploaded file.
        case file([UInt8])
    }

    private var values: [String: Value] = [:]

    /// Sets a field; the first of two with the same name wins.
    mutating func set(_ name: String, _ value: Value) {
        if values[name] == nil { values[name] = value }
    }

    /// A field as sent.
    func value(_ name: String) -> Value? { values[name] }

    /// A field as a JSON value; a form's text as a string.
    ///
    /// Nothing for files and for text that is not UTF-8.
    func json(_ name: String) -> JSONValue? {
        switch values[name] {
        case .json(let value): value
        case .text(let bytes): String(validating: bytes, as: UTF8.self).map(JSONValue.string)
        case .file, nil: nil
        }
    }

    /// Reads a JSON object.
    ///
    /// Throws `request.malformed` for anything else.
    init(json bytes: [UInt8]) throws(EdgeError) {
        guard case .object(let object) = try JSONValue.parse(bytes) else {
            throw EdgeError(.requestMalformed, "The body must be a JSON object.")
        }
        for (key, value) in object.members { values[key] = .json(value) }
    }

    /// Reads a URL-encoded form.
    init(form bytes: [UInt8]) throws(EdgeError) {
        for (name, value) in try URLEncodedForm.parse(bytes) { set(name, .text(value)) }
    }

    /// Name and bytes of every text and file, by name.
    var contents: [(name: String, bytes: [UInt8])] {
        values.compactMap { name, value in
            switch value {
            case .text(let bytes), .file(let bytes): (name, bytes)
            case .json: nil
            }
        }.sorted { $0.name < $1.name }
    }

    /// No fields.
    init() {}
}

/// Checks fields one after another and keeps every fault, so that a client sees all of them at once.
struct FieldReader {
    let fields: RequestFields
    var errors = FieldErrors()

    init(_ fields: RequestFields) { self.fields = fields }

    /// A text of 1 to `limit` characters; a JSON number counts as its digits.
    ///
    /// `nil` when missing, `null` or at fault.
    mutating func text(_ name: String, required: Bool, limit: Int = 100) -> String? {
        guard let value = present(name, required: required) else { return nil }
        let text: String
        switch value {
        case .string(let string): text = string
        case .integer(let number): text = String(number)
        default:
            errors.add(name, "Not a valid string.")
            return nil
        }
        return checked(text, name, required: required, limit: limit)
    }

    /// One of a fixed set of words.
    mutating func choice<Choice: RawRepresentable>(
        _ name: String, required: Bool, of type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let value = present(name, required: required) else { return nil }
        guard let text = value.stringValue, let choice = Choice(rawValue: text) else {
            errors.add(name, "Not a valid choice.")
            return nil
        }
        return choice
    }

    /// A JSON object, or its text in a form.
    mutating func object(_ name: String) -> JSONObject {
        guard let value = present(name, required: false) else { return [:] }
        if let object = value.objectValue { return object }
        if let text = value.stringValue, let object = (try? JSONValue.parse(Array(text.utf8)))?.objectValue {
            return object
        }
        errors.add(name, "Value must be a JSON object.")
        return [:]
    }

    /// A whole number within `range`.
    mutating func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = present(name, required: false) else { return nil }
        return integer(value, name, in: range)
    }

    /// Checks a value that is already at hand.
    mutating func integer(_ value: JSONValue, _ name: String, in range: ClosedRange<Int>) -> Int? {
        let number: Int? =
            switch value {
            case .integer(let number): Int(exactly: number)
            case .number(let number): Int(exactly: number)
            case .string(let text): Int(text)
            default: nil
            }
        guard let number, range.contains(number) else {
            errors.add(name, "A whole number from \(range.lowerBound) to \(range.upperBound) is required.")
            return nil
        }
        return number
    }

    /// Checks that a truth value is one, for a field that changes nothing.
    mutating func boolean(_ name: String) {
        guard let value = present(name, required: false) else { return }
        switch value {
        case .bool: return
        case .string(let text) where ["true", "false", "1", "0", "on", "off"].contains(text.lowercased()): return
        case .integer(0), .integer(1): return
        default: errors.add(name, "Must be a valid boolean.")
        }
    }

    /// Checks that a point in time is one, for a field that changes nothing.
    mutating func date(_ name: String) {
        guard let value = present(name, required: false) else { return }
        guard let text = value.stringValue, WireDate.parse(text) != nil else {
            errors.add(name, "Datetime has wrong format. Use ISO 8601 with a time zone.")
            return
        }
    }

    private mutating func present(_ name: String, required: Bool) -> JSONValue? {
        switch fields.value(name) {
        case nil:
            if required { errors.add(name, FieldErrors.required) }
            return nil
        case .json(.null):
            if required { errors.add(name, FieldErrors.null) }
            return nil
        default: break
        }
        guard let value = fields.json(name) else {
            errors.add(name, "Not a valid value.")
            return nil
        }
        // An empty form field is what a browser sends for nothing.
        if !required, case .text = fields.value(name), value == .string("") { return nil }
        return value
    }

    private mutating func checked(_ text: String, _ name: String, required: Bool, limit: Int) -> String? {
        let isBlank = text.allSatisfy(\.isWhitespace)
        if isBlank {
            errors.add(name, FieldErrors.blank)
        } else if text.unicodeScalars.count > limit {
            errors.add(name, "Ensure this field has no more than \(limit) characters.")
        } else if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
            errors.add(name, "Control characters are not allowed.")
        } else {
            return text
        }
        return nil
    }
}
