import EdgeCore
import Hummingbird

/// Creates sessions and shows, awaits and cancels them.
struct SessionRoutes: Sendable {
    let services: APIServices
    let configuration: APIConfiguration
    let body: BodyReader

    /// The longest metadata, bytes of JSON text.
    static let maximumMetadataBytes = 4096

    func add(to routes: inout RouteBuilder) {
        routes.client(.post, "/api/auth/enrollment", handler: enroll)
        routes.client(.post, "/api/auth/authentication", handler: authenticate)
        routes.client(.get, "/api/auth/sessions/:session", "/api/auth/sessions/:session/status", handler: show)
        routes.client(.delete, "/api/auth/sessions/:session", handler: cancel)
        routes.client(.post, "/api/auth/sessions/:session/cancel", handler: cancel)
    }

    @Sendable private func enroll(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        var reader = FieldReader(try await body.fields(of: request))
        let user = reader.text("user_id", required: true)
        let wanted = try open(.enrollment, client: client, user: user, reader: &reader)
        return .json(SessionBody.created(try await services.sessions.open(wanted)), status: .created)
    }

    @Sendable private func authenticate(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        var reader = FieldReader(try await body.fields(of: request))
        let user = reader.text("user_id", required: false)
        // What life must be shown is the deployment's decision: a client cannot ask for less.
        reader.boolean("require_liveness")
        let wanted = try open(
            user == nil ? .identification : .verification, client: client, user: user, reader: &reader)
        return .json(SessionBody.created(try await services.sessions.open(wanted)), status: .created)
    }

    @Sendable private func show(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        let lookup = try SessionLookup(of: context)
        let session = try await services.sessions.session(lookup, of: client.id)
        return .json(SessionBody.resource(session, client: client, token: lookup.token))
    }

    @Sendable private func cancel(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        let lookup = try SessionLookup(of: context)
        let session = try await services.sessions.cancel(lookup, of: client.id)
        return .json(SessionBody.resource(session, client: client, token: lookup.token))
    }

    private enum SessionType: String { case webcam, mobile, api }

    /// Checks the fields that all sessions share.
    private func open(
        _ kind: SessionKind, client: ClientRecord, user: String?, reader: inout FieldReader
    ) throws -> SessionRequest {
        let type = reader.choice("session_type", required: true, of: SessionType.self)
        let source = reader.choice("frame_source", required: false, of: FrameOrigin.self) ?? .upload
        let camera = reader.text("camera", required: false)
        if camera != nil, source == .upload {
            reader.errors.add("camera", "Only a session with frame_source camera has a camera.")
        }
        let metadata = reader.object("metadata")
        let text = JSONValue.object(metadata).bytes
        if text.count > Self.maximumMetadataBytes {
            reader.errors.add("metadata", "Ensure this field has no more than \(Self.maximumMetadataBytes) bytes.")
        }
        let samples = targetSamples(metadata, &reader)
        try reader.errors.throwIfAny()
        guard let type else { throw EdgeError(.requestInvalid) }
        return SessionRequest(
            client: client.id, kind: kind, externalUserID: user, displayName: displayName(metadata),
            sessionType: type.rawValue, frameSource: source, camera: camera,
            targetSamples: kind == .enrollment ? samples : nil, metadataJSON: String(decoding: text, as: UTF8.self))
    }

    /// Three samples at least, as the reference has it, however few a client asks for.
    private func targetSamples(_ metadata: JSONObject, _ reader: inout FieldReader) -> Int? {
        guard let value = metadata["target_samples"], value != .null else { return nil }
        return reader.integer(value, "metadata", in: 1...20).map { max($0, 3) }
    }

    private func displayName(_ metadata: JSONObject) -> String? {
        guard let name = metadata["display_name"]?.stringValue, !name.allSatisfy(\.isWhitespace) else { return nil }
        return String(name.prefix(100))
    }
}

extension SessionLookup {
    /// The session that a path names: by our id, or by the token.
    init(of context: EdgeRequestContext) throws(EdgeError) {
        guard let text = context.parameters.get("session"), text.utf8.count <= 100 else {
            throw EdgeError(.sessionUnknown)
        }
        self = SessionID(text).map(SessionLookup.id) ?? .token(SessionToken(rawValue: text))
    }

    /// The token, when that is how the caller named the session.
    var token: SessionToken? { if case .token(let token) = self { token } else { nil } }
}
