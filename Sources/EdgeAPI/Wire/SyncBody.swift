import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore

/// Messages of the sync protocol as bodies.
enum SyncBody {
    /// Reads a message; one that is none is refused as ``SyncRefusal/malformed(_:)``.
    static func decode<Message: Decodable>(_ bytes: [UInt8]) throws(SyncRefusal) -> Message {
        do {
            return try JSONDecoder().decode(Message.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw .malformed(describe(error))
        } catch {
            throw .malformed("The body is not a message of this kind.")
        }
    }

    /// The answer with a message, as gzip where the member reads that and it pays.
    static func response(_ message: some Encodable, to request: Request) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        let bytes = [UInt8](try encoder.encode(message))
        guard bytes.count >= GzipBody.worthwhile, takesGzip(request), let member = GzipBody.compressed(bytes) else {
            return .json(bytes)
        }
        var response = Response.json(member)
        response.headers[.contentEncoding] = "gzip"
        response.headers[.vary] = "Accept-Encoding"
        return response
    }

    /// The answer that refuses.
    static func response(to refusal: SyncRefusal) -> Response {
        let body = SyncRefusalBody(refusal)
        var members: JSONObject = ["detail": .string(body.detail), "code": .string(body.code)]
        if let sequence = body.sequence { members["sequence"] = .integer(Int64(clamping: sequence)) }
        if let wait = body.retryMilliseconds { members["retry_ms"] = .whole(wait) }
        var response = Response.json(members, status: status(of: refusal))
        switch refusal {
        case .tokenInvalid: response.headers[.wwwAuthenticate] = #"Bearer realm="edged", error="invalid_token""#
        case .busy(let wait): response.headers[.retryAfter] = String(max((wait + 999) / 1000, 1))
        case .unreachable: response.headers[.retryAfter] = "30"
        case .deviceUnknown, .quarantined, .revoked, .certificateNeeded, .certificateRefused, .epochNeeded, .epochEnded,
            .gap, .fork, .malformed:
            break
        }
        return response
    }

    /// The status that a refusal has in HTTP.
    static func status(of refusal: SyncRefusal) -> HTTPResponse.Status {
        switch refusal {
        case .tokenInvalid: .unauthorized
        case .deviceUnknown, .quarantined, .revoked, .certificateNeeded, .certificateRefused: .forbidden
        case .epochNeeded, .epochEnded, .gap, .fork: .conflict
        case .malformed: .unprocessableContent
        case .busy, .unreachable: .serviceUnavailable
        }
    }

    /// RFC 9110, 12.5.3: gzip is named, and not with a weight of nothing.
    private static func takesGzip(_ request: Request) -> Bool {
        (request.headers[.acceptEncoding] ?? "").split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { "123456789".contains($0) } }
        }
    }

    /// Where a message is not what it should be; never what stands there.
    private static func describe(_ error: DecodingError) -> String {
        let path: [any CodingKey]
        let what: String
        switch error {
        case .keyNotFound(let key, let context): (path, what) = (context.codingPath + [key], "is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            (path, what) = (context.codingPath, "is of another type")
        case .dataCorrupted(let context): (path, what) = (context.codingPath, "has a wrong value")
        @unknown default: (path, what) = ([], "cannot be read")
        }
        let place = path.map { key in key.intValue.map(String.init) ?? key.stringValue }.joined(separator: ".")
        return place.isEmpty ? "The message \(what)." : "The member \(place) \(what)."
    }
}
