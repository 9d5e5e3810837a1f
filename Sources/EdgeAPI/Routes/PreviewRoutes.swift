import EdgeCore
import HTTPTypes
import Hummingbird
import NIOCore

/// What the cameras see, for people who look: a stream of pictures, and a single one.
struct PreviewRoutes: Sendable {
    /// How often one caller may begin to look, at once and then every few seconds: each look is a line of the audit trail.
    private static let looksAtOnce = 10.0
    private static let looksPerSecond = 0.5

    let services: APIServices
    private let authenticator: Authenticator
    private let feed: PreviewFeed
    private let looks: BucketTable<String>

    init(services: APIServices, configuration: APIConfiguration, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
        feed = PreviewFeed(patience: configuration.heartbeat)
        looks = BucketTable(
            capacity: Self.looksAtOnce, perSecond: Self.looksPerSecond, clock: services.clock)
    }

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.streamOperation, stream)
        routes.add(Self.snapshotOperation, snapshot)
    }

    /// Who stands before the camera is nobody's tenant: whoever works at the device sees them, and no backend.
    private static let viewers = Access.scopes([.kiosk, .technician, .admin])

    private static let camera = Schema.Property.optional(
        "camera", Schema.text().note("The camera's name; the first one without it."))

    private static let unseen = Operation.Answer.error(
        .notFound, "There is no such camera, or nobody may look from there: `capture.preview.off`.")

    static let streamOperation = Operation(
        .get, "/api/core/cameras/preview", id: "core_cameras_preview_retrieve", tag: .streaming,
        "What a camera sees, as a stream of JPEGs", access: viewers,
        answers: [
            Operation.Answer(
                status: .ok, note: "A few pictures a second, each in the place of the one before; the newest ones.",
                schema: .anyText, contentType: "multipart/x-mixed-replace"), unseen,
        ]
    ).asks(camera).with { $0.isStream = true }
        .details("Where `[preview] access` of the configuration allows it. That somebody looked is audited.")

    static let snapshotOperation = Operation(
        .get, "/api/core/cameras/snapshot", id: "core_cameras_snapshot_retrieve", tag: .system,
        "What a camera sees, once", access: viewers,
        answers: [
            Operation.Answer(status: .ok, note: "The next picture.", schema: .anyText, contentType: "image/jpeg"),
            unseen,
        ]
    ).asks(camera).details("As for the stream.")

    private func snapshot(_ call: APICall) async throws -> Response {
        let preview = try leave(call)
        let seen = try await preview.snapshot(call.query.text("camera"))
        try await note("preview.snapshot", ["camera": .string(seen.camera)], call.caller)
        return Response(
            status: .ok, headers: [.contentType: "image/jpeg", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: seen.frame.image.bytes)))
    }

    private func stream(_ call: APICall) async throws -> Response {
        let preview = try leave(call)
        let headers: HTTPFields = [.contentType: PreviewFeed.contentType, .cacheControl: "no-store"]
        // Only the head is wanted: that shows nothing.
        guard call.request.method != .head else { return Response(status: .ok, headers: headers) }
        let view = try preview.watch(call.query.text("camera"))
        try await note("preview.opened", ["camera": .string(view.camera)], call.caller)
        let (origin, began, channel) = (RequestOrigin.current, services.clock.instant, call.context.channel)
        let isWelcome = stillWelcome(call)
        let body = ResponseBody { writer in
            // The view goes with the body, also when nobody ever reads it.
            defer { withExtendedLifetime(view) {} }
            let progress = PreviewFeed.Progress()
            do {
                try await feed.run(
                    view.pictures, progress, hangUp: { channel?.close(promise: nil) }, isWelcome: isWelcome
                ) { bytes in
                    try await writer.write(ByteBuffer(bytes: bytes))
                }
            } catch {
                await noteEnd(view.camera, progress, since: began, call.caller, origin)
                throw error
            }
            await noteEnd(view.camera, progress, since: began, call.caller, origin)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// Whether the credentials of the request are still good: a client that is deactivated and a token that is over look no more.
    private func stillWelcome(_ call: APICall) -> @Sendable () async -> Bool {
        let (authenticator, request, scope) = (authenticator, call.request, call.caller.scope)
        return {
            do throws(EdgeError) {
                return try await authenticator.caller(of: request).scope == scope
            } catch {
                return false
            }
        }
    }

    /// Throws `capture.preview.off`, `request.limited`.
    private func leave(_ call: APICall) throws(EdgeError) -> any CameraPreview {
        guard let preview = services.preview else { throw EdgeError(.previewOff) }
        switch preview.access {
        case .off: throw EdgeError(.previewOff)
        case .local:
            guard call.context.listener != .lan else {
                throw EdgeError(.previewOff, "Only this machine may look through the cameras.")
            }
        case .network: break
        }
        try looks.take(call.caller.name ?? "", "Too many looks through the cameras.")
        return preview
    }

    private func note(_ action: String, _ details: JSONObject, _ caller: Caller) async throws(EdgeError) {
        try await services.audit.append(
            AuditRecord(
                action: action, client: caller.client?.id, succeeded: true,
                detailsJSON: String(decoding: JSONValue.object(details).bytes, as: UTF8.self), at: services.clock.wall))
    }

    /// Who looked is gone by now; that the line cannot be written is told by the store itself.
    private func noteEnd(
        _ camera: String, _ progress: PreviewFeed.Progress, since began: FrameClock.Instant, _ caller: Caller,
        _ origin: RequestOrigin?
    ) async {
        let seconds = began.duration(to: services.clock.instant).components.seconds
        let details: JSONObject = [
            "camera": .string(camera), "pictures": .whole(progress.pictures), "seconds": .integer(seconds),
        ]
        await RequestOrigin.$current.withValue(origin) {
            _ = try? await note("preview.closed", details, caller)
        }
    }
}
