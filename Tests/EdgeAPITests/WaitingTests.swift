import EdgeCore
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

@testable import EdgeAPI

@Suite("Waiting for a result")
struct WaitingTests {
    /// Runs `change` as soon as somebody waits for answers.
    private func whenRead(_ sessions: FakeSessions, _ change: () -> Void) async {
        while sessions.readers == 0 { await Task.yield() }
        change()
    }

    private func succeed(_ session: inout SessionSnapshot) {
        session.framesProcessed = 3
        session.state = .completed
        session.reason = .authenticated
        session.matchedPerson = MatchedPerson(id: PersonID(), externalID: "alice")
        session.similarityScore = 0.9
    }

    @Test("without a wait the present state comes at once")
    func answersAtOnce() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.authenticate("alice")
            let path = "/api/auth/sessions/\(try session.string("session_token"))/result/"
            let answer = try await caller.get(path)
            #expect(answer.status == 200)
            #expect(answer["requires_more_frames"] == true)
            #expect(answer["success"] == false)
            #expect(answer["session_status"] == "active")
            #expect(answer["frame_accepted"] == nil)
        }
    }

    @Test("a long poll ends with the session")
    func endsWithSession() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let session = try await caller.authenticate("alice")
            let id = try #require(SessionID(try session.string("session_id")))
            async let answer = caller.get("/api/auth/sessions/\(id)/result/?wait=60")
            await whenRead(api.sessions) { api.sessions.change(id, succeed) }
            let result = try await answer
            #expect(result.status == 200)
            #expect(result["success"] == true)
            #expect(result["result"] == "success")
            #expect(result["matched_user"]?.objectValue?["user_id"] == "alice")
        }
    }

    @Test("after the wait the present state asks for more frames")
    func endsWithWait() async throws {
        try await TestAPI().test { caller in
            let session = try await caller.authenticate("alice")
            let path = "/api/auth/sessions/\(try session.string("session_id"))/result/?wait=0.05"
            let answer = try await caller.get(path)
            #expect(answer.status == 200)
            #expect(answer["requires_more_frames"] == true)
        }
    }

    @Test("an ended session is told at once, whatever the wait, and a duplicate is an answer here")
    func tellsEnd() async throws {
        try await TestAPI(script: FakeSessions.ends(.failed, .duplicatePerson)).test { caller in
            let session = try await caller.enroll()
            _ = try await caller.frame(session)
            let answer = try await caller.get("/api/auth/sessions/\(try session.string("session_id"))/result/?wait=60")
            #expect(answer.status == 200)
            #expect(answer["error_code"] == "DUPLICATE_FACE_DETECTED")
        }
    }

    @Test("a wait is a number from 0 to 60", arguments: ["-1", "61", "x", "", "nan", "inf", "1e9"])
    func checksWait(wait: String) async throws {
        try await TestAPI().test { caller in
            let session = try await caller.authenticate(nil)
            let answer = try await caller.get(
                "/api/auth/sessions/\(try session.string("session_id"))/result/?wait=\(wait)")
            #expect(answer.status == 400)
        }
    }

    @Test("an event stream tells every step and ends with the result")
    func streamsEvents() async throws {
        let api = TestAPI()
        try await api.testLive { caller, client in
            let session = try await caller.authenticate("alice")
            let id = try #require(SessionID(try session.string("session_id")))
            let token = try await caller.token(of: "one")
            async let answer = client.get(
                "/api/auth/sessions/\(id)/events/", headers: [.authorization: "Bearer \(token)"])
            await whenRead(api.sessions) {
                api.sessions.change(id, succeed)
            }
            let events = try await answer
            #expect(events.status == .ok)
            #expect(events.headers[.contentType] == "text/event-stream")
            let text = String(buffer: try #require(events.body))
            #expect(text.hasPrefix(": edged\n\n"))
            #expect(text.contains("event: result\nid: "))
            #expect(text.hasSuffix("\n\n"))
            let last = try #require(text.split(separator: "data: ").last?.split(separator: "\n").first)
            let body = try #require(try JSONValue.parse(Array(last.utf8)).objectValue)
            #expect(body["result"] == "success")
        }
    }

    @Test("a stream writes the first state, each step that its reader keeps up with, and heartbeats between")
    func feedsEvents() async throws {
        let (answers, feed) = AsyncStream.makeStream(of: FrameAnswer.self)
        let (written, write) = AsyncStream.makeStream(of: String.self)
        let request = SessionRequest(client: ClientID(), kind: .identification, externalUserID: nil)
        var session = SessionSnapshot(
            id: SessionID(), token: nil, request: request, targetFrames: 3, createdAt: .now, expiresAt: .now)
        async let running: Void = EventFeed(heartbeat: .milliseconds(20)).run(answers) { bytes in
            write.yield(String(decoding: bytes, as: UTF8.self))
        }
        var lines = written.makeAsyncIterator()
        #expect(await lines.next() == ": edged\n\n")
        session.framesProcessed = 1
        feed.yield(FrameAnswer(session: session, accepted: false, reason: .faceNone))
        var line = await lines.next()
        while line == ": still here\n\n" { line = await lines.next() }
        #expect(line?.hasPrefix("event: frame\nid: 1\ndata: {") == true)
        #expect(await lines.next() == ": still here\n\n")
        session.state = .expired
        session.reason = .expired
        feed.yield(FrameAnswer(session: session, accepted: false, reason: .expired))
        feed.finish()
        line = await lines.next()
        while line == ": still here\n\n" { line = await lines.next() }
        #expect(line?.hasPrefix("event: result\nid: 2\n") == true)
        try await running
    }
}
