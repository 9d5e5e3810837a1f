import EdgeCore
import EdgeTesting
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Testing
import Vault

@testable import EdgeAPI

/// A certificate on disk as a server reads it, made by the vault; another device's can take its place.
struct CertificateOnDisk: Sendable {
    let directory: TemporaryDirectory
    let certificateFile: String
    let keyFile: String

    init() throws {
        directory = try TemporaryDirectory()
        let made = try DeviceCertificate.open(directory: directory.path("tls"), names: [], now: Date())
        certificateFile = made.certificateFile
        keyFile = made.keyFile
    }

    /// What a client needs to trust it.
    func pinned() throws -> NIOSSLCertificate {
        try #require(try NIOSSLCertificate.fromPEMFile(certificateFile).first)
    }

    func der() throws -> [UInt8] { try pinned().toDERBytes() }

    func served(_ health: HealthBoard, asking authorities: [[UInt8]] = []) throws -> ServerCertificate {
        try ServerCertificate(
            certificateFile: certificateFile, keyFile: keyFile, clientAuthorities: authorities, health: health,
            log: quietLog)
    }

    /// Puts the files of `other` in the place of these.
    func replace(by other: CertificateOnDisk) throws {
        for (mine, theirs) in [(keyFile, other.keyFile), (certificateFile, other.certificateFile)] {
            try FileManager.default.copyItem(atPath: theirs, toPath: mine + ".new")
            try #require(rename(mine + ".new", mine) == 0)
        }
    }
}

extension TestAPI {
    /// With a TLS listener beside the loopback one.
    func withTLS(_ certificate: ServerCertificate) -> TestAPI {
        var api = self
        api.configuration.lan = APIConfiguration.LAN(host: "127.0.0.1", port: 0, transport: .tls(certificate))
        return api
    }
}

/// Runs `server` for the time of `body`, which gets the addresses of its listeners.
func serving(
    _ listeners: Int, by server: APIServer, _ body: ([String]) async throws -> Void
) async throws {
    try await serving(listeners, { try await server.run(onListening: $0) }, body)
}

func serving(
    _ listeners: Int, _ run: @escaping @Sendable (@escaping @Sendable (String) async -> Void) async throws -> Void,
    _ body: ([String]) async throws -> Void
) async throws {
    let (stream, told) = AsyncStream.makeStream(of: String.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { told.finish() }
            try await run { told.yield($0) }
        }
        var addresses: [String] = []
        for await address in stream {
            addresses.append(address)
            if addresses.count == listeners { break }
        }
        // Too few: the server has failed and says why.
        if addresses.count < listeners { try await group.next() }
        try await body(addresses)
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// The port at the end of an address.
func port(of address: String?) throws -> Int { try #require(address?.split(separator: ":").last.flatMap { Int($0) }) }

/// A client without TLS that waits as long as a busy machine takes.
func withPatientClient<Value: Sendable>(
    _ port: Int, _ body: @escaping @Sendable (TestClient) async throws -> Value
) async throws -> Value {
    try await TestClient.withClient(
        host: "127.0.0.1", port: port, configuration: .init(timeout: .seconds(600)), operation: body)
}

/// A certificate and its key, as a client shows them.
struct ShownCertificate: Sendable {
    let certificate: NIOSSLCertificate
    let key: NIOSSLPrivateKey

    init(_ files: CertificateOnDisk) throws {
        certificate = try files.pinned()
        key = try NIOSSLPrivateKey(file: files.keyFile, format: .pem)
    }
}

/// A client that trusts one certificate and checks the name.
func withPinnedClient<Value: Sendable>(
    _ address: String?, trusting certificate: NIOSSLCertificate, newestVersion: TLSVersion? = nil,
    showing own: ShownCertificate? = nil,
    _ body: @escaping @Sendable (TestClient) async throws -> Value
) async throws -> Value {
    var tls = TLSConfiguration.makeClientConfiguration()
    tls.trustRoots = .certificates([certificate])
    tls.maximumTLSVersion = newestVersion
    if let own {
        tls.certificateChain = [.certificate(own.certificate)]
        tls.privateKey = .privateKey(own.key)
    }
    return try await TestClient.withClient(
        host: "127.0.0.1", port: try port(of: address),
        configuration: .init(tlsConfiguration: tls, timeout: .seconds(600), serverName: "localhost"), operation: body)
}

/// Bytes to a socket and back, without any protocol of ours between.
enum RawExchange {
    typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Sends `text` and collects what comes until the other side closes, however it does.
    static func send(_ text: String, to target: SocketAddress) async throws -> String {
        try await send(text, over: connect(to: target))
    }

    static func connect(to target: SocketAddress) async throws -> Connection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: target) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
    }

    static func send(_ text: String, over channel: Connection) async throws -> String {
        try await channel.executeThenClose { inbound, outbound in
            if !text.isEmpty { try await outbound.write(ByteBuffer(string: text)) }
            var answer = ""
            do {
                for try await part in inbound { answer += String(buffer: part) }
            } catch is IOError {
                // Reset instead of closed: an end too.
            }
            return answer
        }
    }

    static func send(_ text: String, toPort port: Int) async throws -> String {
        try await send(text, to: SocketAddress(ipAddress: "127.0.0.1", port: port))
    }
}

private let quietLog = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
