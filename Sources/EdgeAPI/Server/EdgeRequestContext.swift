import EdgeCore
import Hummingbird
import NIOCore

/// What travels with a request.
struct EdgeRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The authenticated client; only behind ``ClientAuthentication``.
    var client: ClientRecord?
    /// Names the request in logs and in the answer.
    ///
    /// Our own: the framework's id lives in the logger's metadata, where a log handler may drop it.
    let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
    /// The peer's address without its port; nothing over a Unix socket.
    let remoteAddress: String?

    init(source: Source) {
        coreContext = .init(source: source)
        remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// The authenticated client.
    ///
    /// Throws `credentials.missing` where a route forgot to ask for one.
    func requireClient() throws(EdgeError) -> ClientRecord {
        guard let client else { throw EdgeError(.credentialsMissing) }
        return client
    }
}

typealias Handler = @Sendable (Request, EdgeRequestContext) async throws -> Response
