import EdgeCore
import HTTPTypes
import Hummingbird

/// Knows which methods each path takes, so that a wrong method is told from a wrong path.
struct RouteTable: Sendable {
    /// The last part of a path that takes everything behind it.
    static let rest = "**"

    private var methods: [(pattern: [String], method: HTTPRequest.Method)] = []
    /// Paths below which this server has nothing, though another one does.
    private var lacking: [(pattern: [String], code: ErrorCode)] = []

    /// Notes a route.
    mutating func add(_ method: HTTPRequest.Method, _ path: String) {
        methods.append((Self.segments(path), method))
    }

    /// Notes that this server has nothing below a path.
    mutating func lack(_ path: String, _ code: ErrorCode) { lacking.append((Self.segments(path), code)) }

    /// The answer where no route fits: 404, 405 with `Allow`, or the methods for OPTIONS.
    func unmatched(_ request: Request) -> Response {
        let allowed = allowedMethods(of: request.uri.path)
        guard !allowed.isEmpty else {
            let segments = Self.segments(request.uri.path)
            let code = lacking.first { segments.starts(with: $0.pattern) }?.code
            return ErrorBody.response(to: EdgeError(code ?? .requestNotFound))
        }
        var response =
            request.method == .options
            ? Response(status: .noContent)
            : ErrorBody.response(to: EdgeError(.requestMethod, "Method \"\(request.method.rawValue)\" not allowed."))
        response.headers[.allow] = allowed.joined(separator: ", ")
        return response
    }

    /// The methods that a path takes, in alphabetical order; none for a path that is not there.
    func allowedMethods(of path: String) -> [String] {
        let segments = Self.segments(path)
        var allowed = Set(methods.filter { Self.matches($0.pattern, segments) }.map(\.method.rawValue))
        guard !allowed.isEmpty else { return [] }
        if allowed.contains("GET") { allowed.insert("HEAD") }
        allowed.insert("OPTIONS")
        return allowed.sorted()
    }

    private static func segments(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }

    private static func matches(_ pattern: [String], _ segments: [String]) -> Bool {
        let isOpen = pattern.last == rest
        let fixed = isOpen ? pattern.dropLast() : pattern[...]
        guard isOpen ? segments.count > fixed.count : segments.count == fixed.count else { return false }
        return zip(fixed, segments).allSatisfy { pattern, segment in isParameter(pattern) || pattern == segment }
    }

    private static func isParameter(_ part: String) -> Bool { part.hasPrefix(":") || part.hasPrefix("{") }
}

/// Collects the routes of one server: operations of the API, and raw routes for pages and the control socket.
struct RouteBuilder {
    /// A route that is no operation: a page, a file, a command.
    private struct RawRoute {
        let method: HTTPRequest.Method
        let path: String
        let handler: Handler
    }

    /// The API's operations in the order of their declaration; the document is made of them.
    private(set) var operations: [Operation] = []
    private var handlers: [OperationHandler] = []
    private var raw: [RawRoute] = []
    private var table = RouteTable()

    /// An operation of the API.
    mutating func add(_ operation: Operation, _ handler: @escaping OperationHandler) {
        operations.append(operation)
        handlers.append(handler)
        for path in [operation.path] + operation.aliases { table.add(operation.method, path) }
    }

    /// A route that anybody may call and that the document does not list.
    mutating func open(_ method: HTTPRequest.Method, _ paths: String..., handler: @escaping Handler) {
        for path in paths {
            raw.append(RawRoute(method: method, path: path, handler: handler))
            table.add(method, path)
        }
    }

    /// What another server has below a path and this one has not.
    mutating func lack(_ path: String, _ code: ErrorCode) { table.lack(path, code) }

    /// Paths of the routes that are no operations.
    var rawPaths: [String] { raw.map(\.path) }

    /// The router; a trailing slash never matters.
    func router(gate: RequestGate?) -> Router<EdgeRequestContext> {
        let router = Router(context: EdgeRequestContext.self, options: .autoGenerateHeadEndpoints)
        // Middleware sees only the routes that are added after it.
        router.add(middleware: AnswerMiddleware(routes: table, origins: gate?.origins))
        for route in raw { router.on(RouterPath(route.path), method: route.method, use: route.handler) }
        guard let gate else { return router }
        for (operation, handler) in zip(operations, handlers) {
            let responder = OperationResponder(operation: operation, gate: gate, handler: handler)
            for path in [operation.path] + operation.aliases {
                router.on(RouterPath(path), method: operation.method) { request, context in
                    try await responder.respond(to: request, context)
                }
            }
        }
        return router
    }
}
