import EdgeCore
import HTTPTypes
import Hummingbird
import Logging

/// Puts the headers on every answer, turns every error into JSON, and writes the access log.
///
/// Stands outermost, so that no answer leaves without them. The log names routes by their pattern: a path may hold a token.
struct AnswerMiddleware: RouterMiddleware {
    let routes: RouteTable
    /// `nil` for a server that no browser reaches.
    let origins: OriginRule?

    func handle(
        _ request: Request, context: EdgeRequestContext,
        next: (Request, EdgeRequestContext) async throws -> Response
    ) async throws -> Response {
        var response: Response
        do {
            if let origins, request.method == .options,
                let answer = await origins.preflight(
                    request, methods: routes.allowedMethods(of: request.uri.path))
            {
                response = answer
            } else {
                response = try await next(request, context)
            }
        } catch let error as HTTPError where error.status == .notFound {
            response = routes.unmatched(request)
            if request.headers[.origin] != nil { response.headers[.vary] = "Origin" }
        } catch let failure as AnsweredFailure {
            response = failure.response
            if response.status.kind == .serverError { report(failure.error, context: context) }
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
