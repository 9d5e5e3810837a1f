import EdgeCore
import FoundationEssentials
import Hummingbird
import ServiceLifecycle

/// Waits for a session's outcome: a long poll for door controllers, an event stream for kiosks.
struct ResultRoutes: Sendable {
    let services: APIServices
    let configuration: APIConfiguration
    private let waiting = WaitingRoom()

    init(services: APIServices, configuration: APIConfiguration) {
        self.services = services
        self.configuration = configuration
    }

    /// The longest wait of a long poll, seconds.
    static let maximumWait = 60.0

    func add(to routes: inout RouteBuilder) {
        routes.client(.get, "/api/auth/sessions/:session/result", handler: result)
        routes.client(.get, "/api/auth/sessions/:session/events", handler: events)
    }

    @Sendable private func result(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        let lookup = try SessionLookup(of: context)
        let wait = try seconds(of: request)
        let session = try await services.sessions.session(lookup, of: client.id)
        guard session.state.isOpen, wait > .zero else { return .json(SessionBody.result(session)) }
        let seat = try waiting.enter(session.id)
        defer { withExtendedLifetime(seat) {} }
        let answers = try await services.sessions.answers(of: lookup, client: client.id)
        if let last = await LongPoll.lastAnswer(of: answers, within: wait) {
            return .json(FrameBody.body(last))
        }
        return .json(SessionBody.result(try await services.sessions.session(lookup, of: client.id)))
    }

    @Sendable private func events(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        let lookup = try SessionLookup(of: context)
        let seat = try waiting.enter(try await services.sessions.session(lookup, of: client.id).id)
        let answers = try await services.sessions.answers(of: lookup, client: client.id)
        let heartbeat = configuration.heartbeat
        let body = ResponseBody { writer in
            // The seat goes with the body, also when nobody ever reads it.
            defer { withExtendedLifetime(seat) {} }
            let feed = EventFeed(heartbeat: heartbeat)
            try await feed.run(answers) { bytes in try await writer.write(ByteBuffer(bytes: bytes)) }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func seconds(of request: Request) throws -> Duration {
        guard let text = request.uri.queryParameters["wait"] else { return .zero }
        guard let seconds = Double(text), (0...Self.maximumWait).contains(seconds) else {
            throw FieldErrors("wait", "A number of seconds from 0 to 60 is required.")
        }
        return .milliseconds(Int(seconds * 1000))
    }
}
