import EdgeCore

extension Schema {
    /// The schema as OpenAPI 3.1 (JSON Schema 2020-12) writes it.
    var document: JSONObject {
        var body = kindDocument
        if let note { body["description"] = .string(note) }
        if let example { body["examples"] = .array([example]) }
        return isNullable ? Self.nullable(body) : body
    }

    private var kindDocument: JSONObject {
        switch kind {
        case .text(let rule): return rule.document
        case .integer(let range):
            return [
                "type": "integer", "minimum": .integer(Int64(range.lowerBound)),
                "maximum": .integer(Int64(range.upperBound)),
            ]
        case .number(let range):
            var body: JSONObject = ["type": "number"]
            if range.lowerBound.isFinite { body["minimum"] = .number(range.lowerBound) }
            if range.upperBound.isFinite { body["maximum"] = .number(range.upperBound) }
            return body
        case .boolean: return ["type": "boolean"]
        case .object(let properties, let isOpen): return Self.object(properties, isOpen: isOpen)
        case .list(let element, let maximum):
            var body: JSONObject = ["type": "array", "items": .object(element.document)]
            if let maximum { body["maxItems"] = .integer(Int64(maximum)) }
            return body
        case .picture: return ["type": "string", "format": "face-image", "minLength": 1]
        case .anyOf(let schemas): return ["anyOf": .array(schemas.map { .object($0.document) })]
        case .component(let name): return ["$ref": .string("#/components/schemas/\(name)")]
        case .anything: return [:]
        }
    }

    private static func object(_ properties: [Property], isOpen: Bool) -> JSONObject {
        var body: JSONObject = ["type": "object"]
        if !properties.isEmpty {
            body["properties"] = .object(
                JSONObject(
                    unique: properties.map { property in
                        var schema = property.schema.document
                        if property.isReadOnly { schema["readOnly"] = true }
                        return (property.name, .object(schema))
                    }))
            let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
            if !required.isEmpty { body["required"] = .array(required) }
        }
        if !isOpen { body["additionalProperties"] = false }
        return body
    }

    private static func nullable(_ body: JSONObject) -> JSONObject {
        var body = body
        // A format speaks about texts only, and many readers take `["string", "null"]` with one for a text.
        if body["format"] == nil, case .string(let type) = body["type"] {
            body["type"] = [.string(type), "null"]
            if case .array(let choices) = body["enum"] { body["enum"] = .array(choices + [.null]) }
            return body
        }
        if case .array(let types) = body["type"] {
            body["type"] = .array(types + ["null"])
            return body
        }
        guard body["$ref"] != nil || body["anyOf"] != nil || body["format"] != nil else { return body }
        var outer: JSONObject = ["anyOf": [.object(body), ["type": "null"]]]
        if let note = body["description"] { outer["description"] = note }
        return outer
    }
}

extension TextRule {
    /// What the check below looks for, as a pattern: something visible, and no control characters.
    static let visible = #"^[^\u0000-\u001F\u007F]*[^\s\u0000-\u001F\u007F][^\u0000-\u001F\u007F]*$"#
    /// In forms, where an empty field is what a browser sends for nothing.
    static let uuid = "^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$"
    static let sha256 = "^[0-9A-Fa-f]{64}$"
    static let base64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
    static let harmless = #"^[^\u0000-\u001F\u007F]*$"#
    static let visibleLines = #"""
        ^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*[^\s\u0000-\u001F\u007F]\#
        [^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]*$
        """#

    var document: JSONObject {
        var body: JSONObject = ["type": allowsNumber ? ["string", "integer"] : "string"]
        if allowsNumber {
            body["minimum"] = .integer(Self.exactNumbers.lowerBound)
            body["maximum"] = .integer(Self.exactNumbers.upperBound)
        }
        guard choices.isEmpty else {
            body["enum"] = .array(choices.map(JSONValue.string))
            return body
        }
        if format == .uuid, isPlain {
            body["pattern"] = .string(Self.uuid)
        } else if format == .sha256 {
            body["pattern"] = .string(Self.sha256)
        } else if format == .base64 {
            body["pattern"] = .string(Self.base64)
            body["contentEncoding"] = "base64"
        } else if let format {
            body["format"] = .string(format.rawValue)
        }
        guard length.upperBound < Int.max else { return body }
        switch format {
        case .uuid, .date, .dateTime, .binary: return body
        case .uri, .email, .hostname, .sha256, .base64, nil: break
        }
        if length.lowerBound > 0 { body["minLength"] = .integer(Int64(length.lowerBound)) }
        body["maxLength"] = .integer(Int64(length.upperBound))
        if format == nil {
            body["pattern"] = .string(hasLines ? Self.visibleLines : allowsBlank ? Self.harmless : Self.visible)
        }
        return body
    }
}
