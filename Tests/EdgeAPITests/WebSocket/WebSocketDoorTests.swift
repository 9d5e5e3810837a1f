import EdgeCore
import FoundationEssentials
import NIOCore
import ServiceLifecycle
import Testing

@testable import EdgeAPI

@Suite("The WebSocket's door", .timeLimit(.minutes(10)))
struct WebSocketDoorTests {
    /// Expects to be let in, to be told why not, and to be closed with the same code.
    private func expectRefusal(
        _ house: WebSocketHouse, _ token: String, headers: [String] = [], code: UInt16
    ) async throws {
        try await house.serve { server in
            try await WireClient.open(server.port, token, headers: headers) { client in
                let message = try await client.message("error")
                #expect(message["code"] == .integer(Int64(code)))
                #expect(message["error"]?.stringValue?.isEmpty == false)
                #expect(try await client.next() == .close(code))
            }
            #expect(server.presence.count == 0)
        }
    }

    private func expectEntrance(_ house: WebSocketHouse, headers: [String]) async throws {
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.open(server.port, session.token, headers: headers) { client in
                _ = try await client.message("connection_established")
            }
        }
    }

    @Test("a token that nobody was given is refused with 4404")
    func refusesUnknown() async throws {
        try await expectRefusal(WebSocketHouse(), "sess_nobody", code: 4404)
    }

    @Test(
        "a session that has ended is refused, an expired one with a code of its own",
        arguments: [(SessionState.completed, 4400), (.cancelled, 4400), (.failed, 4400), (.expired, 4401)]
            as [(SessionState, UInt16)])
    func refusesEnded(state: SessionState, code: UInt16) async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        house.api.sessions.change(session.id) { $0.state = state }
        try await expectRefusal(house, session.token, code: code)
    }

    @Test("the sessions of a client that may no longer use the device are refused with 4403")
    func refusesInactiveClient() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        house.api.clients.deactivate("one")
        try await expectRefusal(house, session.token, code: 4403)
    }

    @Test(
        "a page of another origin is refused with 4403",
        arguments: ["http://evil.test", "null", "http://edged.test.evil.test", "http://edged.test:81", ""])
    func refusesForeignPages(origin: String) async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await expectRefusal(house, session.token, headers: ["Origin: \(origin)"], code: 4403)
    }

    @Test("the device's own pages are let in", arguments: ["http://edged.test", "https://Edged.test"])
    func admitsOwnPages(origin: String) async throws {
        try await expectEntrance(WebSocketHouse(), headers: ["Origin: \(origin)"])
    }

    @Test("pages that the client allows are let in")
    func admitsAllowedPages() async throws {
        var house = WebSocketHouse()
        house.isAllowedOrigin = { origin, client in origin == "https://kiosk.test" && client.name == "one" }
        try await expectEntrance(house, headers: ["Origin: https://kiosk.test"])
    }

    @Test("credentials that come along must be right and the session's own client's")
    func checksCredentials() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await expectEntrance(house, headers: ["X-API-Key: frapi_one"])
        for foreign in ["X-API-Key: frapi_two", "X-API-Key: frapi_wrong", "Authorization: Basic b25lOm9uZQ=="] {
            try await expectRefusal(house, session.token, headers: [foreign], code: 4403)
        }
    }

    @Test(
        "a WebSocket anywhere else is an ordinary request that finds nothing", arguments: ["/ws/other/x/", "/hello/x"])
    func leavesOtherPaths(path: String) async throws {
        try await WebSocketHouse().serve { server in
            try await WireClient.connect(server.port) { client in
                try await client.ask(path)
                #expect(try await client.reply().status == 404)
            }
        }
    }

    @Test("a handshake that lacks something is an ordinary request, and is answered")
    func leavesBrokenHandshakes() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        let target = "/ws/auth/process-image/\(session.token)"
        let version = "Sec-WebSocket-Version: 13"
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
        let upgrade = ["Upgrade: websocket", "Connection: Upgrade"]
        try await house.serve { server in
            for headers in [
                upgrade + [key], upgrade + [version], upgrade + [key, "Sec-WebSocket-Version: 8"],
                upgrade + [version, "Sec-WebSocket-Key: short"], ["Upgrade: websocket", version, key],
            ] {
                try await WireClient.connect(server.port) { client in
                    try await client.send(WireClient.request(target, headers))
                    #expect(try await client.reply().status == 404, "\(headers)")
                }
            }
        }
    }

    @Test(
        "a client that would like HTTP/2 gets its answer over HTTP/1.1, and no deaf connection after it",
        arguments: [0, 1])
    func answersOtherUpgrades(requestsBefore: Int) async throws {
        try await WebSocketHouse().serve { server in
            try await WireClient.connect(server.port) { client in
                for _ in 0..<requestsBefore {
                    try await client.send(WireClient.request("/hello"))
                    #expect(try await client.reply().body == "hello")
                }
                try await client.send(
                    WireClient.request(
                        "/hello",
                        [
                            "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                            "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
                        ]))
                #expect(try await client.reply().body == "hello")
                #expect(try await client.next() == .end)
            }
        }
    }

    @Test("only the first request of a connection becomes a WebSocket, a later one is answered")
    func upgradesFirst() async throws {
        let house = WebSocketHouse()
        let session = try await house.session()
        try await house.serve { server in
            try await WireClient.connect(server.port) { client in
                try await client.send(WireClient.request("/hello"))
                #expect(try await client.reply().body == "hello")
                try await client.ask("/ws/auth/process-image/\(session.token)/")
                #expect(try await client.reply().status == 404)
            }
        }
    }

    @Test("bytes that are not HTTP are answered with 400")
    func answersNoise() async throws {
        try await WebSocketHouse().serve { server in
            for noise in ["\u{16}\u{3}\u{1}\r\n\r\n", "GET / HTTP/1.1\r\nno header\r\n\r\n"] {
                try await WireClient.connect(server.port) { client in
                    try await client.send(Array(noise.utf8))
                    #expect(try await client.reply().status == 400)
                    #expect(try await client.next() == .end)
                }
            }
        }
    }

    @Test("a connection that never asks for anything is cut off before long")
    func cutsSilentConnections() async throws {
        var house = WebSocketHouse()
        house.api.configuration.headTimeout = .milliseconds(50)
        try await house.serve { server in
            try await WireClient.connect(server.port) { client in
                // On a busy machine the time may be over before the first byte.
                try? await client.send(Array("GET /hello HT".utf8))
                let last = try await client.next()
                #expect(last == .end)
            }
        }
    }

    @Test("a stopping server does not wait for connections that ask for nothing")
    func stopsWithSilentConnections() async throws {
        try await WebSocketHouse().serve { server in
            try await WireClient.connect(server.port) { silent in
                try await WireClient.connect(server.port) { other in
                    // The silent connection was accepted before this one.
                    try await other.send(WireClient.request("/hello"))
                    #expect(try await other.reply().body == "hello")
                }
                await server.group.triggerGracefulShutdown()
                #expect(try await silent.next() == .end)
            }
        }
    }
}
