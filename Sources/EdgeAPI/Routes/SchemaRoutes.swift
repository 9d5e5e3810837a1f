import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird

/// The OpenAPI document of everything that was added to the routes before, and of itself.
struct SchemaRoutes: Sendable {
    let version: String

    func add(to routes: inout RouteBuilder) {
        let own = [Self.schema, Self.swagger, Self.redoc]
        let document = OpenAPIDocument(
            operations: routes.operations + own, version: version, examples: RecordedExamples.answers
        ).json
        let (json, yaml) = (ByteBuffer(bytes: document.bytes), ByteBuffer(string: YAMLText.write(document)))
        routes.add(Self.schema) { call in
            let isJSON = Self.wantsJSON(call)
            return Response(
                status: .ok,
                headers: [
                    .contentType: isJSON
                        ? "application/vnd.oai.openapi+json" : "application/vnd.oai.openapi",
                    .contentDisposition:
                        "inline; filename=\"Face Recognition API (\(version)).\(isJSON ? "json" : "yaml")\"",
                    .cacheControl: "no-cache", .vary: "Accept",
                ], body: ResponseBody(byteBuffer: isJSON ? json : yaml))
        }
        routes.add(Self.swagger) { _ in DocumentPages.page(DocumentPages.swagger) }
        routes.add(Self.redoc) { _ in DocumentPages.page(DocumentPages.redoc) }
    }

    /// YAML unless the query or the Accept header asks for JSON, as in the reference.
    private static func wantsJSON(_ call: APICall) -> Bool {
        if let format = call.query.text("format") { return format == "json" }
        return call.request.headers[.accept]?.lowercased().contains("json") ?? false
    }

    static let schema = Operation(
        .get, "/api/schema", id: "schema_retrieve", tag: .pages, "This document", access: .open,
        answers: [
            Operation.Answer(
                status: .ok, note: "OpenAPI 3.1.", schema: .anything, contentType: "application/vnd.oai.openapi+json",
                otherTypes: ["application/vnd.oai.openapi"])
        ]
    ).asks(
        .optional("format", .choice(["json", "yaml"])),
        .optional("lang", Schema.text(1...20).note("Taken and without effect."))
    )

    static let swagger = page("/api/schema/swagger-ui", id: "swagger_ui_retrieve", "This document in Swagger UI")
        .with { $0.aliases = ["/api/docs"] }
    static let redoc = page("/api/redoc", id: "redoc_retrieve", "This document in ReDoc")

    private static func page(_ path: String, id: String, _ summary: String) -> Operation {
        Operation(
            .get, path, id: id, tag: .pages, summary, access: .open,
            answers: [Operation.Answer(status: .ok, note: "A page.", schema: .anyText, contentType: "text/html")])
    }
}
