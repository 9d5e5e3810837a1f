import AsyncHTTPClient
import EdgeCore
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Speaks to a running daemon over its Unix socket.
struct ControlClient: LocalControl {
    let socketPath: String

    /// One try, no waiting: a daemon that is there accepts at once.
    ///
    /// Lives as long as the process.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(configuration: configuration)
    }()

    /// Whether a daemon answers on the socket.
    func isDaemonThere() async -> Bool {
        (try? await get("/healthz")) != nil
    }

    /// The body of a GET; throws `daemon.unreachable` when nobody answers.
    func get(_ path: String) async throws(EdgeError) -> [UInt8] {
        try await send(try request(path), within: .seconds(10))
    }

    func run(command: String, argumentsJSON: [UInt8]) async throws(EdgeError) -> [UInt8] {
        var request = try request("/control/\(command)")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: argumentsJSON))
        return try await send(
            request, within: ControlCommand(rawValue: command)?.isLong == true ? .hours(1) : .seconds(120))
    }

    private func request(_ path: String) throws(EdgeError) -> HTTPClientRequest {
        guard ControlSocketPath.isTrustworthy(socketPath) else { throw EdgeError(.daemonUnreachable) }
        let socketPath = try ControlSocketPath.reachable(socketPath)
        let allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
        let host = socketPath.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if allowed.contains(character) { return String(character) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count == 1 ? "0" + hex : hex)
        }
        return HTTPClientRequest(url: "http+unix://\(host.joined())\(path)")
    }

    private func send(_ request: HTTPClientRequest, within limit: TimeAmount) async throws(EdgeError) -> [UInt8] {
        let (status, bytes): (UInt, [UInt8])
        do {
            let response = try await Self.client.execute(request, timeout: limit)
            let body = try await response.body.collect(upTo: 64 << 20)
            (status, bytes) = (response.status.code, Array(body.readableBytesView))
        } catch {
            throw EdgeError(.daemonUnreachable)
        }
        guard !(200..<300).contains(status) else { return bytes }
        struct Failure: Decodable {
            var code: String?
            var detail: String?
        }
        let failure = try ControlJSON.decode(Failure.self, from: bytes)
        throw EdgeError(failure.code.flatMap(ErrorCode.init(rawValue:)) ?? .internalFault, failure.detail)
    }
}
