import EdgeCore
import EdgeTesting
import HTTPTypes
import HummingbirdCore
import Testing

@testable import EdgeAPI

@Suite("Idempotency keys")
struct IdempotencyTests {
    private func enroll(
        _ caller: APICaller, key: String?, user: String = "alice", as name: String = "one"
    ) async throws -> Answer {
        var headers: HTTPFields = [
            .contentType: "application/json", .authorization: "Bearer \(try await caller.token(of: name))",
        ]
        if let key { headers[.idempotencyKey] = key }
        let body: JSONValue = ["user_id": .string(user), "session_type": "api"]
        return try await caller.send(.post, "/api/auth/enrollment/", headers: headers, body: body.bytes)
    }

    @Test("the same request with the same key happens once and is answered alike")
    func replays() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let first = try await enroll(caller, key: "k-1")
            #expect(first.status == 201 && first.headers[.idempotencyReplayed] == nil)
            let second = try await enroll(caller, key: "k-1")
            #expect(second.status == 201 && second.text == first.text)
            #expect(second.headers[.idempotencyReplayed] == "true")
            #expect(second.headers[.contentType] == first.headers[.contentType])
            #expect(second.headers[.rateLimitLimit] != nil)
            #expect(api.sessions.requests.count == 1)
            #expect(try await enroll(caller, key: "k-2").text != first.text)
            #expect(try await enroll(caller, key: nil).text != first.text)
            #expect(try await enroll(caller, key: "k-1", as: "two").text != first.text, "another client's key")
        }
        #expect(api.sessions.requests.count == 4)
        #expect(api.replays.kept.map(\.externalUserID) == ["alice", "alice", "alice"])
    }

    @Test("a repeated answer has no secrets, and none are kept")
    func secretsOnce() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.scope = .admin }
        try await api.test { caller in
            let headers: HTTPFields = [
                .contentType: "application/json", .idempotencyKey: "c-1",
                .authorization: "Bearer \(try await caller.token(of: "one"))",
            ]
            let body: JSONValue = [
                "name": "new door", "domain": "https://door.example", "contact_email": "ops@door.example",
                "contact_name": "Ops",
            ]
            let first = try await caller.send(.post, "/api/clients/clients/", headers: headers, body: body.bytes)
            #expect(first.status == 201 && first["api_secret"]?.stringValue != nil)
            let again = try await caller.send(.post, "/api/clients/clients/", headers: headers, body: body.bytes)
            #expect(again.status == 201 && again["id"] == first["id"])
            for name in ["api_key", "api_secret", "secret_key", "webhook_secret"] { #expect(again[name] == .null) }
        }
    }

    @Test("another request with the same key is 422, on another operation it is a key of its own")
    func mismatch() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await enroll(caller, key: "k-1")
            let other = try await enroll(caller, key: "k-1", user: "bob")
            #expect(other.status == 422 && other["code"] == "idempotency.mismatch")
            let authentication = try await caller.send(
                .post, "/api/auth/authentication/",
                headers: [
                    .contentType: "application/json", .idempotencyKey: "k-1",
                    .authorization: "Bearer \(try await caller.token(of: "one"))",
                ], body: Array(#"{"session_type":"api"}"#.utf8))
            #expect(authentication.status == 201)
        }
    }

    @Test(
        "a key is 1 to 200 visible ASCII characters", arguments: ["", "a b", "é", String(repeating: "k", count: 201)])
    func checksKey(key: String) async throws {
        try await TestAPI().test { caller in
            let answer = try await enroll(caller, key: key)
            #expect(answer.status == 400)
            #expect(answer["Idempotency-Key"] != nil)
        }
    }

    @Test("refusals that decide are kept; what may be otherwise the next time is not")
    func keepsDecisions() async throws {
        let codes: [(ErrorCode, Bool)] = [
            (.personUnknown, true), (.quotaReached, true), (.sessionLimit, false), (.storeFull, false),
            (.internalFault, false), (.credentialsExpired, false),
        ]
        for (code, isKept) in codes {
            let api = TestAPI()
            try await api.test { caller in
                api.sessions.failOpening(EdgeError(code))
                let first = try await enroll(caller, key: "k")
                #expect(first["code"] == .string(code.rawValue))
                let second = try await enroll(caller, key: "k")
                #expect((second.headers[.idempotencyReplayed] == "true") == isKept)
                if isKept { #expect(second.text == first.text && second.status == first.status) }
            }
            #expect(api.replays.kept.count == (isKept ? 1 : 0))
        }
    }

    @Test("a request that is wrong in itself is not kept: it may be put right with the same key")
    func forgetsFaults() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let token = "Bearer \(try await caller.token(of: "one"))"
            let wrong = try await caller.send(
                .post, "/api/auth/enrollment/",
                headers: [.contentType: "application/json", .authorization: token, .idempotencyKey: "k"],
                body: Array("{}".utf8))
            #expect(wrong.status == 400)
            #expect(try await enroll(caller, key: "k").status == 201)
        }
    }

    @Test("while the first request runs the second is told to wait")
    func busy() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let key = IdempotencyKey(client: ClientID(), operation: "o", text: "k")
        let desk = IdempotencyDesk(repository: FakeReplays(), secrets: FakeSecrets())
        let request = TestRequest.post("/x", "{}")
        async let first = desk.once(key, of: request, []) {
            arrived.yield()
            for await _ in releases { break }
            return Handled(answer: .success(.json(["a": 1])), externalUserID: nil)
        }
        var arrival = arrivals.makeAsyncIterator()
        _ = await arrival.next()
        let error = await #expect(throws: EdgeError.self) {
            try await desk.once(key, of: request, []) {
                Issue.record("it ran twice")
                return Handled(answer: .success(.json([:])), externalUserID: nil)
            }
        }
        #expect(error?.code == .idempotencyBusy && error?.retryAfter != nil)
        release.yield()
        _ = try await first
        let third = try await desk.once(key, of: request, []) {
            Issue.record("it ran twice")
            return Handled(answer: .success(.json([:])), externalUserID: nil)
        }
        #expect(third.headers[.idempotencyReplayed] == "true")
    }

    @Test("a form sent again with a new boundary is the same form")
    func comparesForms() async throws {
        let desk = IdempotencyDesk(repository: FakeReplays(), secrets: FakeSecrets())
        let key = IdempotencyKey(client: ClientID(), operation: "o", text: "k")
        var replays: [Bool] = []
        for (boundary, value) in [("aaa", "1"), ("bbb", "1"), ("ccc", "2")] {
            let body = Multipart.body([("field", nil, Array(value.utf8))], boundary: boundary)
            let request = TestRequest.post("/x", "", type: "multipart/form-data; boundary=\(boundary)")
            do {
                let answer = try await desk.once(key, of: request, body) {
                    Handled(answer: .success(.json([:])), externalUserID: nil)
                }
                replays.append(answer.headers[.idempotencyReplayed] == "true")
            } catch {
                #expect((error as? EdgeError)?.code == .idempotencyMismatch && value == "2")
            }
        }
        #expect(replays == [false, true])
    }
}
