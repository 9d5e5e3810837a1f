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

    /// Writes a push and packs it, so that it only has to go.
    public func ready(_ request: PushRequest) async -> ReadyPush {
        // One that cannot be written is refused when it is sent.
        guard let body = try? Self.body(of: request) else { return .message(request) }
        let parcel = CentralHTTP.Parcel(packing: body)
        return .bytes(parcel.bytes, isPacked: parcel.isPacked)
    }

    /// Sends a push that was made ready.
    public func send(_ push: ReadyPush, of device: DeviceID) async throws(SyncRefusal) -> PushAnswer {
        switch push {
        case .message(let request): return try await call("push", request)
        case .bytes(let bytes, let isPacked):
            return try await call("push", parcel: CentralHTTP.Parcel(bytes: bytes, isPacked: isPacked))
        }
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
        let parcel = CentralHTTP.Parcel(packing: try Self.body(of: question))
        return try await call(name, parcel: parcel, waiting: waiting)
    }

    /// The same with what is written already.
    private func call<Answer: Decodable>(
        _ name: String, parcel: CentralHTTP.Parcel, waiting: Duration = .zero
    ) async throws(SyncRefusal) -> Answer {
        let path = "/api/sync/v1/\(name)/"
        let token = try await purse.token()
        var reply = try await http.post(path, parcel: parcel, token: token, waiting: waiting)
        if reply.status == 401, !reply.isRefusal {
            let fresh = try await purse.token(insteadOf: token)
            reply = try await http.post(path, parcel: parcel, token: fresh, waiting: waiting)
        }
        return try reply.answer()
    }

    private static func body(of question: some Encodable) throws(SyncRefusal) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(question)) } catch {
            throw .malformed("A question cannot be written.")
        }
    }
}

extension CentralHTTP.Reply {
    /// Whether central itself refuses, and not its keeper of credentials.
    fileprivate var isRefusal: Bool {
        (try? JSONDecoder().decode(SyncRefusalBody.self, from: Data(body)))?.refusal != nil
    }
}
