import EdgeCore
import HTTPTypes
import Hummingbird
import Logging

/// Puts the headers on every answer, turns every error into JSON, and writes the access log.
///
/// Stands outermost, so that no answer leaves without them. The log names routes by their pattern: a path may hold a token.
struct AnswerMiddleware: RouterMiddleware {
    let routes: RouteTable

    func handle(
        _ request: Request, context: EdgeRequestContext,
        next: (Request, EdgeRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            response = routes.unmatched(request)
        } catch is CancellationError {
            response = ErrorBody.response(to: EdgeError(.shuttingDown))
        } catch {
            response = ErrorBody.response(to: error)
            if response.status.kind == .serverError { report(error, context: context) }
        }
        addHeaders(to: &response, requestID: requestID(request, context))
        if request.method == .head { response = response.createHeadResponse() }
        context.logger.debug(
            "request",
            metadata: [
                "method": "\(request.method.rawValue)", "route": "\(context.endpointPath ?? "-")",
                "status": "\(response.status.code)",
            ])
        return response
    }

    private func report(_ error: any Error, context: EdgeRequestContext) {
        // The type of a foreign error is safe to log; its text may quote the request.
        let name = (error as? EdgeError)?.description ?? (error as? RequestFailure)?.error.description
        context.logger.error(
            "A request failed",
            metadata: ["route": "\(context.endpointPath ?? "-")", "error": "\(name ?? "\(type(of: error))")"])
    }

    /// The caller's own id when it is harmless, else ours.
    private func requestID(_ request: Request, _ context: EdgeRequestContext) -> String {
        guard let given = request.headers[.requestID], (1...64).contains(given.utf8.count),
            given.utf8.allSatisfy(Self.isHarmless)
        else { return context.requestID }
        return given
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private func addHeaders(to response: inout Response, requestID: String) {
        response.headers[.requestID] = requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        response.headers[.frameOptions] = "DENY"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
    }
}

/// Lets a request through that an active client sent, and says which.
struct ClientAuthentication: RouterMiddleware {
    let clients: any ClientRepository
    let tokens: TokenIssuer

    func handle(
        _ request: Request, context: EdgeRequestContext,
        next: (Request, EdgeRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.client = try await client(of: request)
        return try await next(request, context)
    }

    private func client(of request: Request) async throws(EdgeError) -> ClientRecord {
        if let key = request.headers[.apiKey] { return try await client(apiKey: key) }
        guard let authorization = request.headers[.authorization] else { throw EdgeError(.credentialsMissing) }
        let words = authorization.split(separator: " ")
        guard words.count == 2, ["bearer", "jwt"].contains(words[0].lowercased()) else {
            throw EdgeError(.credentialsInvalid, "Use Authorization: Bearer with an access token.")
        }
        let credential = String(words[1])
        // The reference API takes an API key as a bearer credential too.
        if credential.hasPrefix("frapi_") { return try await client(apiKey: credential) }
        let claims = try await tokens.verify(credential, use: .access)
        return try await activeClient(claims.client)
    }

    private func client(apiKey: String) async throws(EdgeError) -> ClientRecord {
        guard apiKey.utf8.count <= 256, let client = try await clients.client(apiKey: apiKey) else {
            throw EdgeError(.credentialsInvalid, "Invalid API key.")
        }
        return client
    }

    /// A token outlives its client's deactivation; the client's right does not.
    private func activeClient(_ id: ClientID) async throws(EdgeError) -> ClientRecord {
        guard let client = try await clients.client(id), client.isActive else {
            throw EdgeError(.credentialsInvalid, "Invalid client.")
        }
        return client
    }
}

extension HTTPField.Name {
    static let requestID = named("X-Request-ID")
    static let apiKey = named("X-API-Key")
    static let referrerPolicy = named("Referrer-Policy")
    static let frameOptions = named("X-Frame-Options")
    static let permissionsPolicy = named("Permissions-Policy")

    private static func named(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is not a header name") }
        return name
    }
}
