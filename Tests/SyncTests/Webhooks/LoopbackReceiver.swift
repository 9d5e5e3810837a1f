import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import Synchronization

/// A real HTTP server on a free loopback port that takes webhooks and answers as a test says.
final class LoopbackReceiver: Sendable {
    struct Delivery: Sendable {
        let path: String
        let authority: String?
        /// Names in lower case.
        let headers: [String: String]
        let body: [UInt8]
    }

    typealias Answer = @Sendable (_ number: Int, Delivery) async throws -> Response

    let port: Int
    private let taken: Taken

    private init(port: Int, taken: Taken) {
        self.port = port
        self.taken = taken
    }

    /// Where deliveries go.
    var url: String { "\(http)127.0.0.1:\(port)/hook" }
    /// All deliveries so far.
    var deliveries: [Delivery] { taken.all }

    /// Takes deliveries while `body` runs; `answer` gets the number of the delivery, from 0.
    static func serve<Outcome: Sendable>(
        _ answer: @escaping Answer = { _, _ in Response(status: .ok) },
        while body: @Sendable (LoopbackReceiver) async throws -> Outcome
    ) async throws -> Outcome {
        let taken = Taken()
        let (ports, port) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("**") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            let headers = request.headers.map { ($0.name.canonicalName, $0.value) }
            let delivery = Delivery(
                path: request.uri.description, authority: request.head.authority,
                headers: Dictionary(headers, uniquingKeysWith: { "\($0), \($1)" }), body: Array(body.readableBytesView))
            return try await answer(taken.add(delivery), delivery)
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: quietLog)
        return try await withThrowingTaskGroup { group in
            group.addTask {
                try await application.run()
                return Outcome?.none
            }
            for await port in ports {
                let outcome = try await body(LoopbackReceiver(port: port, taken: taken))
                group.cancelAll()
                return outcome
            }
            throw NoServer()
        }
    }

    private final class Taken: Sendable {
        private let deliveries = Mutex<[Delivery]>([])
        var all: [Delivery] { deliveries.withLock { $0 } }

        func add(_ delivery: Delivery) -> Int {
            deliveries.withLock { all in
                all.append(delivery)
                return all.count - 1
            }
        }
    }

    struct NoServer: Error {}
}

/// A loopback port that notes who connects, and answers nobody.
final class ConnectionCounter: Sendable {
    let port: Int
    private let channel: any Channel
    private let callers: AsyncStream<Int?>

    private init(channel: any Channel, callers: AsyncStream<Int?>) {
        self.channel = channel
        self.callers = callers
        port = channel.localAddress?.port ?? 0
    }

    static func open() async throws -> ConnectionCounter {
        let (callers, caller) = AsyncStream<Int?>.makeStream()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                caller.yield(channel.remoteAddress?.port)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ConnectionCounter(channel: channel, callers: callers)
    }

    /// How many have connected; closes the port.
    ///
    /// Connections are taken in the order in which they come, so when one of ours is taken, all before it are counted.
    func close() async throws -> Int {
        let ours = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port).get()
        var others = 0
        for await caller in callers {
            if caller == ours.localAddress?.port { break }
            others += 1
        }
        try await ours.close().get()
        try await channel.close().get()
        return others
    }
}
