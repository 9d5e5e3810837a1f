import EdgeCore
import HTTPTypes

/// The parts of an operation as the document writes them.
enum OperationText {
    static func parameters(of operation: Operation) -> [JSONValue] {
        var parameters = operation.parameterNames.map { name -> JSONValue in
            let schema = operation.parameters[name] ?? .text(1...200)
            return [
                "name": .string(name), "in": "path", "required": true, "schema": .object(schema.document),
            ]
        }
        parameters += operation.query.map { property in
            [
                "name": .string(property.name), "in": "query", "required": .bool(property.isRequired),
                "schema": .object(property.schema.document),
            ]
        }
        if operation.creates {
            parameters.append([
                "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "The same key and body within a day give the first answer again.",
                "schema": ["type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"],
            ])
        }
        return parameters
    }

    static func body(_ wanted: Operation.Body) -> JSONObject {
        var document = wanted.schema.document
        if !wanted.needsOneOf.isEmpty {
            document["anyOf"] = .array(
                wanted.needsOneOf.map { name in
                    ["properties": .object([name: ["const": true]]), "required": [.string(name)]]
                })
        }
        let schema = JSONValue.object(document)
        var content: JSONObject = ["application/json": ["schema": schema]]
        if !wanted.files.isEmpty { content["multipart/form-data"] = ["schema": .object(form(wanted))] }
        return ["required": .bool(wanted.isRequired), "content": .object(content)]
    }

    /// A form has text and files only; members that are objects are left to JSON.
    private static func form(_ wanted: Operation.Body) -> JSONObject {
        let members = wanted.schema.properties.compactMap { property -> Schema.Property? in
            if wanted.files.contains(property.name) {
                let file = Schema.formatted(.binary, 1...Int.max)
                return Schema.Property(
                    name: property.name, schema: file, isRequired: property.isRequired, isReadOnly: false)
            }
            if case .object = property.schema.kind { return nil }
            // Text, whatever it means: a form knows neither formats nor null.
            var schema = property.schema
            schema.isNullable = false
            if case .text(var rule) = schema.kind {
                rule.isPlain = true
                schema.kind = .text(rule)
            }
            return Schema.Property(
                name: property.name, schema: schema, isRequired: property.isRequired, isReadOnly: property.isReadOnly)
        }
        return Schema.object(members).document
    }

    static func answers(of operation: Operation, examples: JSONObject) -> JSONObject {
        var answers = JSONObject()
        for answer in operation.answers + commonErrors(of: operation)
        where answers[String(answer.status.code)] == nil {
            var body: JSONObject = ["description": .string(answer.note)]
            let name = "\(operation.id) \(answer.status.code)"
            if let schema = answer.schema {
                var content: JSONObject = ["schema": .object(schema.document)]
                if let example = examples[name] { content["example"] = example }
                body["content"] = .object(
                    JSONObject(unique: ([answer.contentType] + answer.otherTypes).map { ($0, .object(content)) }))
            }
            let headers = headers(of: answer, operation)
            if !headers.members.isEmpty { body["headers"] = .object(headers) }
            answers[String(answer.status.code)] = .object(body)
        }
        return answers
    }

    /// What every operation of its kind may answer.
    private static func commonErrors(of operation: Operation) -> [Operation.Answer] {
        var errors: [Operation.Answer] = []
        let hasBody = operation.body != nil
        if hasBody || !operation.query.isEmpty || operation.creates {
            errors.append(.error(.badRequest, "A field is missing or wrong; each is named."))
        }
        if operation.access != .open {
            errors.append(.error(.unauthorized, "Without good credentials."))
            errors.append(.error(.forbidden, "The credentials do not allow this."))
        }
        let isPaged = operation.query.contains { $0.name == "page" }
        if !operation.parameterNames.isEmpty || isPaged {
            errors.append(.error(.notFound, "There is no such thing, or it is another client's."))
        }
        if hasBody {
            errors.append(.error(.requestTimeout, "The body took too long to arrive."))
            errors.append(.error(.contentTooLarge, "The body is too large."))
            errors.append(.error(.unsupportedMediaType, "The content type is not read here."))
        }
        if operation.creates {
            errors.append(.error(.conflict, "It exists already, or the first request with this key still runs."))
            errors.append(.error(.unprocessableContent, "The Idempotency-Key was used for another request."))
        }
        errors.append(.error(.tooManyRequests, "Too often; the Retry-After header says when to come again."))
        errors.append(.error(.serviceUnavailable, "The device cannot do this now; a technician must act."))
        return errors
    }

    private static func headers(of answer: Operation.Answer, _ operation: Operation) -> JSONObject {
        var headers = JSONObject()
        let text: JSONValue = ["schema": ["type": "string"]]
        for name in answer.headers { headers[name] = text }
        switch answer.status {
        case .unauthorized: headers["WWW-Authenticate"] = text
        case .tooManyRequests: headers["Retry-After"] = ["schema": ["type": "integer", "minimum": 0]]
        default: break
        }
        if operation.isDeprecated, answer.status == .ok { headers.merge(["Deprecation": text, "Sunset": text]) }
        return headers
    }

    static func security(of operation: Operation) -> JSONObject {
        let schemes: [JSONValue] = [["BearerAuth": []], ["ApiKeyAuth": []]]
        let scopes = operation.access.scopes.map(\.rawValue).sorted().map(JSONValue.string)
        switch operation.access {
        case .open: return ["security": []]
        case .optional: return ["security": .array([.object([:])] + schemes), "x-scopes": .array(scopes)]
        case .scopes: return ["security": .array(schemes), "x-scopes": .array(scopes)]
        }
    }
}
