import AsyncHTTPClient
import EdgeCore
import FoundationEssentials
import NIOCore
import NIOHTTP1
import SyncCore

/// Posts JSON to central and brings its answer; knows nothing of what either means.
final class CentralHTTP: Sendable {
    /// What central answered.
    struct Reply: Sendable {
        let status: UInt
        let retryAfter: Duration
        let body: [UInt8]

        var isGood: Bool { (200..<300).contains(status) }
    }

    /// A body as it travels.
    struct Parcel: Sendable {
        let bytes: [UInt8]
        let isPacked: Bool

        /// One that is as it travels already.
        init(bytes: [UInt8], isPacked: Bool) {
            self.bytes = bytes
            self.isPacked = isPacked
        }

        /// Packs a body where that pays.
        init(packing body: [UInt8]) {
            if body.count >= GzipBody.worthwhile, let packed = GzipBody.compressed(body), packed.count < body.count {
                self.init(bytes: packed, isPacked: true)
            } else {
                self.init(bytes: body, isPacked: false)
            }
        }
    }

    /// An answer of five hundred people with many templates is a few MiB.
    static let longestAnswer = 64 << 20

    private let base: String
    private let clients: ClientHolder
    private let options: LinkOptions
    private let software: String
    private let way: LinkWay

    /// Throws `configuration.invalid` for a URL or roots that cannot be used.
    init(
        url: String, pinnedRoots: String?, software: String, options: LinkOptions,
        identity: (any LinkIdentity)? = nil
    ) throws(EdgeError) {
        base = try Self.base(of: url)
        self.options = options
        self.software = software
        let way = try LinkWay(url: base, pinnedRoots: pinnedRoots, options: options, identity: identity)
        self.way = way
        clients = ClientHolder { last async throws(SyncRefusal) in try await way.client(after: last) }
    }

    func close() async { await clients.close() }

    /// The next question looks again what a connection is made of.
    func doubt() { clients.doubt() }

    /// From now on these roots verify central.
    func pin(_ pem: String) {
        way.trust.roots = pem
        clients.doubt()
    }

    /// Asks for a page that takes no such question: whatever is answered, these roots verify who answers.
    func tryRoots(_ pem: String) async throws(SyncRefusal) {
        let trial: CentralHTTP
        do throws(EdgeError) {
            trial = try CentralHTTP(url: base, pinnedRoots: pem, software: software, options: options)
        } catch {
            throw .unreachable(error.detail, .certificate)
        }
        let outcome: Result<Reply, SyncRefusal>
        do throws(SyncRefusal) { outcome = .success(try await trial.post("/healthz", [])) } catch {
            outcome = .failure(error)
        }
        await trial.close()
        _ = try outcome.get()
    }

    /// Posts `body` to a path below central's URL.
    ///
    /// Throws ``SyncRefusal/unreachable(_:_:)`` when nobody answers in time.
    func post(
        _ path: String, _ body: [UInt8], token: String? = nil, waiting: Duration = .zero
    ) async throws(SyncRefusal) -> Reply {
        try await post(path, parcel: Parcel(packing: body), token: token, waiting: waiting)
    }

    /// The same with a body that is packed already.
    func post(
        _ path: String, parcel: Parcel, token: String?, waiting: Duration
    ) async throws(SyncRefusal) -> Reply {
        let request = request(path, parcel, token: token)
        let held = try await clients.take()
        defer { clients.giveBack(held) }
        do {
            let response = try await held.client.execute(request, deadline: .now() + .init(options.timeout + waiting))
            let bytes = try await response.body.collect(upTo: Self.longestAnswer)
            let seconds = response.headers.first(name: "Retry-After").flatMap(Int.init) ?? 0
            return Reply(
                status: response.status.code, retryAfter: .seconds(min(max(seconds, 0), 3600)),
                body: Array(buffer: bytes))
        } catch {
            let blame = WayBlame(
                error, ingredients: held.ingredients, ownFault: way.handshakeFaults.take())
            // What the client was made of may be another by now.
            if [.proxyCredentials, .ownKey].contains(blame.fault) { clients.doubt(held) }
            throw .unreachable(blame.words, blame.fault)
        }
    }

    private func request(_ path: String, _ parcel: Parcel, token: String?) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: base + path)
        request.method = .POST
        request.headers = ["Content-Type": "application/json", "User-Agent": "edged/\(software)"]
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        if parcel.isPacked { request.headers.add(name: "Content-Encoding", value: "gzip") }
        request.body = .bytes(ByteBuffer(bytes: parcel.bytes))
        return request
    }

    private static func base(of url: String) throws(EdgeError) -> String {
        guard let parts = URL(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["http", "https"].contains(scheme), !host.isEmpty, parts.query == nil, parts.fragment == nil
        else { throw EdgeError(.configurationInvalid, "The URL of central needs https and a host.") }
        // Tokens, faces and names go this way: nowhere but within this machine may they go in plain text.
        guard scheme == "https" || isOfThisMachine(host) else {
            throw EdgeError(.configurationInvalid, "The URL of central must begin with https.")
        }
        var base = url[...]
        while base.hasSuffix("/") { base.removeLast() }
        return String(base)
    }

    private static func isOfThisMachine(_ host: String) -> Bool {
        if ["localhost", "::1", "[::1]"].contains(host.lowercased()) { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }
}

extension CentralHTTP.Reply {
    /// The answer, or the refusal that stands in its place.
    func answer<Answer: Decodable>(_ type: Answer.Type = Answer.self) throws(SyncRefusal) -> Answer {
        guard isGood else { throw refusal }
        do { return try JSONDecoder().decode(Answer.self, from: Data(body)) } catch {
            throw .unreachable("Central's answer cannot be read.")
        }
    }

    private var refusal: SyncRefusal {
        if let told = try? JSONDecoder().decode(RefusalCode.self, from: Data(body)) {
            let body = SyncRefusalBody(
                code: told.code, detail: told.detail ?? "", sequence: told.sequence,
                retryMilliseconds: told.retryMilliseconds)
            if case .unreachable = body.refusal {} else if let refusal = body.refusal { return refusal }
        }
        switch status {
        case 401: return .deviceUnknown
        case 429, 503:
            return .busy(retryMilliseconds: Int(max(retryAfter, .seconds(1)) / .milliseconds(1)))
        default: return .unreachable("Central answers with HTTP status \(status).")
        }
    }

    /// What counts of a refusal, whatever stands beside it.
    private struct RefusalCode: Decodable {
        let code: String
        let detail: String?
        let sequence: UInt64?
        let retryMilliseconds: Int?

        enum CodingKeys: String, CodingKey {
            case code, detail, sequence
            case retryMilliseconds = "retry_ms"
        }
    }
}
