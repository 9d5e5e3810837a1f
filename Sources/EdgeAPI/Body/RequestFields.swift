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
