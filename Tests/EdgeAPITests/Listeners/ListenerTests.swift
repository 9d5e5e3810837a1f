import EdgeCore
import EdgeTesting
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import EdgeAPI

@Suite("Listeners", .serialized, .timeLimit(.minutes(10)))
struct ListenerTests {
    private let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    @Test("loopback, Unix socket and TLS are served at the same time, loopback named first")
    func together() async throws {
        let directory = try TemporaryDirectory()
        let files = try CertificateOnDisk()
        var api = try TestAPI().withTLS(files.served(HealthBoard()))
        api.configuration.socketPath = directory.path("api.sock")
        let pinned = try files.pinned()
        try await serving(3, by: api.server) { addresses in
            #expect(addresses[0].hasPrefix("http://127.0.0.1:"))
            #expect(addresses[1] == "unix:" + directory.path("api.sock"))
            #expect(addresses[2].hasPrefix("https://127.0.0.1:"))
            let plain = try await RawExchange.send(request, toPort: port(of: addresses[0]))
            #expect(plain.hasPrefix("HTTP/1.1 200"))
            let local = try await RawExchange.send(
                request, to: SocketAddress(unixDomainSocketPath: directory.path("api.sock")))
            #expect(local.hasPrefix("HTTP/1.1 200"))
            let status = try await withPinnedClient(addresses[2], trusting: pinned) {
                try await $0.get("/healthz").status
            }
            #expect(status == .ok)
        }
    }

    @Test("the API's socket is for its owner and its group, replaces a stale one and goes away with the server")
    func socketFile() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("api.sock")
        var api = TestAPI()
        api.configuration.socketPath = path
        for _ in 0..<2 {
            try await serving(2, by: api.server) { _ in
                let facts = try FileManager.default.attributesOfItem(atPath: path)
                #expect(facts[.type] as? FileAttributeType == .typeSocket)
                #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o660)
                #expect(try FileManager.default.contentsOfDirectory(atPath: directory.url.path) == ["api.sock"])
            }
            #expect(!FileManager.default.fileExists(atPath: path))
            // What a server leaves that was killed.
            let stale = try SocketAddress(unixDomainSocketPath: path)
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            #expect(stale.withSockAddr { bind(descriptor, $0, socklen_t($1)) } == 0)
        }
    }

    @Test("each request knows through which listener it came, and whether it was protected")
    func kinds() async throws {
        let directory = try TemporaryDirectory()
        let files = try CertificateOnDisk()
        let pinned = try files.pinned()
        let server = TestAPI().server
        let told = CallbackResponder<EdgeRequestContext> { _, context in
            Response(
                status: .ok, body: .init(byteBuffer: ByteBuffer(string: "\(context.listener) \(context.isSecure)")))
        }
        let listeners: [Listener] = [
            .loopback(host: "127.0.0.1", port: 0), .socket(path: directory.path("s")),
            .lan(host: "127.0.0.1", port: 0, transport: .plainText),
            .lan(host: "127.0.0.1", port: 0, transport: .tls(try files.served(HealthBoard()))),
        ]
        var answers: [String] = []
        for listener in listeners {
            try await serving(1, { try await server.serve(listener, by: told, onListening: $0) }) { addresses in
                let address = try #require(addresses.first)
                if address.hasPrefix("https:") {
                    let answer = try await withPinnedClient(address, trusting: pinned) { try await $0.get("/") }
                    answers.append(String(buffer: try #require(answer.body)))
                } else {
                    let target =
                        address.hasPrefix("unix:")
                        ? try SocketAddress(unixDomainSocketPath: directory.path("s"))
                        : try SocketAddress(ipAddress: "127.0.0.1", port: port(of: address))
                    let answer = try await RawExchange.send(request, to: target)
                    answers.append(String(answer.split(separator: "\r\n").last ?? ""))
                }
            }
        }
        #expect(answers == ["loopback false", "unixSocket false", "lan false", "lan true"])
    }

    @Test("without a listener's word the far end decides, and what is not surely of this machine is the LAN")
    func peers() throws {
        let addresses = [
            ("127.0.0.1", ListenerKind.loopback), ("127.8.9.1", .loopback), ("::1", .loopback), ("192.0.2.1", .lan),
            ("2001:db8::1", .lan), ("::ffff:127.0.0.1", .loopback), ("::ffff:192.0.2.1", .lan),
        ]
        for (address, kind) in addresses {
            #expect(ListenerKind(peer: try SocketAddress(ipAddress: address, port: 1)) == kind, "\(address)")
        }
        #expect(ListenerKind(peer: try SocketAddress(unixDomainSocketPath: "/x")) == .unixSocket)
    }

    @Test("a listener whose address is taken ends the others, and none is reported")
    func allOrNone() async throws {
        try await serving(1, by: TestAPI().server) { addresses in
            var api = TestAPI()
            api.configuration.lan = APIConfiguration.LAN(
                host: "127.0.0.1", port: try port(of: addresses.first), transport: .plainText)
            let server = api.server
            await #expect {
                try await server.run { address in Issue.record("\(address) was reported") }
            } throws: { error in
                (error as? EdgeError)?.code == .listenFailed
            }
        }
    }
}
