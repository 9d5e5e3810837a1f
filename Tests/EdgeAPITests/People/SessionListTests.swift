import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Lists of sessions")
struct SessionListTests {
    @Test("hold the tenant's sessions by state and kind, and no token")
    func filters() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.enroll("jane")
            let verification = try await caller.authenticate("jane")
            _ = try await caller.authenticate(nil)
            _ = try await caller.authenticate(nil, as: "two")
            api.sessions.change(try #require(SessionID(try verification.string("session_id")))) { session in
                session.state = .failed
                session.reason = .notRecognized
            }
            let all = try await caller.call(.get, "/api/auth/sessions/")
            all.expect(SessionRoutes.list)
            #expect(all["count"] == 3)
            #expect(all.items.map { $0["session_type"] } == ["identification", "verification", "enrollment"])
            #expect(all.items.allSatisfy { $0["session_token"] == nil })
            let failed = try await caller.call(.get, "/api/auth/sessions/?status=failed")
            #expect(failed.items.map { $0["id"] } == [verification["session_id"]])
            let none = try await caller.call(.get, "/api/auth/sessions/?status=active&session_type=enrollment")
            #expect(none["count"] == 0)
            #expect(try await caller.call(.get, "/api/auth/sessions/?status=done").status == 400)
        }
    }

    @Test("say who is being enrolled and who was recognised, never whether a claimed user is known")
    func people() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let id = try await caller.user("jane")["id"]
            let enrollment = try await caller.enroll("jane")
            let claim = try await caller.authenticate("jane")
            func user(_ session: Answer) async throws -> JSONValue? {
                let path = "/api/auth/sessions/\(try session.string("session_id"))/"
                for tail in ["", "status/"] {
                    let answer = try await caller.call(.get, path + tail)
                    answer.expect(SessionRoutes.show)
                }
                return try await caller.call(.get, path)["client_user"]
            }
            #expect(try await user(enrollment) == id)
            #expect(try await user(claim) == .null)
            let found = try #require(id?.stringValue.flatMap { PersonID($0) })
            api.sessions.change(try #require(SessionID(try claim.string("session_id")))) { session in
                session.state = .completed
                session.matchedPerson = MatchedPerson(id: found, externalID: "jane")
            }
            #expect(try await user(claim) == id)
        }
    }

    @Test("are answered under their old names with a warning, and attempts say how each ended")
    func legacy() async throws {
        let api = TestAPI()
        try await api.test { caller in
            _ = try await caller.enroll("jane")
            let ends: [(SessionState, FailureCause?, String)] = [
                (.completed, nil, "success"), (.failed, .noMatch, "no_match"),
                (.failed, .spoofing, "spoofing_detected"),
                (.failed, .livenessFailed, "liveness_failed"), (.failed, .noFace, "quality_too_low"),
                (.expired, .timeout, "failed"), (.cancelled, nil, "failed"),
            ]
            for (state, cause, _) in ends {
                let session = try await caller.authenticate("jane")
                api.sessions.change(try #require(SessionID(try session.string("session_id")))) { session in
                    (session.state, session.cause, session.similarityScore) = (state, cause, 0.8)
                    session.matchedPerson = MatchedPerson(id: PersonID(), externalID: "jane")
                }
            }
            let attempts = try await caller.call(.get, "/api/recognition/attempts/")
            attempts.expect(LegacyRoutes.attempts)
            #expect(attempts.items.reversed().map { $0["result"]?.stringValue } == ends.map(\.2))
            #expect(attempts.items.filter { $0["similarity_score"] != .null }.count == 1)
            let one = try #require(attempts.items.first?["id"]?.stringValue)
            let attempt = try await caller.call(.get, "/api/recognition/attempts/\(one)/")
            attempt.expect(LegacyRoutes.attempt)
            #expect(attempt.headers[.deprecation] != nil && attempt.headers[.sunset] != nil)
            let sessions = try await caller.call(.get, "/api/recognition/sessions/")
            sessions.expect(LegacyRoutes.sessions)
            #expect(sessions["count"] == 8 && sessions.items.allSatisfy { $0["session_token"] == .null })
            let enrollment = try #require(sessions.items.last?["id"]?.stringValue)
            #expect(try await caller.call(.get, "/api/recognition/attempts/\(enrollment)/").status == 404)
            try await caller.call(.get, "/api/recognition/sessions/\(enrollment)/").expect(LegacyRoutes.session)
            let embeddings = try await caller.call(.get, "/api/recognition/embeddings/")
            embeddings.expect(LegacyRoutes.embeddings)
            let embedding = try #require(embeddings.items.first?["id"]?.stringValue)
            try await caller.call(.get, "/api/recognition/embeddings/\(embedding)/").expect(LegacyRoutes.embedding)
            for path in ["attempts/\(one)", "sessions/\(enrollment)", "embeddings/\(embedding)"] {
                #expect(try await caller.call(.get, "/api/recognition/\(path)/", as: "two").status == 404)
            }
        }
    }
}
