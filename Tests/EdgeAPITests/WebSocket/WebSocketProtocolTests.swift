import EdgeCore
import FoundationEssentials
import NIOWebSocket
import Testing

@testable import EdgeAPI

@Suite("The WebSocket protocol on the wire", .timeLimit(.minutes(10)))
struct WebSocketProtocolTests {
    /// Runs `body` with a connection that was greeted.
    private func talk(
        _ house: WebSocketHouse = WebSocketHouse(), _ body: @escaping @Sendable (WireClient) async throws -> Void
    ) async throws {
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token) { client in
                _ = try await client.message("connection_established")
                try await body(client)
            }
        }
    }

    @Test(
        "frames that the protocol forbids close the connection",
        arguments: [
            (WireClient.frame(.text, Array("{}".utf8), isMasked: false), 1002),
            ([0xC1] + WireClient.frame(.text, Array("{}".utf8)).dropFirst(), 1002),
            (WireClient.frame(.continuation, [1]), 1002),
            (WireClient.frame(.text, [0xC3, 0x28]), 1007),
            (WireClient.frame(.ping, Array(repeating: 0, count: 126)), 1002),
            (WireClient.frame(.connectionClose, [0x03, 0xED]), 1002),
            // Only the header of a frame that nobody wants to read.
            ([0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 1009),
        ] as [([UInt8], UInt16)])
    func refuses(bytes: [UInt8], code: UInt16) async throws {
        try await talk { client in
            try await client.send(bytes)
            #expect(try await client.next() == .close(code))
            #expect(try await client.next() == .end)
        }
    }

    @Test("a message in fragments is one message, with a ping in the middle")
    func assemblesFragments() async throws {
        let house = WebSocketHouse()
        try await talk(house) { client in
            let bytes = JSONValue.object(["image": .string(Picture.base64)]).bytes
            try await client.send(WireClient.frame(.text, Array(bytes.prefix(100)), isLast: false))
            try await client.send(WireClient.frame(.continuation, Array(bytes[100..<200]), isLast: false))
            try await client.send(WireClient.frame(.ping, [7]))
            try await client.send(WireClient.frame(.continuation, Array(bytes.dropFirst(200))))
            #expect(try await client.next() == .pong([7]))
            _ = try await client.message("frame_processed")
        }
        #expect(house.api.sessions.pictures == [Picture.bytes])
    }

    @Test("fragments that add up to more than a message may have are not kept")
    func boundsFragments() async throws {
        var house = WebSocketHouse()
        house.api.configuration.maximumBodyBytes = 100_000
        try await talk(house) { client in
            let piece = Array(repeating: UInt8(0), count: 40_000)
            try await client.send(WireClient.frame(.binary, piece, isLast: false))
            for _ in 1...2 { try await client.send(WireClient.frame(.continuation, piece, isLast: false)) }
            #expect(try await client.next() == .close(1009))
        }
    }

    @Test("a binary message is a picture as it is")
    func takesBinary() async throws {
        let house = WebSocketHouse()
        try await talk(house) { client in
            try await client.send(WireClient.frame(.binary, Picture.bytes))
            _ = try await client.message("frame_processed")
        }
        #expect(house.api.sessions.pictures == [Picture.bytes])
    }

    @Test(
        "a message that cannot be used is answered with an error, and the connection lives on",
        arguments: [
            ("{", "A message is a JSON object."), ("[]", "A message is a JSON object."),
            (#"{"type":"dance"}"#, "Unknown message type: dance"), (#"{"type":7}"#, "Unknown message type"),
            (#"{"type":"frame"}"#, "image: This field is required."),
            (#"{"image":"§"}"#, "image: Invalid base64 image data."),
        ])
    func answersNonsense(text: String, error: String) async throws {
        try await talk { client in
            try await client.send(WireClient.frame(.text, Array(text.utf8)))
            let answer = try await client.message("error")
            #expect(answer["error"] == .string(error))
            #expect(answer["code"] == 4000)
            try await client.settle()
        }
    }

    @Test("a picture that cannot be decoded is an error of that frame alone")
    func answersBadPicture() async throws {
        let house = WebSocketHouse(script: FakeSessions.fails(EdgeError(.imageCorrupt)))
        try await talk(house) { client in
            try await client.show()
            let answer = try await client.message("error")
            #expect(answer["error"] == "Unable to decode image payload")
            #expect(answer["error_code"] == "image.corrupt")
            try await client.settle()
        }
    }

    @Test("the peer's close is answered with its own code")
    func echoesClose() async throws {
        try await talk { client in
            try await client.send(WireClient.frame(.connectionClose, [0x03, 0xE9]))
            #expect(try await client.next() == .close(1001))
            #expect(try await client.next() == .end)
        }
    }

    @Test("the server pings, and a peer that answers nothing is dropped after two of them")
    func drops() async throws {
        var house = WebSocketHouse()
        // The time for an answer is over when the ping has been read.
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        house.pause = { _ in for await _ in ends { return } }
        try await talk(house) { client in
            for expected in [WireClient.Heard.ping, .ping, .end] {
                end.yield()
                let heard = try await client.next()
                #expect(heard == expected)
            }
        }
    }

    @Test("a peer that answers pings stays")
    func keeps() async throws {
        var house = WebSocketHouse()
        // A ping is due when the answer to the one before has been read.
        let (due, answered) = AsyncStream.makeStream(of: Void.self)
        house.pause = { _ in for await _ in due { return } }
        answered.yield()
        try await talk(house) { client in
            for round in UInt8(1)...4 {
                #expect(try await client.next() == .ping)
                try await client.send(WireClient.frame(.pong, []))
                // What is sent after the answer is read after it.
                try await client.send(WireClient.frame(.ping, [round]))
                #expect(try await client.next() == .pong([round]))
                answered.yield()
            }
        }
    }
}
