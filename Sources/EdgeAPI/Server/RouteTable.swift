import EdgeCore
import HTTPTypes
import Hummingbird

/// Knows which methods each path takes, so that a wrong method is told from a wrong path.
struct RouteTable: Sendable {
    private var methods: [(pattern: [String], method: HTTPRequest.Method)] = []

    /// Notes a route.
    mutating func add(_ method: HTTPRequest.Method, _ path: String) {
        methods.append((Self.segments(path), method))
    }

    /// The answer where no route fits: 404, 405 with `Allow`, or the methods for OPTIONS.
    func unmatched(_ request: Request) -> Response {
        let allowed = allowedMethods(of: request.uri.path)
        guard !allowed.isEmpty else { return ErrorBody.response(to: EdgeError(.requestNotFound)) }
        var response =
            request.method == .options
            ? Response(status: .noContent)
            : ErrorBody.response(to: EdgeError(.requestMethod, "Method \"\(request.method.rawValue)\" not allowed."))
        response.headers[.allow] = allowed.joined(separator: ", ")
        return response
    }

    private func allowedMethods(of path: String) -> [String] {
        let segments = Self.segments(path)
        var allowed = Set(methods.filter { Self.matches($0.pattern, segments) }.map(\.method.rawValue))
        guard !allowed.isEmpty else { return [] }
        if allowed.contains("GET") { allowed.insert("HEAD") }
        allowed.insert("OPTIONS")
        return allowed.sorted()
    }

    private static func segments(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }

    private static func matches(_ pattern: [String], _ segments: [String]) -> Bool {
        pattern.count == segments.count
            && zip(pattern, segments).allSatisfy { pattern, segment in pattern.hasPrefix(":") || pattern == segment }
    }
}

/// Collects routes for one server.
struct RouteBuilder {
    /// A route with what stands before its handler.
    private struct Route {
        let method: HTTPRequest.Method
        let path: String
        let handler: Handler
        let isProtected: Bool
    }

    private var routes: [Route] = []
    private var table = RouteTable()

    /// A route that anybody may call.
    mutating func open(_ method: HTTPRequest.Method, _ paths: String..., handler: @escaping Handler) {
        for path in paths { add(method, path, handler, isProtected: false) }
    }

    /// A route for authenticated clients.
    mutating func client(_ method: HTTPRequest.Method, _ paths: String..., handler: @escaping Handler) {
        for path in paths { add(method, path, handler, isProtected: true) }
    }

    /// The router; a trailing slash never matters.
    func router(authentication: ClientAuthentication?) -> Router<EdgeRequestContext> {
        let router = Router(context: EdgeRequestContext.self, options: .autoGenerateHeadEndpoints)
        // Middleware sees only the routes that are added after it.
        router.add(middleware: AnswerMiddleware(routes: table))
        for route in routes {
            let path = RouterPath(route.path)
            if route.isProtected, let authentication {
                router.group().add(middleware: authentication).on(path, method: route.method, use: route.handler)
            } else {
                router.on(path, method: route.method, use: route.handler)
            }
        }
        return router
    }

    private mutating func add(
        _ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler, isProtected: Bool
    ) {
        routes.append(Route(method: method, path: path, handler: handler, isProtected: isProtected))
        table.add(method, path)
    }
}
