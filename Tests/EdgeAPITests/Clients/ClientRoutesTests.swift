import EdgeCore
import EdgeTesting
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Client routes")
struct ClientRoutesTests {
    private let api = TestAPI()
    private let path = "/api/clients/clients/"

    init() {
        _ = api.clients
    }

    private func path(of name: String, _ tail: String = "") throws -> String {
        "\(path)\(try #require(api.clients.named(name)).id)/\(tail)"
    }

    private func send(
        _ method: HTTPRequest.Method, _ uri: String, _ body: JSONValue = [:], as name: String, _ caller: APICaller
    ) async throws -> Answer {
        try await caller.send(
            method, uri,
            headers: [
                .contentType: "application/json", .authorization: "Bearer \(try await caller.token(of: name))",
            ], body: body.bytes)
    }

    @Test("an administrator makes a client whose secrets are shown once, and sees all clients, newest first")
    func creates() async throws {
        api.clients.edit("one") { $0.scope = .admin }
        try await api.test { [self] caller in
            let made = try await send(
                .post, path,
                [
                    "name": "New", "domain": "https://new.example", "contact_email": "a@new.example",
                    "contact_name": "Ada", "allowed_domains": ["new.example"], "scope": "kiosk", "tier": "premium",
                    "features": ["analytics": false, "max_users_per_client": 5], "rate_limit_per_hour": 50,
                    "metadata": ["a": 1], "api_key": "chosen", "secret_key": "chosen", "id": "chosen",
                ], as: "one", caller)
            made.expect(ClientRoutes.create, status: 201)
            for secret in ["api_key", "api_secret", "secret_key", "webhook_secret"] {
                #expect(try made.string(secret) != "chosen")
            }
            #expect(made["secret_key"] == made["api_secret"])
            #expect(made["features"]?.objectValue?["analytics"] == false)
            #expect(made["features"]?.objectValue?["liveness_detection"] == true, "as the tier has it")
            #expect(made["rate_limit_per_hour"] == 50 && made["scope"] == "kiosk")
            let list = try await send(.get, path, as: "one", caller)
            list.expect(ClientRoutes.list)
            #expect(list["count"] == 3)
            guard case .array(let all) = list["results"] else { return #expect(Bool(false), "no results") }
            #expect(all.first?.objectValue?["name"] == "New")
            #expect(!list.text.contains(try made.string("api_key")))
            #expect(!list.text.contains(try made.string("api_secret")))
            let again = try await send(.post, path, ["name": "New"], as: "one", caller)
            #expect(again.status == 409 && again["code"] == "client.exists")
            let shown = try await send(.get, "\(path)\(try made.string("id"))/", as: "one", caller)
            shown.expect(ClientRoutes.retrieve)
            #expect(shown["api_key"] == .null && shown["secret_key"] == .null)
        }
    }

    @Test("a client sees itself and nobody else, and makes and removes nobody")
    func isolates() async throws {
        try await api.test { [self] caller in
            let list = try await send(.get, path, as: "one", caller)
            #expect(list["count"] == 1)
            let own = try await send(.get, try path(of: "one"), as: "one", caller)
            own.expect(ClientRoutes.retrieve)
            #expect(own["client_id"] == "FR_0123456789ABCDEF")
            for method in [HTTPRequest.Method.get, .put, .patch] {
                let foreign = try await send(method, try path(of: "two"), ["name": "x"], as: "one", caller)
                #expect(foreign.status == 404)
            }
            for tail in ["stats/", "reset_credentials/"] {
                let method: HTTPRequest.Method = tail == "stats/" ? .get : .post
                let foreign = try await send(
                    method, try path(of: "two", tail), ["reset_api_key": true], as: "one", caller)
                #expect(foreign.status == 404)
            }
            #expect(try await send(.post, path, ["name": "x"], as: "one", caller).status == 403)
            #expect(try await send(.delete, try path(of: "one"), as: "one", caller).status == 403)
            #expect(try await send(.get, path + "nobody/", as: "one", caller).status == 404)
        }
    }

    @Test(
        "a client never raises its own rights; what is sent unchanged does no harm",
        arguments: [
            ["tier": "basic"], ["scope": "admin"], ["status": "suspended"], ["rate_limit_per_hour": 1_000_000],
            ["rate_limit_per_day": 1], ["features": ["max_users_per_client": 1_000_000]],
        ] as [JSONValue])
    func keepsRights(change: JSONValue) async throws {
        try await api.test { [self] caller in
            let before = try #require(api.clients.named("one"))
            var body: JSONObject = ["name": "one", "description": "changed"]
            body.merge(try #require(change.objectValue))
            let refused = try await send(.patch, try path(of: "one"), .object(body), as: "one", caller)
            #expect(refused.status == 403 && refused["code"] == "credentials.forbidden")
            #expect(api.clients.named("one")?.profile == before.profile, "nothing of the request was taken")
            #expect(api.audit.lines.last?.action == "access.refused")
            let present = try await send(.get, try path(of: "one"), as: "one", caller)
            var whole = present.body
            whole["description"] = "Mine"
            let same = try await send(.put, try path(of: "one"), .object(whole), as: "one", caller)
            #expect(same.status == 200 && same["description"] == "Mine")
            api.clients.edit("two") { $0.scope = .admin }
            let admin = try await send(.patch, try path(of: "one"), change, as: "two", caller)
            #expect(admin.status == 200)
        }
    }

    @Test("a client changes what people know about it, and takes it away with null")
    func changes() async throws {
        try await api.test { [self] caller in
            let changed = try await send(
                .patch, try path(of: "one"),
                [
                    "domain": "https://one.example", "contact_email": "one@one.example", "contact_name": "Ona",
                    "webhook_url": "https://one.example/hook", "allowed_domains": ["one.example"],
                    "metadata": ["b": [1, 2]],
                ], as: "one", caller)
            changed.expect(ClientRoutes.partialUpdate)
            #expect(changed["metadata"] == ["b": [1, 2]] && changed["allowed_domains"] == ["one.example"])
            let taken = try await send(
                .patch, try path(of: "one"), ["domain": .null, "contact_name": .null], as: "one", caller)
            #expect(taken["domain"] == .null && taken["contact_name"] == .null)
            #expect(taken["contact_email"] == "one@one.example")
            #expect(try await send(.put, try path(of: "one"), ["domain": .null], as: "one", caller).status == 400)
            #expect(try await send(.patch, try path(of: "one"), ["name": "two"], as: "one", caller).status == 409)
        }
    }

    @Test("an administrator does not shut itself out")
    func sparesItself() async throws {
        api.clients.edit("one") { $0.scope = .admin }
        try await api.test { [self] caller in
            for change in [["status": "inactive"], ["scope": "door"]] as [JSONValue] {
                let refused = try await send(.patch, try path(of: "one"), change, as: "one", caller)
                #expect(refused.status == 409 && refused["code"] == "client.self")
            }
            let removal = try await send(.delete, try path(of: "one"), as: "one", caller)
            #expect(removal.status == 409)
            #expect(api.clients.named("one")?.isActive == true)
        }
    }

    @Test("deactivation and removal shut a client out at once")
    func shutsOut() async throws {
        api.clients.edit("one") { $0.scope = .admin }
        try await api.test { [self] caller in
            let token = try await caller.token(of: "two")
            let use: @Sendable () async throws -> Int = {
                try await caller.send(.get, "/api/core/info/", headers: [.authorization: "Bearer \(token)"]).status
            }
            #expect(try await use() == 200)
            let off = try await send(.patch, try path(of: "two"), ["status": "inactive"], as: "one", caller)
            #expect(off["status"] == "inactive")
            #expect(try await use() == 401)
            let on = try await send(.patch, try path(of: "two"), ["status": "active"], as: "one", caller)
            #expect(on["status"] == "active")
            #expect(try await use() == 401, "tokens of before stay dead")
            let uri = try path(of: "two")
            let gone = try await send(.delete, uri, as: "one", caller)
            #expect(gone.status == 204 && gone.text.isEmpty)
            #expect(try await send(.get, uri, as: "one", caller).status == 404)
        }
    }

    @Test("secrets are made anew as asked; all tokens end with a new key or secret; asking for none is 400")
    func resets() async throws {
        try await api.test { [self] caller in
            let token = try await caller.token(of: "one")
            let uri = try path(of: "one", "reset_credentials/")
            for body in [[:], ["reset_api_key": false]] as [JSONValue] {
                let none = try await send(.post, uri, body, as: "one", caller)
                #expect(none.status == 400 && none["non_field_errors"] != nil)
            }
            let webhook = try await send(.post, uri, ["reset_webhook_secret": true], as: "one", caller)
            webhook.expect(ClientRoutes.reset)
            #expect(webhook["credentials"]?.objectValue?.members.map(\.key) == ["webhook_secret"])
            let reset = try await send(
                .post, uri, ["reset_secret_key": true, "reset_api_key": true], as: "one", caller)
            let made = try #require(reset["credentials"]?.objectValue)
            #expect(Set(made.members.map(\.key)) == ["api_key", "api_secret", "secret_key"])
            let old = try await caller.send(.get, path, headers: [.authorization: "Bearer \(token)"])
            #expect(old.status == 401)
            let key = try #require(made["api_key"]?.stringValue)
            #expect(try await caller.send(.get, path, headers: [.apiKey: key]).status == 200)
            #expect(try await caller.send(.get, path, headers: [.apiKey: "frapi_one"]).status == 401)
        }
    }

    @Test("the numbers of a client are what the rooms count")
    func counts() async throws {
        api.insight.set { state in
            state.figures.successes = 7
            state.figures.failures = 2
            state.figures.enrollmentsCompleted = 4
            state.totals.openSessions = 3
        }
        try await api.test { [self] caller in
            let stats = try await send(.get, try path(of: "one", "stats/"), as: "one", caller)
            stats.expect(ClientRoutes.stats)
            #expect(stats["successful_authentications"] == 7 && stats["failed_authentications"] == 2)
            #expect(stats["total_users"] == 3 && stats["enrolled_users"] == 2 && stats["active_face_auth"] == 1)
            for uri in ["/api/core/info/", "/api/info/"] {
                let info = try await caller.get(uri)
                info.expect(ClientRoutes.info)
                let analytics = try #require(info["analytics"]?.objectValue)
                #expect(analytics["total_enrollments"] == 4 && analytics["active_sessions"] == 3)
                #expect(info["client"]?.objectValue?["client_id"] == "FR_0123456789ABCDEF")
                #expect(info["webhook"]?.objectValue?["secret_configured"] == false)
            }
        }
    }
}
