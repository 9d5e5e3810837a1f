import EdgeCore
import Hummingbird
import NIOCore
import NIOSSL

/// What travels with a request.
struct EdgeRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Names the request in logs and in the answer.
    ///
    /// Our own: the framework's id lives in the logger's metadata, where a log handler may drop it.
    let requestID = String(UInt64.random(in: .min ... .max), radix: 16)
    /// The peer's address without its port; nothing over a Unix socket.
    let remoteAddress: String?

    /// The connection; `nil` for a call within the process.
    let channel: (any Channel)?
    /// Through which door the request came.
    var listener: ListenerKind
    /// Whether the connection is one with TLS.
    var isSecure = false

    init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = source.channel.remoteAddress?.ipAddress
        listener = ListenerKind(peer: source.channel.remoteAddress)
    }
}

extension EdgeRequestContext {
    /// The certificate in DER that the other end showed, and whose key it has; `nil` where it showed none.
    ///
    /// Nothing else was looked at: any such certificate gets through the handshake.
    func peerCertificate() async throws -> [UInt8]? {
        guard isSecure, let channel else { return nil }
        return try await channel.eventLoop.submit {
            let tls = try channel.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            return try tls.peerCertificate?.toDERBytes()
        }.get()
    }
}

typealias Handler = @Sendable (Request, EdgeRequestContext) async throws -> Response
