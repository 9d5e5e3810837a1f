import EdgeCore
import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import SyncCore

/// Turns failures into answers: one form for all of them.
enum ErrorBody {
    /// The status that a failure has in HTTP.
    static func status(of code: ErrorCode) -> HTTPResponse.Status {
        switch code {
        case .requestMethod: return .methodNotAllowed
        case .requestTimeout: return .requestTimeout
        // The guide's clients know an expired session as 400.
        case .sessionExpired: return .badRequest
        case .sessionClosed: return .conflict
        case .idempotencyMismatch: return .unprocessableContent
        default: break
        }
        switch code.kind {
        case .invalid: return .badRequest
        case .unauthorized: return .unauthorized
        case .forbidden: return .forbidden
        case .notFound: return .notFound
        case .conflict, .gone: return .conflict
        case .tooLarge: return .contentTooLarge
        case .unsupported: return .unsupportedMediaType
        case .limited: return .tooManyRequests
        case .unavailable: return .serviceUnavailable
        case .failed: return .internalServerError
        }
    }

    /// The answer to any error; `extra` members come last.
    static func response(to error: any Error, extra: JSONObject = [:]) -> Response {
        switch error {
        case let failure as RequestFailure: return response(to: failure.error, extra: failure.extra)
        case let error as EdgeError: return response(to: error, extra: extra)
        case let refusal as SyncRefusal: return SyncBody.response(to: refusal)
        case let errors as FieldErrors: return response(to: errors)
        case let error as HTTPError: return response(to: translate(error))
        // The request's own framing is broken: a chunk's size, a length.
        case is HTTPParserError: return broken("The request is not well-formed HTTP.")
        // Nobody is there to read it; it is no fault of ours.
        case is IOError, is ChannelError: return broken("The connection broke off.")
        default: return response(to: EdgeError(.internalFault))
        }
    }

    private static func response(to error: EdgeError, extra: JSONObject) -> Response {
        var body: JSONObject = ["detail": .string(error.detail), "code": .string(error.code.rawValue)]
        if let field = error.field { body[field] = .array([.string(error.detail)]) }
        switch error.code {
        case .sessionExpired: body.merge(["error": "Session expired", "status": "expired"])
        case .sessionClosed: body["error"] = .string(error.detail)
        case .imageCorrupt, .imageUnsupported, .imageEmpty, .imageTooSmall, .imageTooLarge:
            body.merge(["error": "Unable to decode image payload", "image": .array([.string(error.detail)])])
        default: break
        }
        if error.code.kind == .unavailable || error.code.kind == .failed {
            body["remedy"] = .string(error.code.remedy)
        }
        body.merge(extra)
        var response = Response.json(body, status: status(of: error.code))
        if error.code.kind == .unauthorized { response.headers[.wwwAuthenticate] = challenge(error.code) }
        if let wait = error.retryAfter {
            // Rounded up: a client that waits as told must not come too early.
            let seconds = wait.components.seconds + (wait.components.attoseconds > 0 ? 1 : 0)
            response.headers[.retryAfter] = String(max(seconds, 1))
        } else if error.code.kind == .limited {
            response.headers[.retryAfter] = "30"
        }
        return response
    }

    private static func broken(_ detail: String) -> Response {
        var response = response(to: EdgeError(.requestMalformed, detail), extra: [:])
        response.headers[.connection] = "close"
        return response
    }

    /// RFC 6750, section 3: what is wrong with a token is said, and nothing is where none came.
    private static func challenge(_ code: ErrorCode) -> String {
        code == .credentialsMissing ? #"Bearer realm="edged""# : #"Bearer realm="edged", error="invalid_token""#
    }

    private static func response(to errors: FieldErrors) -> Response {
        var body: JSONObject = [:]
        for (field, text) in errors.messages {
            if case .array(let texts) = body[field] {
                body[field] = .array(texts + [.string(text)])
            } else {
                body[field] = .array([.string(text)])
            }
        }
        let summary = errors.messages.map { "\($0.field): \($0.text)" }.joined(separator: " ")
        body.merge(["detail": .string(summary), "code": .string(ErrorCode.requestInvalid.rawValue)])
        return .json(body, status: .badRequest)
    }

    /// What the framework itself throws, in our words.
    private static func translate(_ error: HTTPError) -> EdgeError {
        switch error.status {
        case .notFound: EdgeError(.requestNotFound)
        case .methodNotAllowed: EdgeError(.requestMethod)
        case .contentTooLarge: EdgeError(.requestTooLarge)
        case .unsupportedMediaType: EdgeError(.requestMediaType)
        case .badRequest: EdgeError(.requestMalformed)
        default: EdgeError(.internalFault)
        }
    }
}

/// An error with further members for its body.
struct RequestFailure: Error {
    let error: EdgeError
    let extra: JSONObject
}

extension Response {
    /// A JSON answer.
    static func json(_ body: JSONObject, status: HTTPResponse.Status = .ok) -> Response {
        json(JSONValue.object(body).bytes, status: status)
    }

    /// A JSON answer that is already text.
    static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
