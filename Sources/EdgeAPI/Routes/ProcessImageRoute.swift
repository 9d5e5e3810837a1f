import EdgeCore
import HTTPTypes
import Hummingbird

/// Takes one picture for a session and answers at once.
struct ProcessImageRoute: Sendable {
    let services: APIServices
    let configuration: APIConfiguration
    /// How fast each session gets pictures.
    private let frames: BucketTable<String>

    init(services: APIServices, configuration: APIConfiguration) {
        self.services = services
        self.configuration = configuration
        let rate = Double(configuration.framesPerSecond)
        frames = BucketTable(capacity: rate * 2, perSecond: rate, clock: services.clock)
    }

    func add(to routes: inout RouteBuilder) { routes.add(Self.operation, process) }

    static let operation = Operation(
        .post, "/api/auth/process-image", id: "auth_process_image_create", tag: .recognition,
        "Send a picture to a session", access: .sessions,
        answers: [
            .ok(.component("SessionAnswer"), "What the picture was worth, and the decision once there is one."),
            .error(.notFound, "There is no such session."),
            .error(.conflict, "The session has ended, or the face is enrolled as somebody else."),
        ]
    ).takes(
        .object([
            .required("session_token", Schema.text()),
            .required(
                "image",
                Schema.picture.note("A file, base64 text or a data URL; in JSON also an object or a list around it.")),
            .optional("frame_number", Schema.integer(0...Int(Int32.max)).orNull),
            .optional("timestamp", Schema.dateTime.orNull),
        ]), files: ["image"]
    ).details("JPEG, PNG or WebP, up to 10 MiB. For enrollments and authentications alike.")

    private func process(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let token = try call.body.requiredText("session_token")
        guard let picture = call.body.files["image"] else { throw FieldErrors("image", FieldErrors.required) }
        guard !picture.isEmpty else { throw EdgeError(.imageEmpty, field: "image") }
        guard picture.count <= configuration.maximumImageBytes else {
            throw EdgeError(
                .requestTooLarge, "The picture is larger than \(configuration.maximumImageBytes) bytes.",
                field: "image")
        }
        try frames.take("\(client.id) \(token)", "The session gets more pictures a second than it may.")
        let answer = try await submit(picture, token: token, client: client)
        return .json(FrameBody.body(answer), status: FrameBody.status(answer))
    }

    private func submit(_ picture: [UInt8], token: String, client: ClientRecord) async throws -> FrameAnswer {
        do {
            return try await services.sessions.submit(
                picture, to: .token(SessionToken(rawValue: token)), of: client.id)
        } catch {
            guard error.code == .sessionExpired else { throw error }
            throw RequestFailure(error: error, extra: ["session_token": .string(token)])
        }
    }
}
