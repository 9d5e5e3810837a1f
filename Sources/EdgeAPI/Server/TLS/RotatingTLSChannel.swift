import HummingbirdCore
import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Puts TLS before another channel, each connection with the certificate that is in use when it begins.
struct RotatingTLSChannel<Base: ServerChildChannel>: ServerChildChannel {
    typealias Value = Base.Value

    let base: Base
    let certificate: ServerCertificate
    /// How long a client may take to agree on a key.
    let handshakeTimeout: TimeAmount

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(handler())
            try channel.pipeline.syncOperations.addHandler(HandshakeDeadline(handshakeTimeout))
        }.flatMap {
            base.setup(channel: channel, logger: logger)
        }
    }

    /// Where clients are asked for certificates, what they show is judged with their first request and not before: so who is
    /// refused hears why, and who has none that is good can ask for another one.
    private func handler() -> NIOSSLServerHandler {
        guard certificate.asksClients else { return NIOSSLServerHandler(context: certificate.context) }
        return NIOSSLServerHandler(
            context: certificate.context,
            customVerificationCallback: { _, verdict in verdict.succeed(.certificateVerified) })
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Drops a connection whose handshake does not end in time: until then it holds a place and has proved nothing.
final class HandshakeDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    init(_ limit: TimeAmount) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: limit) { Self.drop(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case .handshakeCompleted = event as? TLSUserEvent else { return }
        deadline?.cancel()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    /// Closes from the TLS handler's own place, past it: who never said hello does not answer a goodbye either.
    private static func drop(_ context: ChannelHandlerContext) {
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? context).close(mode: .all, promise: nil)
    }
}
