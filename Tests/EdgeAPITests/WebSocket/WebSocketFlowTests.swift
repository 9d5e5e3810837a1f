import EdgeCore
import FoundationEssentials
import Synchronization
import ServiceLifecycle
import Testing

@testable import EdgeAPI

@Suite("WebSocket sessions", .timeLimit(.minutes(10)))
struct WebSocketFlowTests {
    @Test("an enrollment is greeted, answered frame by frame, completed and closed with 1000")
    func enrolls() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                let greeting = try await client.message("connection_established")
                #expect(greeting["session_token"] == .string(session.token))
                #expect(greeting["session_type"] == "enrollment")
                #expect(greeting["status"] == "pending")
                #expect(greeting["timeout"] == .null)
                for number in 1...2 {
                    house.wait()
                    try await client.show()
                    let answer = try await client.message("frame_processed")
                    #expect(answer["success"] == true)
                    #expect(answer["frames_processed"] == .integer(Int64(number)))
                    #expect(answer["target_samples"] == 3)
                }
                house.wait()
                try await client.show()
                let last = try await client.message("enrollment_complete")
                #expect(last["success"] == true)
                #expect(last["enrollment_id"]?.stringValue?.isEmpty == false)
                #expect(last["encrypted_data"] == .null)
                #expect(try await client.next() == .close(1000))
            }
        }
        #expect(house.api.sessions.pictures == Array(repeating: Picture.bytes, count: 3))
    }

    @Test("an authentication that succeeds names the person")
    func authenticates() async throws {
        let house = WebSocketHouse()
        let session = try await house.session(.identification)
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                let greeting = try await client.message("connection_established")
                #expect(greeting["timeout"] == 600)
                for _ in 1...2 {
                    house.wait()
                    try await client.show()
                    let answer = try await client.message("frame_processed")
                    #expect(answer["is_live"] == false)
                    #expect(answer["timeout"] == 600)
                }
                house.wait()
                try await client.show()
                let last = try await client.message("authentication_complete")
                #expect(last["authenticated"] == true)
                #expect(last["user_id"] == "someone")
                #expect(last["confidence"] == 0.95)
                #expect(try await client.next() == .close(1000))
            }
        }
    }

    @Test(
        "every end has its message and its close code",
        arguments: [
            (SessionKind.verification, SessionState.failed, Reason.notRecognized, "authentication_complete", 1000),
            (.verification, .expired, .expired, "authentication_timeout", 1000),
            (.enrollment, .failed, .duplicatePerson, "enrollment_failed", 4001),
            (.enrollment, .failed, .livenessFailed, "enrollment_failed", 1000),
        ] as [(SessionKind, SessionState, Reason, String, UInt16)])
    func ends(kind: SessionKind, state: SessionState, reason: Reason, type: String, code: UInt16) async throws {
        let house = WebSocketHouse(script: FakeSessions.ends(state, reason))
        let session = try await house.session(kind)
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                let last = try await client.message(type)
                #expect(last["success"] == false)
                #expect(last["user_id"] == nil)
                #expect(try await client.next() == .close(code))
            }
        }
    }

    @Test("too many frames are told as an error before the end")
    func exceedsBudget() async throws {
        let house = WebSocketHouse(script: FakeSessions.ends(.failed, .frameLimit))
        let session = try await house.session(.verification)
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                #expect(try await client.message("error")["code"] == 429)
                #expect(try await client.message("authentication_complete")["authenticated"] == false)
                #expect(try await client.next() == .close(4429))
            }
        }
    }

    @Test("after a disconnect a new connection goes on where the session stands")
    func resumes() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                #expect(try await client.message("frame_processed")["frames_processed"] == 1)
            }
            house.wait()
            try await WireClient.open(server.port, session.token) { client in
                let greeting = try await client.message("connection_established")
                #expect(greeting["frames_processed"] == 1)
                #expect(greeting["completed_samples"] == 1)
                #expect(greeting["status"] == "processing")
                try await client.show()
                #expect(try await client.message("frame_processed")["frames_processed"] == 2)
            }
        }
    }

    @Test("a frame counts although its connection ends while it is analysed")
    func countsOrphans() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let house = WebSocketHouse(gate: {
            arrived.yield()
            for await _ in releases { break }
        })
        let session = try await house.session()
        try await house.serve { server in
            var arrival = arrivals.makeAsyncIterator()
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                _ = await arrival.next()
            }
            release.yield()
            while house.api.sessions.pictures.isEmpty { await Task.yield() }
            try await WireClient.open(server.port, session.token) { client in
                let greeting = try await client.message("connection_established")
                #expect(greeting["frames_processed"] == 1)
            }
        }
    }

    @Test("the newer of two connections has the session, the older one is closed with 4409")
    func replaces() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { older in
                _ = try await older.message("connection_established")
                try await WireClient.open(server.port, session.token) { newer in
                    _ = try await newer.message("connection_established")
                    #expect(try await older.message("error")["code"] == 4409)
                    #expect(try await older.next() == .close(4409))
                    try await newer.show()
                    _ = try await newer.message("frame_processed")
                    #expect(server.presence.count == 1)
                }
            }
            while server.presence.count > 0 { await Task.yield() }
        }
    }

    @Test("a session that ends elsewhere is told and closed")
    func hearsOfTheEnd() async throws {
        let house = WebSocketHouse()
        let session = try await house.session(.identification)
        let client = try #require(house.api.clients.named("one")).id
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { connection in
                _ = try await connection.message("connection_established")
                _ = try await house.api.sessions.cancel(.id(session.id), of: client)
                let last = try await connection.message("authentication_complete")
                #expect(last["authenticated"] == false)
                #expect(last["session_status"] == "cancelled")
                #expect(try await connection.next() == .close(1000))
            }
        }
    }

    @Test("a camera's session is watched: its answers come by themselves, frames are refused")
    func watchesCamera() async throws {
        let house = WebSocketHouse()
        let session = try await house.session(.identification, source: .camera)
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                #expect(try await client.message("error")["error_code"] == "session.source_mismatch")
                house.api.sessions.change(session.id) { session in
                    session.framesProcessed = 1
                    session.state = .processing
                }
                #expect(try await client.message("frame_processed")["frames_processed"] == 1)
                house.api.sessions.change(session.id) { session in
                    session.state = .failed
                    session.reason = .notRecognized
                    session.ranOutOfTime = true
                }
                #expect(try await client.message("authentication_timeout")["timeout"] == true)
                #expect(try await client.next() == .close(1000))
            }
        }
        #expect(house.api.sessions.pictures.isEmpty)
    }

    @Test("of the frames that come while one is analysed the newest waits, and the older ones are told so")
    func supersedes() async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let house = WebSocketHouse(gate: {
            arrived.yield()
            for await _ in releases { break }
        })
        let session = try await house.session()
        try await house.serve { server in
            var arrival = arrivals.makeAsyncIterator()
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show([1])
                _ = await arrival.next()
                for picture: UInt8 in 2...4 {
                    house.wait()
                    try await client.show([picture])
                    guard picture > 2 else {
                        try await client.settle()
                        continue
                    }
                    let answer = try await client.message("error")
                    #expect(answer["error"] == "superseded")
                    #expect(answer["code"] == 429)
                }
                release.yield()
                _ = try await client.message("frame_processed")
                _ = await arrival.next()
                release.yield()
                #expect(try await client.message("frame_processed")["frames_processed"] == 2)
            }
        }
        #expect(house.api.sessions.pictures == [[1], [4]])
    }

    @Test("messages that come too fast are answered with 429, pings are not counted")
    func throttles() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await client.show()
                _ = try await client.message("frame_processed")
                try await client.show()
                #expect(try await client.message("error")["code"] == 429)
                try await client.say(["type": "ping"])
                _ = try await client.message("pong")
                house.wait()
                try await client.show()
                #expect(try await client.message("frame_processed")["frames_processed"] == 2)
            }
        }
    }

    @Test("a stopping daemon closes with 1001 and leaves the session open")
    func stops() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                await server.group.triggerGracefulShutdown()
                #expect(try await client.next() == .close(1001))
            }
        }
        let client = try #require(house.api.clients.named("one")).id
        #expect(try await house.api.sessions.session(.id(session.id), of: client).state.isOpen)
    }
}
