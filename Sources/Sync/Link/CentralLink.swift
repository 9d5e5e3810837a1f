public import EdgeCore
import FoundationEssentials
public import SyncCore

/// Central over HTTPS, as a device sees it.
public final class CentralLink: CentralDesk {
    let http: CentralHTTP
    private let purse: TokenPurse

    /// A link to the central of a membership; `software` is what runs here, `identity` what central is shown.
    ///
    /// Throws `configuration.invalid` for a URL, a proxy or roots that cannot be used.
    public init(
        _ membership: Membership, software: String, options: LinkOptions = LinkOptions(),
        identity: (any LinkIdentity)? = nil, clock: any EdgeClock = SystemClock()
    ) throws(EdgeError) {
        http = try CentralHTTP(
            url: membership.url, pinnedRoots: membership.pinnedRoots, software: software, options: options,
            identity: identity)
        purse = TokenPurse(membership.grant, http: http, clock: clock)
    }

    /// Ends all connections; every link is closed once.
    public func close() async { await http.close() }

    /// Says again which epoch the device is in, or begins one.
    public func open(_ request: OpenRequest, of device: DeviceID) async throws(SyncRefusal) -> OpenAnswer {
        try await call("open", request)
    }

    /// Sends records.
    public func push(_ request: PushRequest, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        try await call("push", request)
    }

    /// Asks for what has changed.
    public func pull(_ request: PullRequest, of device: DeviceID) async throws(SyncRefusal) -> PullAnswer {
        try await call("pull", request, waiting: .milliseconds(request.waitMilliseconds))
    }

    /// Asks for a consent under which somebody who was erased may be enrolled again.
    public func consent(_ request: ConsentRequest, of device: DeviceID) async throws(SyncRefusal) -> ConsentAnswer {
        try await call("consent", request)
    }

    /// Asks for a certificate.
    public func certificate(
        _ request: CertificateRequestMessage, of device: DeviceID
    ) async throws(SyncRefusal) -> CertificateAnswer {
        try await call("certificate", request)
    }

    /// Asks with a token; with a fresh one again where the first is not taken.
    private func call<Answer: Decodable>(
        _ name: String, _ question: some Encodable & Sendable, waiting: Duration = .zero
    ) async throws(SyncRefusal) -> Answer {
        let body: Data
        do { body = try JSONEncoder().encode(question) } catch { throw .malformed("A question cannot be written.") }
        let (path, bytes) = ("/api/sync/v1/\(name)/", Array(body))
        let token = try await purse.token()
        var reply = try await http.post(path, bytes, token: token, waiting: waiting)
        if reply.status == 401, !reply.isRefusal {
            let fresh = try await purse.token(insteadOf: token)
            reply = try await http.post(path, bytes, token: fresh, waiting: waiting)
        }
        return try reply.answer()
    }
}

extension CentralHTTP.Reply {
    /// Whether central itself refuses, and not its keeper of credentials.
    fileprivate var isRefusal: Bool {
        (try? JSONDecoder().decode(SyncRefusalBody.self, from: Data(body)))?.refusal != nil
    }
}
