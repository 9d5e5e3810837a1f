import EdgeCore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdTesting
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Stopping and slow clients", .serialized)
struct StopTests {
    /// The server as the daemon runs it.
    private struct Running: Service {
        let server: APIServer
        let told: AsyncStream<Int>.Continuation
        func run() async throws {
            try await server.run { address in
                told.yield(address.split(separator: ":").last.flatMap { Int($0) } ?? 0)
            }
        }
    }

    @Test("a graceful stop ends event streams and long polls at once", arguments: ["events/", "result/?wait=60"])
    func endsWaiting(tail: String) async throws {
        let api = TestAPI()
        let session = try await api.sessions.open(
            SessionRequest(
                client: try #require(api.clients.named("one")).id, kind: .identification, externalUserID: nil))
        let issuer = try await TokenIssuer(issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        let token = try await issuer.issue(
            .access, for: try #require(api.clients.named("one")), lifetime: .seconds(60)
        ).text
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Running(server: api.server, told: told))],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        async let running: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        try await withPatientClient(port) { client in
            async let answer = client.get(
                "/api/auth/sessions/\(session.id)/\(tail)", headers: [.authorization: "Bearer \(token)"])
            while api.sessions.readers == 0 { await Task.yield() }
            await group.triggerGracefulShutdown()
            let ended = try await answer
            #expect(ended.status == .ok)
        }
        try await running
    }

    /// Keeps what was logged as an error.
    private final class ErrorLines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private struct ErrorLog: LogHandler {
        let lines: ErrorLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.error
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) { lines.add("\(event.message)") }
    }

    @Test(
        "a graceful stop refuses new connections, answers the picture in work, and logs no error, whoever bound the socket",
        arguments: [false, true])
    func finishesWork(isAdopting: Bool) async throws {
        let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let api = try TestAPI(gate: {
            arrived.yield()
            for await _ in releases { break }
        }).adopting(isAdopting)
        let one = try #require(api.clients.named("one"))
        let session = try await api.sessions.open(
            SessionRequest(client: one.id, kind: .enrollment, externalUserID: "alice"))
        let issuer = try await TokenIssuer(issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        let token = try await issuer.issue(.access, for: one, lifetime: .seconds(60)).text
        let frame = JSONValue.object([
            "session_token": .text(session.token?.rawValue), "image": .string(Picture.base64),
        ])
        let errors = ErrorLines()
        let log = Logger(label: "test") { _ in ErrorLog(lines: errors) }
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Running(server: api.server(log: log), told: told))], logger: log))
        async let running: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        try await withPatientClient(port) { client in
            async let answer = client.post(
                "/api/auth/process-image/",
                headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
                body: ByteBuffer(bytes: frame.bytes))
            var arrival = arrivals.makeAsyncIterator()
            _ = await arrival.next()
            await group.triggerGracefulShutdown()
            while (try? await ask(port)) == .ok { await Task.yield() }
            release.yield()
            let done = try await answer
            #expect(done.status == .ok)
        }
        try await running
        #expect(errors.all == [])
    }

    private func ask(_ port: Int) async throws -> HTTPResponse.Status {
        try await withPatientClient(port) { client in
            try await client.get("/healthz").status
        }
    }

    @Test(
        "no more connections are held than the limit says: a silent one gives its place up to the next, whoever bound the socket",
        arguments: [false, true])
    func limitsConnections(isAdopting: Bool) async throws {
        var api = try TestAPI().adopting(isAdopting)
        api.configuration.maximumConnections = 1
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: Running(server: api.server, told: told))],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        async let running: Void = group.run()
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        try await withPatientClient(port) { first in
            let served = try await first.get("/healthz")
            #expect(served.status == .ok)
            let second = try await ask(port)
            #expect(second == .ok)
            await #expect(throws: (any Error).self) { try await first.get("/healthz") }
        }
        await group.triggerGracefulShutdown()
        try await running
    }

    @Test("a body that never ends is answered with 408 and does not hold the server")
    func boundsSlowBodies() async throws {
        let reader = BodyReader(maximumBytes: 100, timeout: .milliseconds(30))
        let (body, source) = RequestBody.makeStream()
        let request = Request(
            head: HTTPRequest(
                method: .post, scheme: "http", authority: "localhost", path: "/",
                headerFields: [.contentType: "application/json"]),
            body: body)
        await #expect(throws: EdgeError(.requestTimeout)) { try await reader.fields(of: request) }
        source.finish()
    }

    @Test("bytes are counted as they come, whatever the headers say")
    func countsBytes() async throws {
        let reader = BodyReader(maximumBytes: 100, timeout: .seconds(10))
        let (body, source) = RequestBody.makeStream()
        let request = Request(
            head: HTTPRequest(
                method: .post, scheme: "http", authority: "localhost", path: "/",
                headerFields: [.contentType: "application/json", .contentLength: "5"]),
            body: body)
        async let feeding: Void = {
            for _ in 0..<3 { await source.yield(ByteBuffer(repeating: 0x20, count: 50)) }
        }()
        await #expect {
            _ = try await reader.fields(of: request)
        } throws: { error in
            (error as? EdgeError)?.code == .requestTooLarge
        }
        source.finish()
        await feeding
    }
}
