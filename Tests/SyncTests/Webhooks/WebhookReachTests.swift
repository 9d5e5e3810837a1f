import EdgeCore
import EdgeTesting
import FoundationEssentials
import Hummingbird
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing
import Vault

@testable import Sync

/// Whom the sender calls, seen from the other side.
@Suite("Whom webhooks reach", .timeLimit(.minutes(10)))
struct WebhookReachTests {
    @Test(
        "an address that is not to be called gets no connection",
        arguments: [
            ("\(http)127.0.0.1:PORT/", .loopback), ("\(http)localhost:PORT/", .loopback),
            ("\(https)localhost:PORT/", .loopback), ("\(http)[::ffff:127.0.0.1]:PORT/", .embedded),
            ("\(http)0.0.0.0:PORT/", .unspecified), ("\(http)2130706433:PORT/", .numericHost),
            ("\(http)0x7f.1:PORT/", .numericHost), ("\(http)127.1:PORT/", .numericHost),
            ("\(http)127.0.0.1.:PORT/", .trailingDot), ("\(http)x@127.0.0.1:PORT/", .credentials),
        ] as [(String, AddressRefusal)])
    func refused(url: String, why: AddressRefusal) async throws {
        let counter = try await ConnectionCounter.open()
        let sender = try WebhookSender.test(allow: ["192.168.1.0/24", "10.0.0.0/8"])
        let port = url.replacing("PORT", with: String(counter.port))
        #expect(try await refusal(of: sender, .test(url: port)) == why)
        #expect(try await counter.close() == 0)
    }

    @Test("a name is refused when any of its addresses is, wherever that stands")
    func oneBadAddress() async throws {
        for bad in ["169.254.169.254", "10.0.0.1", "::1", "fe80::1"] {
            for addresses in [["127.0.0.1", bad], [bad, "127.0.0.1"]] {
                let counter = try await ConnectionCounter.open()
                let sender = try WebhookSender.test(lookup: .fixed(addresses))
                let why = try await refusal(of: sender, .test(url: "\(http)receiver.test:\(counter.port)/"))
                #expect(why != nil)
                #expect(try await counter.close() == 0)
            }
        }
    }

    @Test("a name is looked up once, and the address that was vetted is the one that is called")
    func rebinding() async throws {
        // The second answer is the attacker's; `receiver.test` has no address that another look-up could find.
        let lookups = Mutex(0)
        let lookup = HostLookup { _, _ in
            let number = lookups.withLock { count in
                count += 1
                return count
            }
            return [IPAddress(number == 1 ? "127.0.0.1" : "10.0.0.1")].compactMap { $0 }
        }
        let sender = try WebhookSender.test(lookup: lookup)
        try await LoopbackReceiver.serve { receiver in
            let url = "\(http)receiver.test:\(receiver.port)/hook"
            guard case .answered(let answer) = try await sender.send(.test(url: url)) else {
                Issue.record("the vetted address was not called")
                return
            }
            #expect(answer.status == 200)
            #expect(receiver.deliveries.map(\.authority) == ["receiver.test:\(receiver.port)"])
            #expect(lookups.withLock { $0 } == 1)
            #expect(try await refusal(of: sender, .test(url: url)) == .notListed, "the second attempt looks anew")
            #expect(receiver.deliveries.count == 1)
        }
    }

    @Test("attempts go through a name's addresses in turn, IPv4 first")
    func inTurn() async throws {
        // Nobody listens on the first one.
        let sender = try WebhookSender.test(
            allow: ["127.0.0.0/8", "::1"], lookup: .fixed(["::1", "127.0.0.1", "127.0.0.9"]))
        try await LoopbackReceiver.serve { receiver in
            let url = "\(http)receiver.test:\(receiver.port)/hook"
            for (attempt, arrived) in [(1, true), (2, false), (4, true)] {
                let outcome = try await sender.send(.test(url: url, attempt: attempt))
                guard case .answered = outcome else {
                    #expect(!arrived, "\(outcome)")
                    continue
                }
                #expect(arrived)
            }
        }
    }

    @Test("a name without an address is a connection error, and one that takes too long to look up a time-out")
    func unknownName() async throws {
        let nowhere = try WebhookSender.test(lookup: .fixed([]))
        guard case .failed(.unknownHost) = try await nowhere.send(.test(url: "\(http)receiver.test/")) else {
            Issue.record("a name without an address was called")
            return
        }
        let slow = HostLookup { _, _ in
            await untilCancelled()
            return []
        }
        let outcome = try await WebhookSender.test(lookup: slow, sleep: { _ in }).send(
            .test(url: "\(http)receiver.test/"))
        guard case .failed(.timeout) = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test("the system's resolver gives all addresses of a name, and none of a name that is not there")
    func systemLookup() async throws {
        let found = await HostLookup.system.addresses("localhost", 80)
        #expect(found.contains(IPAddress(v4: 0x7f00_0001)) || found.contains(IPAddress(v6: 1)))
        #expect(await HostLookup.system.addresses("no such name", 80).isEmpty)
    }

    @Test("over https a certificate that nobody trusts ends the call before a byte of the delivery is sent")
    func untrusted() async throws {
        let server = try await UntrustedServer.open()
        let sender = try WebhookSender.test(lookup: .fixed(["127.0.0.1"]))
        let outcome = try await sender.send(.test(url: "\(https)receiver.test:\(server.port)/hook"))
        guard case .failed(.tls) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        try await server.close()
        #expect(server.hello.contains("receiver.test"), "the certificate is asked for by the name in the URL")
        #expect(server.decrypted == 0)
    }

    private func refusal(of sender: WebhookSender, _ shipment: WebhookShipment) async throws -> AddressRefusal? {
        guard case .refused(let refusal) = try await sender.send(shipment) else { return nil }
        return refusal
    }
}

extension HostLookup {
    /// The same addresses for every name.
    static func fixed(_ addresses: [String]) -> HostLookup {
        HostLookup { _, _ in addresses.compactMap { IPAddress($0) } }
    }
}

/// A TLS server with a certificate that the device made for itself.
private final class UntrustedServer: Sendable {
    private let channel: any Channel
    private let seen: Seen

    private init(channel: any Channel, seen: Seen) {
        self.channel = channel
        self.seen = seen
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    /// The first bytes that came, as text.
    var hello: String { String(decoding: seen.raw.withLock { $0 }, as: UTF8.self) }
    /// Bytes that came through TLS.
    var decrypted: Int { seen.decrypted.withLock { $0 } }

    static func open() async throws -> UntrustedServer {
        let directory = try TemporaryDirectory()
        let made = try DeviceCertificate.open(directory: directory.path("tls"), names: [], now: Date())
        let chain = try NIOSSLCertificate.fromPEMFile(made.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: made.keyFile, format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
        let seen = Seen()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        Tap { bytes in seen.raw.withLock { $0 += bytes } }, NIOSSLServerHandler(context: context),
                        Tap { bytes in seen.decrypted.withLock { $0 += bytes.count } },
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return UntrustedServer(channel: channel, seen: seen)
    }

    func close() async throws { try await channel.close().get() }

    private final class Seen: Sendable {
        let raw = Mutex<[UInt8]>([])
        let decrypted = Mutex(0)
    }

    private final class Tap: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer
        private let note: ([UInt8]) -> Void

        init(_ note: @escaping ([UInt8]) -> Void) { self.note = note }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            note(Array(unwrapInboundIn(data).readableBytesView))
            context.fireChannelRead(data)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
