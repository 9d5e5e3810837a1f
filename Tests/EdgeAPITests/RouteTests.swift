import EdgeCore
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import EdgeAPI

@Suite("Routes and errors")
struct RouteTests {
    @Test(
        "wrong credentials are 401 with the same words for key and secret",
        arguments: [("frapi_one", "x"), ("x", "secret-of-one")])
    func refusesCredentials(key: String, secret: String) async throws {
        try await TestAPI().test { caller in
            let answer = try await caller.post(
                "/api/core/auth/client/", ["api_key": .string(key), "api_secret": .string(secret)], as: nil)
            #expect(answer.status == 401)
            #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="edged", error="invalid_token""#)
            #expect(
                answer.body == [
                    "detail": "Invalid credentials", "code": "credentials.invalid",
                    "non_field_errors": ["Invalid credentials"],
                ])
        }
    }

    @Test("a missing field is named")
    func namesMissingField() async throws {
        try await TestAPI().test { caller in
            let answer = try await caller.post("/api/core/auth/client/", ["api_key": "frapi_one"], as: nil)
            #expect(answer.status == 400)
            #expect(answer["api_secret"] == ["This field is required."])
            #expect(answer["code"] == "request.invalid")
        }
    }

    @Test("a refresh token gives an access token that works; an access token gives none")
    func refreshes() async throws {
        try await TestAPI().test { caller in
            let pair = try await caller.post(
                "/api/core/auth/client/", ["api_key": "frapi_one", "api_secret": "secret-of-one"], as: nil)
            let refresh = try #require(pair["refresh"])
            let fresh = try await caller.post("/api/core/auth/refresh/", ["refresh": refresh], as: nil)
            #expect(fresh.status == 200)
            #expect(fresh["refresh"] != refresh)
            let session = try await caller.send(
                .post, "/api/auth/authentication/",
                headers: [
                    .authorization: "Bearer \(try fresh.string("access"))", .contentType: "application/json",
                ], body: Array(#"{"session_type":"api"}"#.utf8))
            #expect(session.status == 201)
            let wrong = try await caller.post(
                "/api/core/auth/refresh/", ["refresh": try #require(pair["access"])], as: nil)
            #expect(wrong.status == 401)
        }
    }

    @Test("all forms of authorization open the API")
    func takesAllForms() async throws {
        try await TestAPI().test { caller in
            let token = try await caller.token(of: "one")
            let name = try #require(HTTPField.Name("X-API-Key"))
            let forms: [HTTPFields] = [
                [.authorization: "Bearer \(token)"], [.authorization: "bearer  \(token)"],
                [.authorization: "JWT \(token)"], [name: "frapi_one"], [.authorization: "Bearer frapi_one"],
            ]
            for form in forms {
                var headers = form
                headers[.contentType] = "application/json"
                let answer = try await caller.send(
                    .post, "/api/auth/authentication/", headers: headers,
                    body: Array(#"{"session_type":"api"}"#.utf8))
                #expect(answer.status == 201)
            }
        }
    }

    @Test(
        "without a good credential every protected route is 401 and says how",
        arguments: [nil, "Bearer", "Bearer x.y.z", "Basic YTpi", "Bearer frapi_none", "JWT "] as [String?])
    func refusesOthers(authorization: String?) async throws {
        try await TestAPI().test { caller in
            var headers: HTTPFields = [:]
            if let authorization { headers[.authorization] = authorization }
            for (method, path) in protectedRoutes {
                let answer = try await caller.send(method, path, headers: headers)
                #expect(answer.status == 401)
                let challenge = authorization == nil ? "" : #", error="invalid_token""#
                #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="edged""# + challenge)
                #expect(try answer.string("code").hasPrefix("credentials."))
            }
        }
    }

    @Test("the token of a deactivated client is refused at once")
    func refusesDeactivated() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let session = try await caller.enroll()
            let token = try await caller.token(of: "one")
            api.clients.deactivate("one")
            let path = "/api/auth/sessions/\(try session.string("session_id"))/"
            let answer = try await caller.send(.get, path, headers: [.authorization: "Bearer \(token)"])
            #expect(answer.status == 401)
        }
    }

    @Test("another tenant's session does not exist, by token or by id, for any route")
    func isolatesTenants() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.enroll(as: "one")
            let foreign = try await caller.frame(session, as: "two")
            #expect(foreign.status == 404)
            let names = [try session.string("session_id"), try session.string("session_token")]
            for name in names {
                for tail in ["", "status/", "result/", "result/?wait=1", "events/"] {
                    let answer = try await caller.get("/api/auth/sessions/\(name)/\(tail)", as: "two")
                    #expect(answer.status == 404)
                    #expect(answer["code"] == "session.unknown")
                }
                let path = "/api/auth/sessions/\(name)/cancel/"
                let foreign = try await caller.post(path, [:], as: "two")
                #expect(foreign.status == 404)
                let own = try await caller.get("/api/auth/sessions/\(name)/status/", as: "one")
                #expect(own.status == 200)
            }
        }
    }

    @Test("a session shows itself by token and by id, and can be cancelled once")
    func showsSession() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.enroll()
            let token = try session.string("session_token")
            let byToken = try await caller.get("/api/auth/sessions/\(token)/status/")
            #expect(byToken["session_token"] == .string(token))
            #expect(byToken["id"] == session["session_id"])
            #expect(byToken["client_id"] == "FR_0123456789ABCDEF")
            #expect(byToken["status"] == "pending")
            #expect(byToken["session_type"] == "enrollment")
            #expect(byToken["enrollment_status"] == "pending")
            #expect(byToken["created_at"] == "2027-01-15T08:00:00Z")
            #expect(byToken["completed_at"] == .null)
            #expect(byToken["metadata"] == [:])
            let id = try session.string("session_id")
            let byID = try await caller.get("/api/auth/sessions/\(id)")
            #expect(byID["session_token"] == nil)
            #expect(byID["status"] == "pending")
            let cancelled = try await caller.post("/api/auth/sessions/\(token)/cancel/", [:])
            #expect(cancelled["status"] == "cancelled")
            #expect(cancelled["requires_more_frames"] == false)
            let again = try await caller.post("/api/auth/sessions/\(token)/cancel/", [:])
            #expect(again.status == 409)
            #expect(again["code"] == "session.closed")
        }
    }

    @Test("a camera session names its camera")
    func opensCameraSession() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let answer = try await caller.post(
                "/api/auth/authentication/", ["session_type": "api", "frame_source": "camera", "camera": "door"])
            #expect(answer.status == 201)
            #expect(answer["frame_source"] == "camera")
            #expect(answer["camera"] == "door")
        }
        #expect(api.sessions.requests.first?.camera == "door")
        #expect(api.sessions.requests.first?.frameSource == .camera)
    }

    @Test("every failure of a room has its status and its code", arguments: failures)
    func mapsFailures(code: ErrorCode, status: Int) async throws {
        let api = TestAPI()
        api.sessions.failOpening(EdgeError(code))
        try await api.test { caller in
            let answer = try await caller.enroll()
            #expect(answer.status == status)
            #expect(answer["code"] == .string(code.rawValue))
            #expect(answer["detail"] == .string(code.title))
            #expect((answer.headers[.retryAfter] != nil) == (status == 429))
        }
    }

    @Test("no error code becomes a status that blames the wrong side", arguments: ErrorCode.allCases)
    func statusFitsKind(code: ErrorCode) {
        let status = ErrorBody.status(of: code).code
        #expect((status >= 500) == (code.kind == .unavailable || code.kind == .failed))
    }

    @Test("a wait is told in whole seconds, rounded up")
    func tellsWait() async throws {
        let api = TestAPI()
        api.sessions.failOpening(EdgeError(.sessionLockedOut, retryAfter: .milliseconds(1500)))
        try await api.test { caller in
            let answer = try await caller.enroll()
            #expect(answer.headers[.retryAfter] == "2")
        }
    }

    @Test("an expired session is answered as the reference does")
    func tellsExpiry() async throws {
        try await TestAPI(script: FakeSessions.fails(EdgeError(.sessionExpired))).test { caller in
            let session = try await caller.enroll()
            let answer = try await caller.frame(session)
            #expect(answer.status == 400)
            #expect(answer["error"] == "Session expired")
            #expect(answer["status"] == "expired")
            #expect(answer["session_token"] == session["session_token"])
            #expect(answer["code"] == "session.expired")
        }
    }

    @Test("a picture that cannot be read is a bad request with the field named")
    func tellsBadPicture() async throws {
        try await TestAPI(script: FakeSessions.fails(EdgeError(.imageCorrupt))).test { caller in
            let answer = try await caller.frame(try await caller.enroll())
            #expect(answer.status == 400)
            #expect(answer["code"] == "image.corrupt")
            #expect(answer["error"] == "Unable to decode image payload")
            #expect(answer["image"] == [.string(ErrorCode.imageCorrupt.title)])
        }
    }

    @Test("pictures arrive whole, whichever content type carries them")
    func carriesPictures() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let session = try await caller.post(
                "/api/auth/enrollment/",
                ["user_id": "a", "session_type": "api", "metadata": ["target_samples": 9]])
            let token = try session.string("session_token")
            let path = "/api/auth/process-image/"
            let url = "data:image/jpeg;base64,\(Picture.base64)"
            let file = try await caller.post(
                path,
                parts: [
                    ("session_token", nil, Array(token.utf8)), ("frame_number", nil, Array("1".utf8)),
                    ("timestamp", nil, Array("2026-01-02T03:04:05Z".utf8)), ("image", "a.jpg", Picture.bytes),
                ]
            )
            #expect(file.status == 200)
            let text = try await caller.post(
                path, parts: [("image", nil, Array(url.utf8)), ("session_token", nil, Array(token.utf8))]
            )
            #expect(text.status == 200)
            let json = try await caller.post(path, ["session_token": .string(token), "image": ["data": .string(url)]])
            #expect(json.status == 200)
            let form = "session_token=\(token)&image=\(url.replacing("+", with: "%2B"))"
            let answer = try await caller.send(
                .post, path,
                headers: [
                    .contentType: "application/x-www-form-urlencoded",
                    .authorization: "Bearer \(try await caller.token(of: "one"))",
                ], body: Array(form.utf8))
            #expect(answer.status == 200)
        }
        #expect(api.sessions.pictures == Array(repeating: Picture.bytes, count: 4))
    }

    @Test("bodies that are too large, of another type or broken are refused by name")
    func refusesBodies() async throws {
        var api = TestAPI()
        api.configuration.maximumBodyBytes = 1000
        try await api.test { caller in
            let token = "Bearer \(try await caller.token(of: "one"))"
            let cases: [(String, [UInt8], Int, String)] = [
                ("application/json", Array(repeating: 0x20, count: 1001), 413, "request.too_large"),
                ("image/jpeg", [1], 415, "request.media_type"),
                ("", [1], 415, "request.media_type"),
                ("application/json", Array("{".utf8), 400, "request.malformed"),
                ("application/json", Array("[]".utf8), 400, "request.malformed"),
                ("application/json", [], 400, "request.malformed"),
                ("multipart/form-data", [1], 400, "request.malformed"),
                ("multipart/form-data; boundary=x", Array("--x\r\n".utf8), 400, "request.malformed"),
            ]
            for (type, body, status, code) in cases {
                let answer = try await caller.send(
                    .post, "/api/auth/process-image/", headers: [.contentType: type, .authorization: token], body: body)
                #expect(answer.status == status)
                #expect(answer["code"] == .string(code))
            }
        }
    }

    @Test("paths answer with and without the slash, unknown ones with 404, wrong methods with 405")
    func routes() async throws {
        try await TestAPI().test { caller in
            for path in ["/healthz", "/healthz/", "/readyz", "/status/", "/api/health", "/api/core/status/"] {
                let answer = try await caller.get(path, as: nil)
                #expect(answer.status == 200)
            }
            let unknown = try await caller.get("/api/nothing/", as: nil)
            #expect(unknown.status == 404)
            #expect(unknown["code"] == "request.not_found")
            let wrong = try await caller.send(.put, "/api/auth/enrollment")
            #expect(wrong.status == 405)
            #expect(wrong.headers[.allow] == "OPTIONS, POST")
            #expect(wrong["code"] == "request.method")
            let options = try await caller.send(.options, "/api/auth/sessions/x/")
            #expect(options.status == 204)
            #expect(options.headers[.allow] == "DELETE, GET, HEAD, OPTIONS")
        }
    }

    @Test("HEAD has the headers of GET and no body", arguments: ["/healthz", "/nothing", "/"])
    func answersHead(path: String) async throws {
        try await TestAPI().testLive { _, client in
            let get = try await client.get(path)
            let head = try await client.execute(.init(path, method: .head))
            #expect(head.status == get.status)
            #expect(head.body?.readableBytes ?? 0 == 0)
            #expect(head.headers[.contentType] == get.headers[.contentType])
            #expect(head.headers[.contentLength] == get.headers[.contentLength])
        }
    }

    @Test("every answer carries the safety headers and a request id")
    func carriesHeaders() async throws {
        try await TestAPI().test { caller in
            let name = try #require(HTTPField.Name("X-Request-ID"))
            for path in ["/healthz", "/nothing", "/api/auth/sessions/x/"] {
                let answer = try await caller.get(path, as: nil)
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                #expect(answer.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
                #expect(answer.headers[name]?.isEmpty == false)
            }
            let own = try await caller.send(.get, "/healthz", headers: [name: "abc-1"])
            #expect(own.headers[name] == "abc-1")
            let bad = try await caller.send(.get, "/healthz", headers: [name: "a b;c"])
            #expect(bad.headers[name] != "a b;c")
        }
    }

    @Test("a device that is not ready says why")
    func tellsReadiness() async throws {
        let api = TestAPI()
        api.status.setReady(false)
        api.health.raise(EdgeError(.cameraMissing), subject: "door")
        try await api.test { caller in
            let ready = try await caller.get("/readyz", as: nil)
            #expect(ready.status == 503)
            guard case .array(let reasons) = ready["reasons"] else {
                Issue.record("no reasons")
                return
            }
            #expect(reasons.first?.objectValue?["code"] == "capture.device.missing")
            let health = try await caller.get("/api/core/health/", as: nil)
            #expect(health.status == 503)
            let alive = try await caller.get("/healthz", as: nil)
            #expect(alive.status == 200)
            let status = try await caller.get("/status", as: nil)
            #expect(status["status"] == "error")
            #expect(status["open_sessions"] == 1)
            #expect(status["uptime_seconds"] == 90)
            #expect(status["liveness_policy"] == "passive")
        }
    }
}

private let protectedRoutes: [(HTTPRequest.Method, String)] = [
    (.post, "/api/auth/enrollment/"), (.post, "/api/auth/authentication/"), (.post, "/api/auth/process-image/"),
    (.get, "/api/auth/sessions/x/"), (.get, "/api/auth/sessions/x/status/"), (.get, "/api/auth/sessions/x/result/"),
    (.get, "/api/auth/sessions/x/events/"), (.post, "/api/auth/sessions/x/cancel/"), (.delete, "/api/auth/sessions/x/"),
]

private let failures: [(ErrorCode, Int)] = [
    (.requestInvalid, 400), (.cameraUnknown, 404), (.credentialsForbidden, 403), (.clientExists, 409),
    (.sessionLimit, 429), (.sessionLockedOut, 429), (.livenessUnavailable, 503), (.storeFull, 503),
    (.shuttingDown, 503), (.sealBroken, 500),
]
