import EdgeCore
import Hummingbird

/// Takes one picture for a session and answers at once.
struct ProcessImageRoute: Sendable {
    let services: APIServices
    let configuration: APIConfiguration
    let body: BodyReader

    func add(to routes: inout RouteBuilder) {
        routes.client(.post, "/api/auth/process-image", handler: process)
    }

    @Sendable private func process(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        let client = try context.requireClient()
        let fields = try await body.fields(of: request)
        var reader = FieldReader(fields)
        let token = reader.text("session_token", required: true)
        _ = reader.integer("frame_number", in: 0...Int(Int32.max))
        reader.date("timestamp")
        if fields.value("image") == nil { reader.errors.add("image", FieldErrors.required) }
        try reader.errors.throwIfAny()
        guard let token else { throw EdgeError(.requestInvalid) }
        let picture = try ImageField.bytes(of: fields.value("image"), limit: configuration.maximumImageBytes)
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
