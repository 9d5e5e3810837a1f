import EdgeCore
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Serves HTTP/1.1 on a connection, or a WebSocket when its first request asks for one at the door's path.
///
/// A later request of the same connection is always HTTP: browsers and proxies open a connection for each WebSocket.
struct HTTP1WebSocketChannel: ServerChildChannel, HTTPChannelHandler {
    /// What a connection has become.
    enum Speech: Sendable {
        case http(NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>)
        case webSocket(NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, HTTPRequestHead)
    }

    /// A connection whose first request is awaited.
    struct Value: ServerChildChannelValue {
        let speech: EventLoopFuture<Speech>
        let channel: any Channel
    }

    let responder: Responder
    let configuration: HTTP1Channel.Configuration
    let door: WebSocketDoor
    let ledger: ConnectionLedger?

    /// Puts a channel together; `configuration` holds for HTTP as it does without WebSockets.
    init(
        responder: @escaping Responder, configuration: HTTP1Channel.Configuration, door: WebSocketDoor,
        ledger: ConnectionLedger? = nil
    ) {
        self.responder = responder
        self.configuration = configuration
        self.door = door
        self.ledger = ledger
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            let speech = try operations.configureUpgradableHTTPServerPipeline(configuration: pipeline(logger))
            let decoder = try operations.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try operations.addHandler(
                UpgradeGate(timeout: TimeAmount(door.configuration.headTimeout)), position: .after(decoder))
            return Value(speech: speech, channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let channel = value.channel
        do {
            let speech = try await withTaskCancellationHandler {
                try await value.speech.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            switch speech {
            case .http(let parts): await handleHTTP(asyncChannel: parts, logger: logger)
            case .webSocket(let frames, let head):
                await door.serve(frames, head) { [ledger] in
                    // It may be silent for long and is wanted all the same.
                    ledger?.note(.answered, channel)
                }
            }
        } catch {
            // The peer went away, was too slow or sent something else than HTTP: nothing is owed to it.
            logger.trace("A connection ended before its first request: \(error)")
            channel.close(promise: nil)
        }
    }

    private func pipeline(_ logger: Logger) -> NIOUpgradableHTTPServerPipelineConfiguration<Speech> {
        let http = configuration
        var pipeline = NIOUpgradableHTTPServerPipelineConfiguration<Speech>(
            upgradeConfiguration: .init(
                upgraders: [upgrader],
                notUpgradingCompletionHandler: { channel in Self.speakHTTP(on: channel, http, logger) }))
        pipeline.decoderConfiguration.maxHeaderFieldSize = http.httpDecoder.maxHeaderFieldSize
        pipeline.decoderConfiguration.maxHeaderListSize = http.httpDecoder.maxHeaderListSize
        pipeline.decoderConfiguration.maxHeaderFieldCount = http.httpDecoder.maxHeaderFieldCount
        // As in Hummingbird's own channel: it takes one request after the other, and answers broken ones itself.
        pipeline.enablePipelining = false
        pipeline.enableErrorHandling = false
        pipeline.enableResponseHeaderValidation = false
        return pipeline
    }

    private static func speakHTTP(
        on channel: any Channel, _ configuration: HTTP1Channel.Configuration, _ logger: Logger
    ) -> EventLoopFuture<Speech> {
        channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
            try operations.addHandlers(configuration.additionalChannelHandlers())
            try operations.addHandler(
                HTTPConnectionStateHandler(idleTimeout: configuration.idleTimeout.map { .init($0) }, logger: logger))
            return .http(
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true)))
        }
    }

    /// Takes every handshake that ``UpgradeGate`` lets through: whoever is refused is told so in the WebSocket.
    private var upgrader: NIOTypedWebSocketServerUpgrader<Speech> {
        NIOTypedWebSocketServerUpgrader(
            maxFrameSize: door.configuration.maximumBodyBytes, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    // Nobody answers into a WebSocket whose other end has stopped to speak.
                    try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
                    // A frame may be a whole picture: read the next one only when somebody wants it.
                    return .webSocket(
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 2))),
                        head)
                }
            })
    }
}
