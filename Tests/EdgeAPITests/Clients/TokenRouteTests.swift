import EdgeCore
import EdgeTesting
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Log-in, refresh, verify, revoke")
struct TokenRouteTests {
    private static let credentials: JSONValue = ["api_key": "frapi_one", "api_secret": "secret-of-one"]

    private func logIn(_ caller: APICaller, _ body: JSONValue = credentials) async throws -> Answer {
        try await caller.post("/api/core/auth/client/", body, as: nil)
    }

    private func use(_ caller: APICaller, _ token: String) async throws -> Answer {
        try await caller.send(.get, "/api/core/info/", headers: [.authorization: "Bearer \(token)"])
    }

    @Test("a log-in answers by both sets of names, tells rights and limits, is recorded, and shows no secret")
    func logsIn() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let answer = try await logIn(caller)
            answer.expect(AuthRoutes.logIn)
            #expect(answer["access"] == answer["access_token"] && answer["refresh"] == answer["refresh_token"])
            #expect(answer["expires_at"] == "2027-01-15T09:00:00Z")
            #expect(answer["refresh_expires_at"] == "2027-01-22T08:00:00Z")
            #expect(answer["scope"] == "integrator" && answer["tier"] == "enterprise")
            #expect(answer["rate_limits"] == ["per_hour": 360_000, "per_day": 8_640_000])
            #expect(answer["features"]?.objectValue?["max_users_per_client"] == 100_000)
            #expect(!answer.text.contains("frapi_") && !answer.text.contains("secret-of"))
            #expect(answer.headers[.rateLimitLimit] == "360000")
        }
        #expect(api.tokens.logIns == [api.clients.named("one")?.id])
    }

    @Test("without a key the client is told by its id, and where that is not clear the reference's words are said")
    func namesClient() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let secret: JSONObject = ["api_secret": "secret-of-one"]
            let unclear = try await logIn(caller, .object(secret))
            #expect(unclear.status == 401)
            #expect(
                unclear["non_field_errors"] == ["API key is required when multiple clients match the query."])
            var named = secret
            named["client_id"] = "FR_0123456789ABCDEF"
            #expect(try await logIn(caller, .object(named)).status == 200)
            named["client_id"] = "FR_0000000000000001"
            #expect(try await logIn(caller, .object(named)).status == 401)
            named["api_key"] = "frapi_one"
            #expect(try await logIn(caller, .object(named)).status == 401, "the key is not that client's")
            named["client_id"] = "FR_0123456789ABCDEF"
            #expect(try await logIn(caller, .object(named)).status == 200)
            api.clients.deactivate("two")
            #expect(try await logIn(caller, .object(secret)).status == 200, "there is only one active client")
            api.clients.deactivate("one")
            #expect(try await logIn(caller, .object(secret)).status == 401)
        }
    }

    @Test("a refresh token is good once; when it comes again all tokens of the log-in end at once")
    func detectsReuse() async throws {
        try await TestAPI().test { caller in
            let first = try await logIn(caller)
            let other = try await logIn(caller)
            let second = try await caller.post(
                "/api/auth/refresh/", ["refresh": try #require(first["refresh"])], as: nil)
            second.expect(AuthRoutes.refreshing)
            #expect(try await use(caller, try first.string("access")).status == 200)
            let again = try await caller.post(
                "/api/core/auth/refresh/", ["refresh": try #require(first["refresh"])], as: nil)
            #expect(again.status == 401)
            #expect(again["code"] == "credentials.revoked")
            for token in [try first.string("access"), try second.string("access")] {
                #expect(try await use(caller, token)["code"] == "credentials.revoked")
            }
            let stolen = try await caller.post(
                "/api/auth/refresh/", ["refresh": try #require(second["refresh"])], as: nil)
            #expect(stolen.status == 401)
            #expect(try await use(caller, try other.string("access")).status == 200)
        }
    }

    @Test("verify tells what a token is while it holds, and 401 afterwards")
    func verifies() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let pair = try await logIn(caller)
            for (name, use) in [("access", "access"), ("refresh", "refresh")] {
                let answer = try await caller.post("/api/auth/verify/", ["token": try #require(pair[name])], as: nil)
                answer.expect(AuthRoutes.verifying)
                #expect(answer["client_id"] == "FR_0123456789ABCDEF" && answer["scope"] == "integrator")
                #expect(answer["token_type"] == .string(use) && answer["active"] == true)
            }
            let next = try await caller.post(
                "/api/auth/refresh/", ["refresh": try #require(pair["refresh"])], as: nil)
            let used = try await caller.post("/api/auth/verify/", ["token": try #require(pair["refresh"])], as: nil)
            #expect(used.status == 401, "it was used; but looking at it ends nothing")
            #expect(try await use(caller, try next.string("access")).status == 200)
            for text in ["x", "a.b.c", try next.string("access") + "A"] {
                let bad = try await caller.post("/api/core/auth/verify/", ["token": .string(text)], as: nil)
                #expect(bad.status == 401)
            }
            api.clock.advance(by: .seconds(3601))
            let old = try await caller.post("/api/auth/verify/", ["token": try #require(next["access"])], as: nil)
            #expect(old["code"] == "credentials.expired")
        }
    }

    @Test(
        "revoking ends all tokens of the log-in, again and of a dead token it is no error, and a stranger's is 401",
        arguments: ["/api/core/auth/revoke/", "/api/auth/revoke/", "/api/core/auth/logout/", "/api/auth/logout/"])
    func revokes(path: String) async throws {
        let api = TestAPI()
        try await api.test { caller in
            for name in ["access", "refresh"] {
                let pair = try await logIn(caller)
                let token = try #require(pair[name])
                for _ in 0..<2 {
                    let answer = try await caller.post(path, ["token": token], as: nil)
                    answer.expect(AuthRoutes.revoking)
                }
                #expect(try await use(caller, try pair.string("access"))["code"] == "credentials.revoked")
                let renewal = try await caller.post(
                    "/api/auth/refresh/", ["refresh": try #require(pair["refresh"])], as: nil)
                #expect(renewal.status == 401)
                api.clock.advance(by: .seconds(8 * 86_400))
                #expect(try await caller.post(path, ["token": token], as: nil).status == 200)
            }
            let other = try await TokenIssuer(issuer: "other-device", secrets: api.secrets, clock: api.clock)
            let foreign = try await other.issue(
                .access, for: try #require(api.clients.named("one")), lifetime: .seconds(60)
            ).text
            #expect(try await caller.post(path, ["token": .string(foreign)], as: nil).status == 401)
        }
    }

    @Test("a new epoch, another scope and a lost right end tokens at the very next request")
    func endsTokens() async throws {
        let changes: [@Sendable (inout ClientRecord) -> Void] = [
            { $0.tokenEpoch += 1 }, { $0.scope = .admin }, { $0.status = .suspended },
        ]
        for change in changes {
            let api = TestAPI()
            try await api.test { caller in
                let pair = try await logIn(caller)
                #expect(try await use(caller, try pair.string("access")).status == 200)
                api.clients.edit("one", change)
                #expect(try await use(caller, try pair.string("access")).status == 401)
                let renewal = try await caller.post(
                    "/api/auth/refresh/", ["refresh": try #require(pair["refresh"])], as: nil)
                #expect(renewal.status == 401)
            }
        }
    }

    @Test("a log-in counts for the client's limit, and one too many leaves the refresh token good")
    func limitsLogIns() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.rateLimit.perHour = 2 }
        try await api.test { caller in
            let pair = try await logIn(caller)
            _ = try await logIn(caller)
            let refused = try await logIn(caller)
            #expect(refused.status == 429)
            let renewal: JSONValue = ["refresh": try #require(pair["refresh"])]
            #expect(try await caller.post("/api/auth/refresh/", renewal, as: nil).status == 429)
            api.clock.advance(by: .seconds(3600))
            #expect(try await caller.post("/api/auth/refresh/", renewal, as: nil).status == 200)
        }
    }

    @Test("a user is looked up within the caller's own tenant only")
    func looksUpUser() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let foreign = try await caller.post(
                "/api/core/auth/user/", ["client_id": "FR_0000000000000001", "external_user_id": "alice"])
            #expect(foreign.status == 401)
            #expect(foreign["non_field_errors"] == ["Invalid client credentials"])
            let own = try await caller.post(
                "/api/auth/user/", ["client_id": "FR_0123456789ABCDEF", "external_user_id": "nobody-like-this"])
            #expect(own.status == 401)
            #expect(own["non_field_errors"] == ["Client user not found"])
            #expect(api.audit.lines.map(\.client) == [api.clients.named("one")?.id])
        }
    }
}
