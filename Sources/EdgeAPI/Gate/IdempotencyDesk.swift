import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Lets a request with an `Idempotency-Key` happen once: whoever sends it again gets the first answer again.
///
/// Kept are answers that decide something: 2xx, and the 4xx that a handler gives. After a crash between an effect and its
/// answer the request runs again, and meets what it made the first time.
struct IdempotencyDesk: Sendable {
    let repository: any IdempotencyRepository
    let secrets: any SecretKeeper
    private let running = RunningKeys()

    init(repository: any IdempotencyRepository, secrets: any SecretKeeper) {
        self.repository = repository
        self.secrets = secrets
    }

    /// The largest answer that is kept, bytes.
    static let maximumAnswer = 64 * 1024

    /// The key of a request; `nil` without one.
    ///
    /// Throws `request.invalid` for one that is not 1 to 200 visible ASCII characters.
    static func key(
        of request: Request, _ operation: Operation, _ client: ClientRecord
    ) throws(EdgeError) -> IdempotencyKey? {
        guard let text = request.headers[.idempotencyKey] else { return nil }
        guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw EdgeError(
                .requestInvalid, "The Idempotency-Key must be 1 to 200 visible ASCII characters.",
                field: "Idempotency-Key")
        }
        return IdempotencyKey(client: client.id, operation: operation.id, text: text)
    }

    /// Gives the answer that was kept, or runs `handle` and keeps its answer.
    ///
    /// Throws `idempotency.busy` while the first request runs, `idempotency.mismatch` for another one with the same key,
    /// and what `handle` throws.
    func once(
        _ key: IdempotencyKey, of request: Request, _ body: [UInt8], _ handle: () async throws -> Handled
    ) async throws -> Response {
        let digest = try RequestText.digest(of: request, body, secrets)
        guard running.begin(key) else {
            throw EdgeError(.idempotencyBusy, retryAfter: .seconds(1))
        }
        defer { running.end(key) }
        if let kept = try await repository.keptAnswer(key) {
            guard secrets.equal(kept.requestDigest, digest) else { throw EdgeError(.idempotencyMismatch) }
            return kept.response
        }
        let handled = try await handle()
        let response =
            switch handled.answer {
            case .success(let response): response
            case .failure(let error): ErrorBody.response(to: error)
            }
        guard Self.isKept(response.status) else { return try handled.response() }
        let bytes = try await BodyCollector.bytes(of: response)
        guard bytes.count <= Self.maximumAnswer else { return try handled.response() }
        // It has happened: an answer that cannot be kept is no reason to hide it.
        try? await repository.keep(
            KeptAnswer(
                requestDigest: digest, externalUserID: handled.externalUserID ?? Self.subject(in: bytes),
                status: response.status.code,
                contentType: response.headers[.contentType], body: Self.withoutSecrets(bytes)), for: key)
        return try handled.response()
    }

    /// The user that an answer itself names, where the request named them by our id.
    private static func subject(in answer: [UInt8]) -> String? {
        (try? JSONValue.parse(answer))?.objectValue?["external_user_id"]?.stringValue
    }

    /// Members that are shown once and kept as digests only; a repeated answer has `null` there.
    static let secretMembers: Set<String> = ["api_key", "api_secret", "secret_key", "webhook_secret", "secret_token"]

    private static func withoutSecrets(_ answer: [UInt8]) -> [UInt8] {
        guard var object = (try? JSONValue.parse(answer))?.objectValue else { return answer }
        let secrets = object.members.map(\.key).filter(secretMembers.contains)
        guard !secrets.isEmpty else { return answer }
        for name in secrets { object[name] = .null }
        return JSONValue.object(object).bytes
    }

    private static func isKept(_ status: HTTPResponse.Status) -> Bool {
        switch status {
        case .unauthorized, .requestTimeout, .tooManyRequests: false
        default: status.kind == .successful || status.kind == .clientError
        }
    }
}

/// Keys whose first request is running.
private final class RunningKeys: Sendable {
    private let keys = Mutex<Set<IdempotencyKey>>([])

    /// False when the key is running already.
    func begin(_ key: IdempotencyKey) -> Bool { keys.withLock { $0.insert(key).inserted } }
    func end(_ key: IdempotencyKey) { keys.withLock { _ = $0.remove(key) } }
}

extension KeptAnswer {
    fileprivate var response: Response {
        var response = Response(status: HTTPResponse.Status(code: status))
        if let contentType {
            response.headers[.contentType] = contentType
            response.body = ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        }
        response.headers[.idempotencyReplayed] = "true"
        return response
    }
}

/// Takes what an answer would send.
private struct BodyCollector: ResponseBodyWriter {
    private final class Bytes: Sendable {
        let taken = Mutex<[UInt8]>([])
    }

    private let bytes = Bytes()

    static func bytes(of response: Response) async throws -> [UInt8] {
        let collector = BodyCollector()
        try await response.body.write(collector)
        return collector.bytes.taken.withLock { $0 }
    }

    func write(_ buffer: ByteBuffer) async throws {
        bytes.taken.withLock { $0 += buffer.readableBytesView }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

/// What of a request must be the same for it to be the same request.
private enum RequestText {
    /// A keyed digest of path, query, content type and body; a form's boundary, which is new each time, does not count.
    static func digest(of request: Request, _ body: [UInt8], _ secrets: any SecretKeeper) throws(EdgeError) -> [UInt8] {
        let path = request.uri.path.split(separator: "/").joined(separator: "/")
        let contentType = request.headers[.contentType] ?? ""
        let media = contentType.prefix { $0 != ";" }.lowercased()
        let start = [path, request.uri.query ?? "", media].map { "\($0.utf8.count):\($0)" }.joined(separator: ",")
        var digest = try secrets.digest(start, purpose: "idempotency.request")
        guard let boundary = MultipartParser.boundary(of: contentType) else {
            return try chain(digest, "", body, secrets)
        }
        // Read with the parser's own bounds: a body of nothing but boundaries ends there.
        var collector = MultipartCollector(boundary: boundary)
        try collector.feed(body)
        for (name, bytes) in try collector.fields().contents { digest = try chain(digest, name, bytes, secrets) }
        return digest
    }

    /// The digest of one more part behind the others.
    private static func chain(
        _ digest: [UInt8], _ name: String, _ bytes: [UInt8], _ secrets: any SecretKeeper
    ) throws(EdgeError) -> [UInt8] {
        let (before, content) = (Data(digest).base64EncodedString(), Data(bytes).base64EncodedString())
        return try secrets.digest("\(before),\(name.utf8.count):\(name),\(content)", purpose: "idempotency.request")
    }
}

extension Operation {
    /// The user that a request makes known or is about, by the client's own id; the answer is forgotten with the user.
    func subject(of call: APICall) -> String? {
        guard creates else { return nil }
        return call.body.text("external_user_id") ?? call.body.text("user_id")
    }
}
