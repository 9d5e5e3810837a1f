import EdgeCore
import Hummingbird

/// Creates sessions and shows, awaits and cancels them.
struct SessionRoutes: Sendable {
    let services: APIServices

    /// The longest metadata, bytes of JSON text.
    static let maximumMetadataBytes = 4096

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.enrollment, enroll)
        routes.add(Self.authentication, authenticate)
        routes.add(Self.list, list)
        routes.add(Self.show, show)
        routes.add(Self.status, show)
        routes.add(Self.cancelling, cancel)
        routes.add(Self.deleting, cancel)
    }

    private func enroll(_ call: APICall) async throws -> Response {
        let user = try call.body.requiredText("user_id")
        return try await open(.enrollment, user: user, call)
    }

    private func authenticate(_ call: APICall) async throws -> Response {
        // What life must be shown is the deployment's decision: a client cannot ask for less.
        let user = call.body.text("user_id")
        return try await open(user == nil ? .identification : .verification, user: user, call)
    }

    private func list(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let filter = SessionFilter(
            states: call.query.text("status").flatMap(SessionState.init(rawValue:)).map { [$0] },
            kinds: call.query.text("session_type").flatMap(SessionKind.init(rawValue:)).map { [$0] })
        let page = try await services.catalog.sessions(of: client.id, filter, page: call.page)
        let people = try await services.people(in: page.items)
        return .json(
            try Page.body(page, of: call) {
                SessionBody.resource($0, client: client, token: nil, person: people[$0.id], call.origin)
            })
    }

    private func show(_ call: APICall) async throws -> Response {
        let lookup = SessionLookup(call)
        return try await tell(
            try await services.sessions.session(lookup, of: try call.client().id), lookup, call)
    }

    private func cancel(_ call: APICall) async throws -> Response {
        let lookup = SessionLookup(call)
        return try await tell(
            try await services.sessions.cancel(lookup, of: try call.client().id), lookup, call)
    }

    private func tell(_ session: SessionSnapshot, _ lookup: SessionLookup, _ call: APICall) async throws -> Response {
        .json(
            SessionBody.resource(
                session, client: try call.client(), token: lookup.token,
                person: try await services.person(in: session), call.origin))
    }

    private func open(_ kind: SessionKind, user: String?, _ call: APICall) async throws -> Response {
        let request = try request(kind, user: user, call)
        var body = SessionBody.created(try await services.sessions.open(request))
        if case .string(let token) = body["session_token"], request.frameSource == .upload {
            body["websocket_url"] = .string(call.webSocketOrigin + "/ws/auth/process-image/\(token)/")
        }
        return .json(body, status: .created)
    }

    /// Checks what a schema cannot say about the fields that all sessions share.
    private func request(_ kind: SessionKind, user: String?, _ call: APICall) throws -> SessionRequest {
        var errors = FieldErrors()
        let source = call.body.text("frame_source").flatMap(FrameOrigin.init(rawValue:)) ?? .upload
        let camera = call.body.text("camera")
        if camera != nil, source == .upload {
            // No schema can say this about two fields: for uploads there is no camera of any name.
            throw EdgeError(
                .cameraUnknown, "Only a session with frame_source camera has a camera.", field: "camera")
        }
        let metadata = call.body.object("metadata") ?? [:]
        let text = JSONValue.object(metadata).bytes
        if text.count > Self.maximumMetadataBytes {
            errors.add("metadata", "Ensure this field has no more than \(Self.maximumMetadataBytes) bytes.")
        }
        let samples = kind == .enrollment ? Self.targetSamples(metadata, &errors) : nil
        try errors.throwIfAny()
        return SessionRequest(
            client: try call.client().id, kind: kind, externalUserID: user, displayName: Self.displayName(metadata),
            sessionType: try call.body.requiredText("session_type"), frameSource: source, camera: camera,
            targetSamples: samples, metadataJSON: String(decoding: text, as: UTF8.self),
            consent: kind == .enrollment ? ConsentBody.consent(call.body) : nil)
    }

    /// Three samples at least, as the reference has it, however few a client asks for.
    private static func targetSamples(_ metadata: JSONObject, _ errors: inout FieldErrors) -> Int? {
        guard let value = metadata["target_samples"], value != .null else { return nil }
        guard case .integer(let number) = Schema.integer(1...10).check(value, "metadata", &errors) else { return nil }
        return max(Int(number), 3)
    }

    private static func displayName(_ metadata: JSONObject) -> String? {
        guard let name = metadata["display_name"]?.stringValue, !name.allSatisfy(\.isWhitespace) else { return nil }
        return String(String.UnicodeScalarView(name.unicodeScalars.prefix(100)))
    }
}

extension SessionLookup {
    /// The session that a path names: by our id, or by the token.
    init(_ call: APICall) {
        let text = call.path["session"] ?? ""
        self = SessionID(text).map(SessionLookup.id) ?? .token(SessionToken(rawValue: text))
    }

    /// The token, when that is how the caller named the session.
    var token: SessionToken? { if case .token(let token) = self { token } else { nil } }
}

extension APICall {
    /// The same place for WebSockets: `ws://127.0.0.1:8080`.
    var webSocketOrigin: String {
        let origin = origin
        return origin.isEmpty ? "" : "ws" + origin.dropFirst("http".count)
    }
}

extension APIServices {
    /// Who a session may tell of: the person recognised or enrolled, and the one whom an enrollment claims.
    ///
    /// Not the one whom a verification claims: that would tell whether there is somebody of that name.
    func person(in session: SessionSnapshot) async throws(EdgeError) -> PersonRecord? {
        if let matched = session.matchedPerson { return try await people.person(matched.id, of: session.client) }
        guard session.kind == .enrollment, let user = session.externalUserID else { return nil }
        return try await people.person(externalID: user, of: session.client)
    }

    /// The same for a page of sessions.
    func people(in sessions: [SessionSnapshot]) async throws(EdgeError) -> [SessionID: PersonRecord] {
        var found: [SessionID: PersonRecord] = [:]
        for session in sessions { found[session.id] = try await person(in: session) }
        return found
    }
}
