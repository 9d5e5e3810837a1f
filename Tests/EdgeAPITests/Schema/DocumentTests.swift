import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("OpenAPI document")
struct DocumentTests {
    private func routes() async throws -> RouteBuilder {
        let api = TestAPI()
        let tokens = try await TokenIssuer(issuer: "test", secrets: api.secrets, clock: api.clock)
        return api.server.routes(api.server.gate(tokens))
    }

    private func document() async throws -> JSONObject {
        try #require(OpenAPIDocument(operations: try await routes().operations, version: "1").json.objectValue)
    }

    @Test("every route is in the document, and everything in the document is a route")
    func isComplete() async throws {
        let routes = try await routes()
        let paths = try #require(try await document()["paths"]?.objectValue)
        let written = Set(
            paths.members.flatMap { path, item in (item.objectValue?.members ?? []).map { "\($0.key) \(path)" } })
        let served = Set(
            routes.operations.flatMap { operation in
                ([operation.path] + operation.aliases).map {
                    "\(operation.method.rawValue.lowercased()) \(OpenAPIDocument.written($0))"
                }
            })
        #expect(written == served)
        #expect(routes.operations.count > 100)
    }

    @Test("the only routes beside the document are pages and their files")
    func rawRoutes() async throws {
        for path in try await routes().rawPaths {
            #expect(
                ["/", "/kiosk", "/fleet", "/favicon.ico"].contains(path) || path.hasPrefix("/assets/"),
                "\(path) is served and not documented")
        }
    }

    @Test("every operation has an id of its own")
    func uniqueIDs() async throws {
        let ids = try await routes().operations.map(\.id)
        #expect(Set(ids).count == ids.count, "\(Dictionary(grouping: ids) { $0 }.filter { $1.count > 1 }.keys)")
    }

    @Test("every schema that is named is there")
    func references() async throws {
        let document = try await document()
        let text = String(decoding: JSONValue.object(document).bytes, as: UTF8.self)
        let known = Set(Components.schemas.map(\.key))
        for match in text.matches(of: /"#\/components\/schemas\/([A-Za-z]+)"/) {
            #expect(known.contains(String(match.1)), "\(match.1) is not there")
        }
        #expect(known.count == Components.schemas.count, "a name stands twice")
    }

    @Test("whatever asks for credentials says for which scopes")
    func scopes() async throws {
        for operation in try await routes().operations where operation.access != .open {
            #expect(!operation.access.scopes.isEmpty, "\(operation.id)")
        }
    }

    @Test("the eight groups of the guide are there")
    func groups() async throws {
        let tags = Set(try await routes().operations.map(\.tag.rawValue))
        let guide: Set = [
            "Authentication", "Client Management", "Face Enrollment", "Face Authentication", "System", "Analytics",
            "Webhooks", "Legacy Recognition",
        ]
        #expect(guide.isSubset(of: tags))
    }

    @Test("YAML says the same as JSON")
    func yaml() async throws {
        let value: JSONValue = [
            "a": "yes: \"no\"\n", "list": [1, ["x": .null], [], [[true]]], "no": 1.5, "deep": ["e": ["f": "g"]],
            "empty": [:],
        ]
        #expect(
            YAMLText.write(value) == """
                a: "yes: \\"no\\"\\n"
                list:
                  - 1
                  - x: null
                  - []
                  - - - true
                "no": 1.5
                deep:
                  e:
                    f: "g"
                empty: {}

                """)
    }

    @Test("the document comes as YAML, and as JSON where that is asked for")
    func forms() async throws {
        try await TestAPI().test { caller in
            let yaml = try await caller.get("/api/schema/", as: nil)
            #expect(yaml.text.hasPrefix("openapi: \"3.1.0\"\n"))
            #expect(yaml.headers[.contentType] == "application/vnd.oai.openapi")
            let json = try await caller.get("/api/schema/?format=json", as: nil)
            #expect(try json.string("openapi") == "3.1.0")
            #expect(json.headers[.contentType] == "application/vnd.oai.openapi+json")
            #expect(try await caller.get("/api/schema/?format=xml", as: nil).status == 400)
        }
    }

    @Test("the pages load nothing from elsewhere", arguments: ["/api/schema/swagger-ui/", "/api/docs/", "/api/redoc/"])
    func pages(path: String) async throws {
        try await TestAPI().test { caller in
            let page = try await caller.get(path, as: nil)
            #expect(page.status == 200)
            #expect(!page.text.contains("//"), "an address of another host")
            #expect(page.headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
        }
    }
}
