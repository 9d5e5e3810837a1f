import EdgeCore
import EdgeTesting
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Sockets that were bound before", .serialized, .timeLimit(.minutes(10)))
struct AdoptedSocketTests {
    private let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    /// Keeps another descriptor of each socket, as systemd does.
    private final class Keeper: Sendable {
        private let sockets = Mutex<[ListenerName: (socket: BoundSocket, file: String?)]>([:])

        var shelf: SocketShelf {
            let kept = sockets.withLock { $0.mapValues(\.socket) }
            return SocketShelf(bound: kept) { [self] name, descriptor, file in
                sockets.withLock { $0[name] = (BoundSocket(owning: dup(descriptor)), file) }
                return true
            }
        }
        var files: [ListenerName: String] { sockets.withLock { $0.compactMapValues(\.file) } }
    }

    @Test("a request comes through one of them, and the answer is that of a server which binds")
    func serves() async throws {
        let passed = try PassedSocket()
        var api = TestAPI()
        api.configuration.sockets = SocketShelf(.loopback, passed)
        var answers: [Set<String>] = []
        try await serving(1, by: api.server) { addresses in
            #expect(addresses == ["http://127.0.0.1:\(passed.port)"])
            answers.append(headers(try await RawExchange.send(request, toPort: passed.port)))
        }
        try await serving(1, by: TestAPI().server) { addresses in
            answers.append(headers(try await RawExchange.send(request, toPort: port(of: addresses.first))))
        }
        #expect(answers[0].contains("HTTP/1.1 200 OK"))
        #expect(answers[0] == answers[1])
    }

    /// The status and the names of all headers.
    private func headers(_ answer: String) -> Set<String> {
        let lines = answer.components(separatedBy: "\r\n\r\n")[0].components(separatedBy: "\r\n")
        return Set([lines[0]] + lines.dropFirst().map { $0.components(separatedBy: ":")[0].lowercased() })
    }

    @Test("who connects while nobody serves is not refused, and gets the answer of the next server")
    func waitsInLine() async throws {
        let keeper = Keeper()
        var api = TestAPI()
        api.configuration.sockets = keeper.shelf
        var first = 0
        try await serving(1, by: api.server) { first = try port(of: $0.first) }
        let waiting = try await RawExchange.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: first))
        api.configuration.sockets = keeper.shelf
        try await serving(1, by: api.server) { addresses in
            let second = try port(of: addresses.first)
            #expect(second == first)
            let answer = try await RawExchange.send(request, over: waiting)
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test("the file of a Unix socket stays while the socket is kept, and leads to the next server")
    func keepsTheFile() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("api.sock")
        let keeper = Keeper()
        var api = TestAPI()
        api.configuration.socketPath = path
        for _ in 0..<2 {
            api.configuration.sockets = keeper.shelf
            try await serving(2, by: api.server) { _ in
                let answer = try await RawExchange.send(request, to: SocketAddress(unixDomainSocketPath: path))
                #expect(answer.hasPrefix("HTTP/1.1 200"))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["api.sock"])
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o660)
        }
        #expect(keeper.files == [.socket: path])
    }

    @Test("the file of a socket unit is neither made anew nor taken away")
    func leavesTheFile() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("api.sock")
        var api = TestAPI()
        api.configuration.socketPath = path
        api.configuration.sockets = SocketShelf(.socket, try PassedSocket(path: path))
        let before = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? NSNumber
        try await serving(2, by: api.server) { addresses in
            #expect(addresses.last == "unix:\(path)")
            let answer = try await RawExchange.send(request, to: SocketAddress(unixDomainSocketPath: path))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
        let after = try FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? NSNumber
        #expect(before != nil && before == after)
    }

    @Test("a TLS listener speaks TLS on one, and nothing else")
    func speaksTLS() async throws {
        let files = try CertificateOnDisk()
        let pinned = try files.pinned()
        let passed = try PassedSocket()
        var api = try TestAPI().withTLS(files.served(HealthBoard()))
        api.configuration.sockets = SocketShelf(.lan, passed)
        try await serving(2, by: api.server) { addresses in
            #expect(addresses.last == "https://127.0.0.1:\(passed.port)")
            let status = try await withPinnedClient(addresses.last, trusting: pinned) {
                try await $0.get("/healthz").status
            }
            #expect(status == .ok)
            let plain = try await RawExchange.send(request, toPort: passed.port)
            #expect(!plain.contains("HTTP/"))
        }
    }

    @Test("the control socket may be one")
    func controls() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("edged.sock")
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = ControlServer(
            socketPath: path, control: FakeControl(), services: TestAPI().services, issuer: "test-device",
            sockets: SocketShelf(.control, try PassedSocket(path: path)), log: quiet)
        try await serving(1, { told in try await server.run { await told(path) } }) { _ in
            let answer = try await RawExchange.send(request, to: SocketAddress(unixDomainSocketPath: path))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test("one that nobody takes over is closed with its owner")
    func closes() async throws {
        let passed = try PassedSocket()
        var owner: BoundSocket? = BoundSocket(owning: passed.descriptor)
        #expect(owner != nil)
        let target = try SocketAddress(ipAddress: "127.0.0.1", port: passed.port)
        let open = try await RawExchange.connect(to: target)
        owner = nil
        _ = try await RawExchange.send("", over: open)
        await #expect(throws: (any Error).self) { try await RawExchange.connect(to: target) }
    }
}

@Suite("Dates in headers")
struct HTTPDateTests {
    @Test(
        "have the fixed form of RFC 9110",
        arguments: [
            (784_111_777.0, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (1_709_210_096.9, "Thu, 29 Feb 2024 12:34:56 GMT"),
        ])
    func text(seconds: Double, expected: String) {
        #expect(HTTPDate.text(Date(timeIntervalSince1970: seconds)) == expected)
    }
}
