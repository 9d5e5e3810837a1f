import EdgeCore
import HTTPTypes

/// The OpenAPI 3.1 document of the operations that a server really has.
struct OpenAPIDocument: Sendable {
    let operations: [Operation]
    let version: String
    /// Answers recorded from a running daemon, by operation id and status: `auth_client_create 200`.
    var examples: JSONObject = [:]

    /// The document as JSON.
    var json: JSONValue {
        .object([
            "openapi": "3.1.0",
            "info": .object(info),
            "servers": [["url": "/", "description": "This device"]],
            "tags": .array(Operation.Tag.allCases.filter(isUsed).map { .object($0.document) }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(
                    JSONObject(unique: Components.schemas.map { ($0.key, .object($0.value.document)) })),
                "securitySchemes": .object(Self.securitySchemes),
            ],
        ])
    }

    private var info: JSONObject {
        [
            "title": "Face Recognition API", "version": .string(version),
            "summary": "Face enrollment, verification and identification on the device.",
            "description": .string(Self.introduction),
            "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ]
    }

    private func isUsed(_ tag: Operation.Tag) -> Bool { operations.contains { $0.tag == tag } }

    private var paths: JSONObject {
        var order: [String] = []
        var items: [String: JSONObject] = [:]
        for operation in operations {
            for (index, path) in ([operation.path] + operation.aliases).enumerated() {
                let written = Self.written(path)
                if items[written] == nil {
                    order.append(written)
                    items[written] = [:]
                }
                let number = index == 0 ? "" : "_\(index + 1)"
                items[written]?[operation.method.rawValue.lowercased()] = .object(
                    describe(operation, id: operation.id + number))
            }
        }
        return JSONObject(unique: order.sorted().map { ($0, .object(items[$0] ?? [:])) })
    }

    /// As the guide writes paths: with a slash at the end, but for the few that operating systems ask for by name.
    static func written(_ path: String) -> String {
        ["/healthz", "/readyz", "/status", "/metrics"].contains(path) || path == "/" ? path : path + "/"
    }

    private func describe(_ operation: Operation, id: String) -> JSONObject {
        var body: JSONObject = [
            "operationId": .string(id), "tags": [.string(operation.tag.rawValue)],
            "summary": .string(operation.summary),
        ]
        if let details = operation.details { body["description"] = .string(details) }
        if operation.isDeprecated { body["deprecated"] = true }
        let parameters = OperationText.parameters(of: operation)
        if !parameters.isEmpty { body["parameters"] = .array(parameters) }
        if let wanted = operation.body { body["requestBody"] = .object(OperationText.body(wanted)) }
        body["responses"] = .object(OperationText.answers(of: operation, examples: examples))
        body.merge(OperationText.security(of: operation))
        if operation.isStream { body["x-stream"] = true }
        return body
    }

    private static let securitySchemes: JSONObject = [
        "ApiKeyAuth": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
        "BearerAuth": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The access token of /api/core/auth/client/; the prefix JWT is taken too.",
        ],
    ]

    private static let introduction = """
        The Face Recognition API, served by the device itself. Authenticate with API key and secret, open a session, \
        send pictures or let the device's camera supply them, read the decision. Points in time are ISO 8601 in UTC; \
        lists come in pages of 20; the slash at the end of a path is optional. Every error has a stable `code`, \
        explained in the runbook.
        """
}

extension Operation.Tag {
    var document: JSONObject { ["name": .string(rawValue), "description": .string(note)] }

    private var note: String {
        switch self {
        case .authentication: "API key and secret for tokens; tokens refreshed, verified and revoked."
        case .clients: "Clients of the device, and the users of a client."
        case .enrollment: "A user's face becomes templates."
        case .recognition: "A face is verified against one user or identified among all."
        case .sessions: "Sessions as they stand, their results and events."
        case .system: "How the device is, and its audit trail."
        case .analytics: "What happened on this device."
        case .webhooks: "Who is told of events, and how that went."
        case .legacy: "Deprecated: use the other groups."
        case .streaming: "Frames over a connection that stays open."
        case .sync: "What members of a fleet and this central instance tell each other, and who looks after both."
        case .pages: "This document and its pages."
        }
    }
}
