import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import EdgeAPI

/// A real server on loopback with the WebSocket channel, and fakes behind it.
struct WebSocketHouse: Sendable {
    var api: TestAPI
    var isAllowedOrigin: WebSocketDoor.OriginCheck = { _, _ in false }
    /// Longer than any test, unless a test wants pings.
    var pingInterval: Duration = .seconds(600)
    /// How the time between two pings passes, where a test says so.
    var pause: (@Sendable (Duration) async -> Void)?

    init(
        script: @escaping FakeSessions.Script = FakeSessions.accepted, gate: @escaping @Sendable () async -> Void = {}
    ) {
        api = TestAPI(script: script, gate: gate)
    }

    /// What a test gets to see of the running server.
    struct Running: Sendable {
        let port: Int
        let group: ServiceGroup
        let presence: WebSocketPresence
    }

    /// Serves while `body` runs.
    func serve(_ body: @escaping @Sendable (Running) async throws -> Void) async throws {
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let door = door(quiet)
        let router = Router(context: EdgeRequestContext.self)
        router.get("hello") { _, _ in "hello" }
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let http = HTTP1Channel.Configuration(
            idleTimeout: .minutes(10),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024, maxHeaderFieldCount: 100))
        let application = Application(
            router: router,
            server: .init { responder in
                HTTP1WebSocketChannel(responder: responder, configuration: http, door: door)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in told.yield(channel.localAddress?.port ?? 0) },
            eventLoopGroupProvider: .singleton, logger: quiet)
        let group = ServiceGroup(configuration: .init(services: [.init(service: application)], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            do {
                try await body(Running(port: port, group: group, presence: door.presence))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func door(_ log: Logger) -> WebSocketDoor {
        let clients = api.clients
        var door = WebSocketDoor(
            services: api.services, configuration: api.configuration, log: log, isAllowedOrigin: isAllowedOrigin,
            credentialOwner: { request throws(EdgeError) in
                guard let name = HTTPField.Name("X-API-Key"), let key = request.headers[name] else { return nil }
                guard let client = try await clients.client(apiKey: key) else { throw EdgeError(.credentialsInvalid) }
                return client.id
            })
        door.pingInterval = pingInterval
        if let pause { door.pause = pause }
        door.closeTimeout = .milliseconds(500)
        return door
    }

    /// Opens a session of client `one`; answers its id and its token.
    func session(
        _ kind: SessionKind = .enrollment, source: FrameOrigin = .upload
    ) async throws -> (id: SessionID, token: String) {
        let session = try await api.sessions.open(
            SessionRequest(
                client: try #require(api.clients.named("one")).id, kind: kind,
                externalUserID: kind == .identification ? nil : "alice", frameSource: source))
        return (session.id, try #require(session.token).rawValue)
    }

    /// Lets so much time pass that the next message is not too soon.
    func wait() { api.clock.advance(by: .milliseconds(40)) }
}
