import EdgeCore
import HTTPTypes
import Hummingbird

/// Tells whose request it is, by the reference's three forms of a credential.
///
/// `Authorization: Bearer` or `JWT` with an access token, `Authorization: Bearer` with an API key, `X-API-Key`.
struct Authenticator: Sendable {
    let clients: any ClientRepository
    let tokens: TokenDesk

    /// The caller of a request; `.nobody` without credentials.
    ///
    /// Throws `credentials.invalid`, `credentials.expired`, `credentials.revoked`. With both headers the API key counts.
    func caller(of request: Request) async throws(EdgeError) -> Caller {
        do throws(TokenDesk.Refusal) { return try await examine(request) } catch { throw error.error }
    }

    /// The same; a refusal says whose credential it was, where that is known.
    func examine(_ request: Request) async throws(TokenDesk.Refusal) -> Caller {
        if let key = request.headers[.apiKey] { return .client(try await client(apiKey: key)) }
        guard let authorization = request.headers[.authorization] else { return .nobody }
        let words = authorization.split(separator: " ")
        guard words.count == 2, ["bearer", "jwt"].contains(words[0].lowercased()) else {
            throw TokenDesk.Refusal(
                error: EdgeError(.credentialsInvalid, "Use Authorization: Bearer with an access token."))
        }
        let credential = String(words[1])
        if credential.hasPrefix("frapi_") { return .client(try await client(apiKey: credential)) }
        return try await tokens.holding(credential, use: .access).caller
    }

    private func client(apiKey: String) async throws(TokenDesk.Refusal) -> ClientRecord {
        do throws(EdgeError) {
            guard apiKey.utf8.count <= 256, let client = try await clients.client(apiKey: apiKey) else {
                throw EdgeError(.credentialsInvalid, "Invalid API key")
            }
            return client
        } catch {
            throw TokenDesk.Refusal(error: error)
        }
    }
}

extension HTTPField.Name {
    static let apiKey = named("X-API-Key")
    static let requestID = named("X-Request-ID")
    static let referrerPolicy = named("Referrer-Policy")
    static let frameOptions = named("X-Frame-Options")
    static let permissionsPolicy = named("Permissions-Policy")
    static let idempotencyKey = named("Idempotency-Key")
    static let idempotencyReplayed = named("Idempotency-Replayed")
    static let rateLimitLimit = named("RateLimit-Limit")
    static let rateLimitRemaining = named("RateLimit-Remaining")
    static let rateLimitReset = named("RateLimit-Reset")
    static let deprecation = named("Deprecation")
    static let sunset = named("Sunset")

    static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a header name") }
        return name
    }
}
