import EdgeCore
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

@testable import EdgeAPI

/// Requests without a server.
enum TestRequest {
    static func post(_ path: String, _ body: String, type: String = "application/json") -> Request {
        Request(
            head: HTTPRequest(
                method: .post, scheme: "http", authority: "device.example", path: path,
                headerFields: [.contentType: type]),
            body: RequestBody(buffer: ByteBuffer(string: body)))
    }
}

@Suite("Origins")
struct OriginTests {
    private func api(_ domains: [String] = ["kiosk.example", "*.stores.example"]) -> TestAPI {
        var api = TestAPI()
        api.configuration.allowedOrigins = ["https://portal.example"]
        api.clients.edit("one") { $0.profile.allowedDomains = domains }
        return api
    }

    private func get(
        _ caller: APICaller, _ uri: String = "/api/core/info/", origin: String, as name: String? = "one"
    ) async throws -> Answer {
        var headers: HTTPFields = [.origin: origin]
        if let name { headers[.authorization] = "Bearer \(try await caller.token(of: name))" }
        return try await caller.send(.get, uri, headers: headers)
    }

    @Test(
        "a page of an allowed host may call and may read the answer",
        arguments: [
            "https://kiosk.example", "http://kiosk.example:8080", "https://a.stores.example",
            "https://portal.example",
        ])
    func allows(origin: String) async throws {
        try await api().test { caller in
            let answer = try await get(caller, origin: origin)
            #expect(answer.status == 200)
            #expect(answer.headers[.accessControlAllowOrigin] == origin)
            #expect(answer.headers[.vary] == "Origin")
            #expect(answer.headers[.accessControlExposeHeaders]?.contains("RateLimit-Remaining") == true)
            #expect(answer.headers[.accessControlAllowCredentials] == nil, "no cookies, so none are let in")
            let missing = try await get(caller, "/api/auth/sessions/x/", origin: origin)
            #expect(missing.status == 404)
            #expect(missing.headers[.accessControlAllowOrigin] == origin, "errors can be read too")
        }
    }

    @Test(
        "a page of any other origin is refused before anything happens, and that is recorded",
        arguments: [
            "https://evil.example", "https://kiosk.example.evil.example", "https://evilstores.example", "null",
            "https://stores.example", "http://portal.example", "https://portal.example:444", "",
            "https://portal.example/", "file://kiosk.example",
        ])
    func refuses(origin: String) async throws {
        let api = api()
        try await api.test { caller in
            let answer = try await get(caller, origin: origin)
            #expect(answer.status == 403 && answer["code"] == "request.origin")
            #expect(answer.headers[.accessControlAllowOrigin] == nil)
            let body: JSONValue = ["user_id": "alice", "session_type": "api"]
            let post = try await caller.send(
                .post, "/api/auth/enrollment/",
                headers: [
                    .origin: origin, .contentType: "application/json",
                    .authorization: "Bearer \(try await caller.token(of: "one"))",
                ], body: body.bytes)
            #expect(post.status == 403)
        }
        #expect(api.sessions.requests.isEmpty)
        #expect(api.audit.lines.map(\.reason) == ["request.origin", "request.origin"])
    }

    @Test("another client's domains allow nothing with one's own credentials")
    func isolates() async throws {
        try await api().test { caller in
            let foreign = try await get(caller, origin: "https://kiosk.example", as: "two")
            #expect(foreign.status == 403)
            let everybodys = try await get(caller, origin: "https://portal.example", as: "two")
            #expect(everybodys.status == 200)
        }
    }

    @Test("without an origin, and from the device's own pages, there is nothing to check")
    func allowsOwn() async throws {
        let api = api([])
        try await api.test { caller in
            let answer = try await caller.get("/api/core/info/")
            #expect(answer.status == 200)
        }
        let rule = OriginRule(clients: api.clients, allowed: [])
        let request = TestRequest.post("/x", "{}")
        for (origin, isOwn) in [
            ("http://device.example", true), ("https://device.example", true), ("http://device.example:8080", false),
            ("http://other.example", false), ("ftp://device.example", false),
        ] {
            for caller in [Caller.nobody, .technician, .client(try #require(api.clients.named("one")))] {
                #expect(await rule.allows(origin, request, caller: caller) == isOwn)
            }
        }
    }

    @Test("a page that a client allows may log in there and renew its tokens; a refusal can be read")
    func logsIn() async throws {
        try await api().test { caller in
            for (origin, status) in [("https://kiosk.example", 200), ("https://evil.example", 403)] {
                let answer = try await caller.send(
                    .post, "/api/auth/client/", headers: [.origin: origin, .contentType: "application/json"],
                    body: Array(#"{"api_key":"frapi_one","api_secret":"secret-of-one"}"#.utf8))
                #expect(answer.status == status)
                #expect(answer.headers[.accessControlAllowOrigin] == (status == 200 ? origin : nil))
            }
            let stale = try await caller.send(
                .get, "/api/core/info/",
                headers: [.origin: "https://kiosk.example", .authorization: "Bearer a.b.c"])
            #expect(stale.status == 401)
            #expect(stale.headers[.accessControlAllowOrigin] == "https://kiosk.example")
        }
    }

    @Test("a browser that asks beforehand is told the methods and headers, for known origins only")
    func preflight() async throws {
        let api = api()
        try await api.test { caller in
            let ask: @Sendable (String, String) async throws -> Answer = { path, origin in
                try await caller.send(
                    .options, path, headers: [.origin: origin, .accessControlRequestMethod: "POST"])
            }
            let yes = try await ask("/api/auth/enrollment/", "https://kiosk.example")
            #expect(yes.status == 204)
            #expect(yes.headers[.accessControlAllowOrigin] == "https://kiosk.example")
            #expect(yes.headers[.accessControlAllowMethods]?.contains("POST") == true)
            #expect(yes.headers[.accessControlAllowHeaders]?.contains("Idempotency-Key") == true)
            let no = try await ask("/api/auth/enrollment/", "https://evil.example")
            #expect(no.headers[.accessControlAllowOrigin] == nil)
            #expect(try await ask("/api/nothing/", "https://kiosk.example").status == 404)
            api.clients.deactivate("one")
            let late = try await ask("/api/auth/enrollment/", "https://kiosk.example")
            #expect(late.headers[.accessControlAllowOrigin] == nil)
        }
    }
}
