import EdgeCore
import HTTPTypes
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
        routes.add(Self.resultOperation, result)
        routes.add(Self.eventsOperation, events)
    }

    static let resultOperation = Operation(
        .get, "/api/auth/sessions/{session}/result", id: "auth_sessions_result_retrieve", tag: .sessions,
        "Wait for a session's decision", access: .sessions, answers: [.ok(.component("SessionAnswer"))]
    ).asks(
        .optional("wait", Schema.number(0...maximumWait).note("How long to wait, seconds."))
    ).details("Answers when the session ends, or after `wait` seconds with the present state.")

    static let eventsOperation = Operation(
        .get, "/api/auth/sessions/{session}/events", id: "auth_sessions_events_retrieve", tag: .streaming,
        "A session's answers as server-sent events", access: .sessions,
        answers: [
            Operation.Answer(
                status: .ok, note: "`frame` for each frame and `result` at the end, with a SessionAnswer as data.",
                schema: .anyText, contentType: "text/event-stream")
        ]
    ).with { $0.isStream = true }

    private func result(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let lookup = SessionLookup(call)
        let wait = Duration.milliseconds(Int((call.query.number("wait") ?? 0) * 1000))
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

    private func events(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let lookup = SessionLookup(call)
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
}
