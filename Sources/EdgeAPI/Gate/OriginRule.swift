import EdgeCore
import HTTPTypes
import Hummingbird

/// Which pages in a browser may call the API (CORS, Fetch Standard 3.2): the device's own, those that the configuration
/// names, and those of the hosts that a client allows.
struct OriginRule: Sendable {
    let clients: any ClientRepository
    /// From the configuration, as browsers write them: `https://kiosk.example`.
    let allowed: [String]

    /// Whether a page of `origin` may call with the credentials of `caller`.
    ///
    /// Where nobody's credentials are asked for, a page that any client allows may call: it gets its tokens there.
    func allows(_ origin: String, _ request: Request, caller: Caller) async -> Bool {
        switch caller {
        case .nobody: await isKnown(origin, request)
        case .technician: isTrusted(origin, request)
        case .client(let client): isTrusted(origin, request) || Self.names(client.allowedDomains, origin)
        }
    }

    /// Whether a page of `origin`, which is not the device's own, may use a client's sessions.
    func allows(_ origin: String, _ client: ClientRecord) -> Bool {
        allowed.contains(origin) || Self.names(client.allowedDomains, origin)
    }

    /// The answer to a browser that asks beforehand; `nil` when the request is no such question.
    ///
    /// The question carries no credentials, so any client's page is told yes; the call itself is checked again.
    func preflight(_ request: Request, methods: [String]) async -> Response? {
        guard request.method == .options, let origin = request.headers[.origin],
            request.headers[.accessControlRequestMethod] != nil, !methods.isEmpty
        else { return nil }
        var response = Response(status: .noContent)
        response.headers[.vary] = "Origin"
        guard await isKnown(origin, request) else { return response }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlAllowMethods] = methods.joined(separator: ", ")
        response.headers[.accessControlAllowHeaders] = Self.requestHeaders
        response.headers[.accessControlMaxAge] = "600"
        return response
    }

    /// Lets the page of an allowed origin read the answer, be it an error.
    func mark(_ response: inout Response, for request: Request, caller: Caller) async {
        guard let origin = request.headers[.origin] else { return }
        response.headers[.vary] = [response.headers[.vary], "Origin"].compactMap(\.self).joined(separator: ", ")
        guard await allows(origin, request, caller: caller) else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] =
            "X-Request-ID, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Idempotency-Replayed"
    }

    private func isKnown(_ origin: String, _ request: Request) async -> Bool {
        if isTrusted(origin, request) { return true }
        // A store that cannot be read allows nobody.
        let clients = (try? await clients.clients()) ?? []
        return clients.contains { $0.isActive && Self.names($0.allowedDomains, origin) }
    }

    private func isTrusted(_ origin: String, _ request: Request) -> Bool {
        isOwn(origin, request) || allowed.contains(origin)
    }

    private func isOwn(_ origin: String, _ request: Request) -> Bool {
        guard let host = request.head.authority else { return false }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    /// Whether one of `domains` is the origin's host, with its port when it names one, or `*.` and an ending of it.
    static func names(_ domains: [String], _ origin: String) -> Bool {
        guard let url = WireURL(origin), let place = origin.split(separator: "/").last.map(String.init) else {
            return false
        }
        return domains.contains { domain in
            let domain = domain.lowercased()
            if domain.hasPrefix("*.") { return url.host.lowercased().hasSuffix(domain.dropFirst()) }
            return domain == url.host.lowercased() || domain == place.lowercased() || domain == origin.lowercased()
        }
    }

    private static let requestHeaders =
        "Authorization, Content-Type, X-API-Key, X-Client-ID, X-Request-ID, Idempotency-Key, Last-Event-ID"
}
