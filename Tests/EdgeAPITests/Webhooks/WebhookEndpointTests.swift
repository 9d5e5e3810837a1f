import EdgeCore
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Webhook endpoints over HTTP")
struct WebhookEndpointTests {
    private let api = TestAPI()

    @Test("the catalogue has each event once, by name, under an id that never changes")
    func catalogue() async throws {
        try await api.test { caller in
            let answer = try await caller.get("/api/webhooks/events/")
            #expect(answer.status == 200)
            let events = try answer.list("results")
            let names = events.compactMap { $0["event_name"]?.stringValue }
            #expect(names == WebhookEventKind.allCases.map(\.rawValue).sorted())
            #expect(answer["count"] == .integer(Int64(names.count)))
            let enrolled = try #require(events.first { $0["event_name"] == "enrollment.completed" })
            let id = try #require(enrolled["id"]?.stringValue)
            // Written down: clients may have stored it.
            #expect(id == "05a781fe-35a6-81c6-9a6e-f007000acd7d")
            let one = try await caller.get("/api/webhooks/events/\(id)/")
            #expect(one.status == 200 && one.body == enrolled)
            #expect(enrolled["payload_schema"]?.objectValue?["type"] == "object")
            let none = try await caller.get("/api/webhooks/events/?is_active=false")
            #expect(none["count"] == 0 && none.status == 200)
            #expect(try await caller.get("/api/webhooks/events/\(UUID())/").status == 404)
            #expect(try await caller.get("/api/webhooks/events/?is_active=maybe").status == 400)
        }
    }

    @Test("an endpoint tells its secret when it is made, and in no answer after that")
    func secretOnce() async throws {
        try await api.test { caller in
            let made = try await caller.make("hook", ["secret_token": "0123456789abcdef-mine"])
            #expect(made.status == 201)
            #expect(made["secret_token"] == "0123456789abcdef-mine")
            let path = "/api/webhooks/endpoints/\(try made.string("id"))/"
            for answer in [
                try await caller.get(path), try await caller.get("/api/webhooks/endpoints/"),
                try await caller.change(path, ["name": "other"]),
            ] {
                #expect(answer.status == 200)
                #expect(!answer.text.contains("secret"))
            }
            let fresh = try await caller.post("\(path)regenerate_secret/", [:])
            #expect(fresh.status == 200)
            #expect(try fresh.string("secret_token").hasPrefix("whsec_"))
        }
    }

    @Test("what is not said has its standard, and `client` and read-only members change nothing")
    func standards() async throws {
        try await api.test { caller in
            let stranger = UUID().uuidString
            let made = try await caller.make(
                "hook", ["client": .string(stranger), "id": .string(stranger), "total_deliveries": 7])
            let own = try #require(api.clients.named("one")).id.description
            #expect(made["client"] == .string(own))
            #expect(made["id"] != .string(stranger))
            #expect(made["total_deliveries"] == 0)
            #expect(made["status"] == "active" && made["subscribed_events"] == [])
            #expect(made["max_retries"] == 9 && made["retry_delay_seconds"] == 0)
            #expect(made["metadata"] == [:] && made["last_delivery_at"] == .null)
            let path = "/api/webhooks/endpoints/\(try made.string("id"))/"
            let moved = try await caller.change(path, ["client": .string(stranger), "max_retries": 2])
            #expect(moved["client"] == .string(own) && moved["max_retries"] == 2)
        }
    }

    @Test("a name is taken once for each client", arguments: ["one", "two"])
    func names(client: String) async throws {
        try await api.test { caller in
            #expect(try await caller.make("hook").status == 201)
            let again = try await caller.make("hook", as: client)
            #expect(again.status == (client == "one" ? 409 : 201))
            if client == "one" { #expect(again["code"] == "webhook.endpoint.exists") }
        }
    }

    @Test(
        "only http and https without credentials is taken as an address",
        arguments: [
            ("https://example.org/hook", true), ("http://hook.example:8080/h?x=1", true), ("HTTPS://example.org", true),
            ("ftp://example.org/", false), ("https://user:pass@example.org/", false),
            ("https://user@example.org/", false),
            ("javascript:alert(1)", false), ("/hook", false), ("https://", false), ("file:///etc/passwd", false),
            ("", false),
        ])
    func addresses(url: String, isTaken: Bool) async throws {
        try await api.test { caller in
            let answer = try await caller.make("hook", ["url": .string(url)])
            #expect(answer.status == (isTaken ? 201 : 400))
            if !isTaken { #expect(answer["url"] != nil) }
        }
    }

    @Test("PUT wants name and address and leaves the rest; PATCH wants nothing")
    func changes() async throws {
        try await api.test { caller in
            let made = try await caller.make("hook", ["subscribed_events": ["user.created"], "metadata": ["a": 1]])
            let path = "/api/webhooks/endpoints/\(try made.string("id"))/"
            let short = try await caller.put(path, ["name": "other"])
            #expect(short.status == 400 && short["url"] != nil)
            let whole = try await caller.put(path, ["name": "other", "url": "https://b.example/"])
            #expect(whole.status == 200 && whole["name"] == "other" && whole["url"] == "https://b.example/")
            #expect(whole["subscribed_events"] == ["user.created"] && whole["metadata"] == ["a": 1])
            let paused = try await caller.change(path, ["status": "inactive", "subscribed_events": []])
            #expect(paused["status"] == "inactive" && paused["subscribed_events"] == [])
            #expect(try await caller.change(path, ["status": "broken"]).status == 400)
            #expect(try await caller.change(path, ["max_retries": 21]).status == 400)
            #expect(try await caller.change(path, [:]).status == 200)
        }
    }

    @Test("a removed endpoint is gone")
    func removal() async throws {
        try await api.test { caller in
            let path = "/api/webhooks/endpoints/\(try await caller.make("hook").string("id"))/"
            #expect(try await caller.delete(path).status == 204)
            #expect(try await caller.delete(path).status == 404)
            #expect(try await caller.get(path).status == 404)
        }
    }

    @Test("a test event is queued for the endpoint, with the caller's data or with an example")
    func testing() async throws {
        try await api.test { caller in
            let made = try await caller.make("hook")
            let path = "/api/webhooks/endpoints/\(try made.string("id"))/"
            let answer = try await caller.post(
                "\(path)test/",
                [
                    "test_event_type": "user.authentication.success", "test_data": ["n": 1],
                ])
            #expect(answer.status == 200)
            #expect(answer["event"] == "test.user.authentication.success" && answer["delivery_status"] == "pending")
            #expect(answer["endpoint"] == made["url"])
            let id = try answer.string("delivery_id")
            #expect(try await caller.get("/api/webhooks/deliveries/\(id)/")["event_data"] == ["n": 1])
            let bare = try await caller.send(.post, "\(path)test/", headers: try await caller.credentials())
            #expect(bare.status == 200 && bare["event"] == "test.user.enrolled")
            let sample = try await caller.get("/api/webhooks/deliveries/\(try bare.string("delivery_id"))/")
            #expect(sample["event_data"]?.objectValue?["user_id"] == "example")
            #expect(try await caller.post("\(path)test/", ["test_event_type": "nothing.real"]).status == 400)
            _ = try await caller.change(path, ["status": "inactive"])
            #expect(try await caller.post("\(path)test/", [:])["delivery_status"] == "abandoned")
        }
    }

    @Test("another tenant's endpoint is not found, whatever is asked of it")
    func tenants() async throws {
        try await api.test { caller in
            let path = "/api/webhooks/endpoints/\(try await caller.make("hook").string("id"))/"
            #expect(try await caller.get(path, as: "two").status == 404)
            #expect(try await caller.get("\(path)stats/", as: "two").status == 404)
            #expect(try await caller.change(path, ["name": "mine"], as: "two").status == 404)
            #expect(try await caller.delete(path, as: "two").status == 404)
            #expect(try await caller.post("\(path)test/", [:], as: "two").status == 404)
            #expect(try await caller.post("\(path)regenerate_secret/", [:], as: "two").status == 404)
            #expect(try await caller.get("/api/webhooks/endpoints/", as: "two")["count"] == 0)
            #expect(try await caller.get(path)["name"] == "hook")
        }
    }
}

extension Answer {
    /// The objects of a list.
    func list(_ name: String) throws -> [JSONObject] {
        guard case .array(let values) = body[name] else { return try #require(nil, "no list \(name)") }
        return values.compactMap(\.objectValue)
    }

    /// The objects of an answer that is a list itself.
    func list() throws -> [JSONObject] {
        guard case .array(let values) = try JSONValue.parse(Array(text.utf8)) else {
            return try #require(nil, "not a list")
        }
        return values.compactMap(\.objectValue)
    }
}

extension APICaller {
    func credentials(as name: String = "one") async throws -> HTTPFields {
        [.authorization: "Bearer \(try await token(of: name))"]
    }

    func make(_ name: String, _ more: JSONObject = [:], as client: String = "one") async throws -> Answer {
        var body: JSONObject = ["name": .string(name), "url": .string("https://hooks.example/\(name)")]
        body.merge(more)
        return try await post("/api/webhooks/endpoints/", .object(body), as: client)
    }

    func change(_ uri: String, _ body: JSONValue, as name: String = "one") async throws -> Answer {
        try await send(.patch, uri, headers: json(as: name), body: body.bytes)
    }

    func put(_ uri: String, _ body: JSONValue, as name: String = "one") async throws -> Answer {
        try await send(.put, uri, headers: json(as: name), body: body.bytes)
    }

    func delete(_ uri: String, as name: String = "one") async throws -> Answer {
        try await send(.delete, uri, headers: credentials(as: name))
    }

    private func json(as name: String) async throws -> HTTPFields {
        var headers = try await credentials(as: name)
        headers[.contentType] = "application/json"
        return headers
    }
}
