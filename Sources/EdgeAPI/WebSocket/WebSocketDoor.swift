import EdgeCore
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Lets clients into the WebSockets of their sessions: `/ws/auth/process-image/{session_token}/`.
///
/// The token in the path is the credential. All listeners share one door, so that a session has one connection.
struct WebSocketDoor: Sendable {
    /// Whose credentials come with a request; `nil` without any.
    ///
    /// Throws `credentials.…`.
    typealias CredentialOwner = @Sendable (Request) async throws(EdgeError) -> ClientID?
    /// Whether a page of this origin may use the client's sessions; the device's own pages always may.
    typealias OriginCheck = @Sendable (_ origin: String, _ client: ClientRecord) -> Bool

    /// What stands behind the door.
    struct Entrance: Sendable {
        let token: SessionToken
        let session: SessionSnapshot
        let answers: AsyncStream<FrameAnswer>
    }

    /// Why somebody stays outside.
    struct Refusal: Error {
        let error: EdgeError
        var session: SessionSnapshot?
    }

    let services: APIServices
    let configuration: APIConfiguration
    let log: Logger
    let isAllowedOrigin: OriginCheck
    let credentialOwner: CredentialOwner
    /// Between two pings.
    var pingInterval: Duration = .seconds(20)
    /// How the time between two pings passes.
    var pause: @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    /// For the peer's answer to a close.
    var closeTimeout: Duration = .seconds(2)
    let presence = WebSocketPresence()

    /// Puts a door together.
    init(
        services: APIServices, configuration: APIConfiguration, log: Logger, isAllowedOrigin: @escaping OriginCheck,
        credentialOwner: @escaping CredentialOwner
    ) {
        self.services = services
        self.configuration = configuration
        self.log = log
        self.isAllowedOrigin = isAllowedOrigin
        self.credentialOwner = credentialOwner
    }

    /// Serves one connection until it is closed.
    ///
    /// `onEntrance` is called once its session is known and may be fed.
    func serve(
        _ frames: NIOAsyncChannel<WebSocketFrame, WebSocketFrame>, _ head: HTTPRequestHead,
        onEntrance: @escaping @Sendable () -> Void = {}
    ) async {
        let origin = RequestOrigin(
            address: frames.channel.remoteAddress?.ipAddress,
            userAgent: head.headers["user-agent"].first,
            requestID: String(UInt64.random(in: .min ... .max), radix: 16))
        await RequestOrigin.$current.withValue(origin) {
            do {
                try await frames.executeThenClose { inbound, outbound in
                    await serve(frames.channel, inbound, outbound, head, onEntrance)
                }
            } catch {
                log.trace("A WebSocket ended: \(error)")
            }
        }
    }

    private func serve(
        _ channel: any Channel, _ inbound: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>, _ head: HTTPRequestHead,
        _ onEntrance: @Sendable () -> Void
    ) async {
        do throws(Refusal) {
            let entrance = try await admit(head)
            onEntrance()
            await WebSocketConnection(door: self, entrance: entrance, channel: channel).run(inbound, outbound)
        } catch {
            log.debug("A WebSocket was refused.", metadata: ["code": "\(error.error.code.rawValue)"])
            let message = WebSocketMessages.refusal(error.error, session: error.session)
            try? await outbound.write(.text(message))
            try? await outbound.write(.close(.refusing(error.error)))
            await linger(on: channel)
        }
    }

    /// Waits for the peer to close, so that the last frames are read before the connection is gone.
    func linger(on channel: any Channel) async {
        let limit = channel.eventLoop.scheduleTask(in: TimeAmount(closeTimeout)) { channel.close(promise: nil) }
        try? await channel.closeFuture.get()
        limit.cancel()
    }

    /// Checks everything before a word is said.
    ///
    /// What kind of session it is, and that it has ended, learns only who passed the other checks.
    func admit(_ head: HTTPRequestHead) async throws(Refusal) -> Entrance {
        guard let token = WebSocketHandshake.token(in: head.uri) else {
            throw Refusal(error: EdgeError(.sessionUnknown))
        }
        let session: SessionSnapshot
        let answers: AsyncStream<FrameAnswer>
        do throws(EdgeError) {
            let tenant = try await services.sessions.tenant(of: token)
            guard let client = try await services.clients.client(tenant) else { throw EdgeError(.sessionUnknown) }
            guard client.isActive else { throw EdgeError(.credentialsForbidden, "The client is not active.") }
            try checkOrigin(head, client)
            try await checkCredentials(head, client)
            session = try await services.sessions.session(.token(token), of: client.id)
            answers = try await services.sessions.answers(of: .id(session.id), client: client.id)
        } catch {
            throw Refusal(error: error)
        }
        guard session.state.isOpen else {
            let isExpired = session.state == .expired
            throw Refusal(error: EdgeError(isExpired ? .sessionExpired : .sessionClosed), session: session)
        }
        return Entrance(token: token, session: session, answers: answers)
    }

    private func checkOrigin(_ head: HTTPRequestHead, _ client: ClientRecord) throws(EdgeError) {
        let origins = head.headers["origin"]
        guard !origins.isEmpty else { return }
        guard origins.count == 1, let origin = origins.first else { throw EdgeError(.requestOrigin) }
        let host = head.headers["host"].first?.lowercased()
        // A browser names the origin as it names the host, without the scheme's own port.
        if let host, ["http://\(host)", "https://\(host)"].contains(origin.lowercased()) { return }
        guard isAllowedOrigin(origin, client) else { throw EdgeError(.requestOrigin) }
    }

    private func checkCredentials(_ head: HTTPRequestHead, _ client: ClientRecord) async throws(EdgeError) {
        guard head.headers.contains(name: "authorization") || head.headers.contains(name: "x-api-key") else { return }
        guard let fields = try? HTTPRequest(head, secure: false, splitCookie: false) else {
            throw EdgeError(.credentialsInvalid)
        }
        let owner = try await credentialOwner(Request(head: fields, body: RequestBody(buffer: ByteBuffer())))
        guard owner == client.id else {
            throw EdgeError(.credentialsForbidden, "These credentials are not those of the session's client.")
        }
    }
}

extension WebSocketFrame {
    /// A message.
    static func text(_ body: JSONObject) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: JSONValue.object(body).bytes))
    }

    /// The last frame.
    static func close(_ close: WebSocketClose) -> WebSocketFrame {
        var data = ByteBuffer(integer: close.code)
        data.writeString(close.reason)
        return WebSocketFrame(fin: true, opcode: .connectionClose, data: data)
    }
}
