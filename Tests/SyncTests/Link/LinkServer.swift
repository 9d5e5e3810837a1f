import EdgeCore
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import Synchronization
import SyncCore

@testable import Sync

/// A real HTTP server on loopback that speaks for a desk, as central's API does.
final class LinkServer: Sendable {
    /// What came in of one question.
    struct Seen: Sendable {
        let path: String
        let isPacked: Bool
        let bytes: Int
        let authorization: String?
    }

    /// An answer that a test gives instead of the desk's.
    typealias Script = @Sendable (_ path: String, _ number: Int) -> Response?

    private let desk: any CentralDesk
    private let device: DeviceID
    private let script: Script
    let seen = Mutex<[Seen]>([])
    /// The tokens that were given out, the last one good.
    let tokens = Mutex<[String]>([])
    /// What came in as a request to be taken in.
    let provisions = Mutex<[ProvisionRequest]>([])

    init(_ desk: any CentralDesk, device: DeviceID, script: @escaping Script = { _, _ in nil }) {
        self.desk = desk
        self.device = device
        self.script = script
    }

    /// Serves while `body` runs; with a certificate over TLS.
    func serve<Outcome: Sendable>(
        tls: TLSConfiguration? = nil, while body: @Sendable (_ url: String) async throws -> Outcome
    ) async throws -> Outcome {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.post("**") { request, _ in try await self.answer(request) }
        let application = Application(
            router: router, server: try tls.map { try .tls(.http1(), tlsConfiguration: $0) } ?? .http1(),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: quietLog)
        return try await withThrowingTaskGroup { group in
            group.addTask {
                try await application.run()
                return Outcome?.none
            }
            for await port in ports {
                let scheme = tls == nil ? "http://127.0.0.1" : "https://localhost"
                let outcome = try await body("\(scheme):\(port)")
                group.cancelAll()
                return outcome
            }
            throw Missing()
        }
    }

    private func answer(_ request: Request) async throws -> Response {
        var bytes = Array(buffer: try await request.body.collect(upTo: 8 << 20))
        let isPacked = request.headers[.contentEncoding] == "gzip"
        let path = request.uri.path
        let number = seen.withLock { seen in
            seen.append(
                Seen(
                    path: path, isPacked: isPacked, bytes: bytes.count, authorization: request.headers[.authorization]))
            return seen.count { $0.path == path }
        }
        if let scripted = script(path, number) { return scripted }
        if isPacked { bytes = try GzipBody.opened(bytes, limit: 8 << 20) }
        if path == "/api/core/auth/client/" { return try grant(bytes) }
        if path == "/healthz" { return Response(status: .methodNotAllowed) }
        if path == "/api/sync/v1/provision/" { return try provision(bytes) }
        guard request.headers[.authorization] == "Bearer \(tokens.withLock { $0.last } ?? "none")" else {
            return try .json(["code": "credentials.expired", "detail": "The token is over."], .unauthorized)
        }
        do throws(SyncRefusal) {
            return try await ask(path, bytes)
        } catch {
            return try .json(SyncRefusalBody(error), .conflict)
        }
    }

    private func ask(_ path: String, _ bytes: [UInt8]) async throws(SyncRefusal) -> Response {
        func read<Question: Decodable>(_ type: Question.Type) throws(SyncRefusal) -> Question {
            do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw .malformed("\(error)") }
        }
        func write(_ answer: some Encodable) throws(SyncRefusal) -> Response {
            do { return try .json(answer) } catch { throw .malformed("\(error)") }
        }
        switch path {
        case "/api/sync/v1/open/": return try write(await desk.open(read(OpenRequest.self), of: device))
        case "/api/sync/v1/push/": return try write(await desk.push(read(PushRequest.self), of: device))
        case "/api/sync/v1/pull/": return try write(await desk.pull(read(PullRequest.self), of: device))
        case "/api/sync/v1/consent/": return try write(await desk.consent(read(ConsentRequest.self), of: device))
        default: return Response(status: .notFound)
        }
    }

    private func grant(_ bytes: [UInt8]) throws -> Response {
        let claim = try JSONDecoder().decode([String: String].self, from: Data(bytes))
        guard claim["api_secret"] == "secret" else {
            return try .json(["code": "credentials.invalid", "detail": "Wrong."], .unauthorized)
        }
        return try .json(["access_token": newToken()])
    }

    /// A token that holds from now on; those before do not.
    @discardableResult
    func newToken() -> String {
        tokens.withLock { tokens in
            tokens.append("token-\(tokens.count)")
            return "token-\(tokens.count - 1)"
        }
    }

    private func provision(_ bytes: [UInt8]) throws -> Response {
        let request = try JSONDecoder().decode(ProvisionRequest.self, from: Data(bytes))
        provisions.withLock { $0.append(request) }
        guard request.token == "good" else { return try .json(SyncRefusalBody(.tokenInvalid), .forbidden) }
        return try .json(
            ProvisionAnswer(
                apiKey: "key", apiSecret: "secret", pseudonymKey: "p", centralKey: "c",
                incarnation: Incarnation(rawValue: UUID()), name: request.name))
    }
}

extension Response {
    static func json(_ body: some Encodable, _ status: HTTPResponse.Status = .ok) throws -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: try JSONEncoder().encode(body))))
    }
}
