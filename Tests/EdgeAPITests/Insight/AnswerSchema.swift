import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

/// Checks answers against what the document promises.
enum AnswerSchema {
    /// What is wrong with `value`, each fault with its place.
    static func faults(_ value: JSONValue, _ schema: Schema, at place: String = "$") -> [String] {
        if value == .null, schema.isNullable { return [] }
        switch (schema.kind, value) {
        case (.anything, _): return []
        case (.component(let name), _):
            guard let named = Components.schemas.first(where: { $0.key == name })?.value else {
                return ["\(place): there is no schema \(name)"]
            }
            return faults(value, named, at: place)
        case (.object(let properties, _), .object(let object)):
            return properties.flatMap { property -> [String] in
                guard let member = object[property.name] else {
                    return property.isRequired ? ["\(place).\(property.name) is missing"] : []
                }
                return faults(member, property.schema, at: "\(place).\(property.name)")
            }
        case (.list(let element, let maximum), .array(let values)):
            let tooMany = values.count > maximum ?? .max ? ["\(place) has \(values.count) items"] : []
            return tooMany + values.enumerated().flatMap { faults($1, element, at: "\(place)[\($0)]") }
        case (.text(let rule), .string(let text)) where rule.length.upperBound == .max || !rule.choices.isEmpty:
            return rule.choices.isEmpty || rule.choices.contains(text) ? [] : ["\(place): \(text) is no choice"]
        default:
            var errors = FieldErrors()
            _ = schema.check(value, place, &errors)
            return errors.messages.map { "\($0.field): \($0.text) (\(value))" }
        }
    }

    /// Members that the schema of an object does not name.
    static func strangers(_ object: JSONObject, _ schema: Schema) -> [String] {
        let names = schema.properties.map(\.name)
        return object.members.map(\.key).filter { !names.contains($0) }
    }
}

extension Answer {
    /// Fails the test unless the answer is what the operation promises for its status.
    func expect(_ operation: EdgeAPI.Operation, status wanted: Int = 200) {
        #expect(status == wanted, "\(text)")
        let promised = operation.answers.first { $0.status.code == status }?.schema
        #expect(promised != nil || status >= 400)
        if let promised { #expect(AnswerSchema.faults(.object(body), promised) == []) }
    }
}
