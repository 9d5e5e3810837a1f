import EdgeCore
import Hummingbird

/// Credentials in, tokens out.
struct AuthRoutes: Sendable {
    let services: APIServices
    let configuration: APIConfiguration
    let tokens: TokenIssuer
    let body: BodyReader
    private let failures: FailureGuard

    init(services: APIServices, configuration: APIConfiguration, tokens: TokenIssuer, body: BodyReader) {
        self.services = services
        self.configuration = configuration
        self.tokens = tokens
        self.body = body
        failures = FailureGuard(clock: services.clock)
    }

    func add(to routes: inout RouteBuilder) {
        routes.open(.post, "/api/core/auth/client", "/api/auth/client", handler: authenticate)
        routes.open(.post, "/api/core/auth/refresh", "/api/auth/refresh", handler: refresh)
    }

    @Sendable private func authenticate(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        var reader = FieldReader(try await body.fields(of: request))
        let key = reader.text("api_key", required: true, limit: 256)
        let secret = reader.text("api_secret", required: true, limit: 512)
        try reader.errors.throwIfAny()
        guard let key, let secret else { throw EdgeError(.requestInvalid) }
        let client = try await failures.run(from: context.remoteAddress) {
            try await authenticatedClient(key: key, secret: secret)
        }
        let access = try await tokens.issue(.access, for: client, lifetime: configuration.accessTokenLifetime)
        let refresh = try await tokens.issue(.refresh, for: client, lifetime: configuration.refreshTokenLifetime)
        var answer: JSONObject = ["access": .string(access.text), "refresh": .string(refresh.text)]
        answer.merge(describe(access, client))
        return .json(answer)
    }

    private func authenticatedClient(key: String, secret: String) async throws -> ClientRecord {
        do {
            return try await services.clients.authenticate(apiKey: key, apiSecret: secret)
        } catch {
            guard error.code == .credentialsInvalid else { throw error }
            // The same words whichever of the two is wrong.
            let error = EdgeError(.credentialsInvalid, "Invalid credentials")
            throw RequestFailure(error: error, extra: ["non_field_errors": ["Invalid credentials"]])
        }
    }

    @Sendable private func refresh(_ request: Request, _ context: EdgeRequestContext) async throws -> Response {
        var reader = FieldReader(try await body.fields(of: request))
        let token = reader.text("refresh", required: true, limit: TokenForm.maximumLength)
        try reader.errors.throwIfAny()
        guard let token else { throw EdgeError(.requestInvalid) }
        let client = try await failures.run(from: context.remoteAddress) { try await refreshedClient(token) }
        let access = try await tokens.issue(.access, for: client, lifetime: configuration.accessTokenLifetime)
        var answer: JSONObject = ["access": .string(access.text)]
        answer.merge(describe(access, client))
        return .json(answer)
    }

    private func refreshedClient(_ token: String) async throws(EdgeError) -> ClientRecord {
        let claims = try await tokens.verify(token, use: .refresh)
        guard let client = try await services.clients.client(claims.client), client.isActive else {
            throw EdgeError(.credentialsInvalid, "Invalid client.")
        }
        return client
    }

    /// The reference's names for the same token.
    private func describe(_ access: IssuedToken, _ client: ClientRecord) -> JSONObject {
        [
            "access_token": .string(access.text), "token_type": "JWT", "expires_at": .date(access.expiresAt),
            "client_id": .string(client.publicID), "client_name": .string(client.name),
        ]
    }
}
