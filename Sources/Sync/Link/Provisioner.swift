public import EdgeCore
import FoundationEssentials
public import SyncCore

/// What a technician says to make a device a member.
public struct JoinOrder: Sendable {
    /// Where central is.
    public var url: String
    /// The one-use bootstrap token.
    public var token: Redacted<String>
    /// What the door is called.
    public var name: String
    /// Certificates, PEM, that alone are trusted for central; `nil` for the system's.
    public var pinnedRoots: String?

    /// Puts an order together.
    public init(url: String, token: Redacted<String>, name: String, pinnedRoots: String? = nil) {
        self.url = url
        self.token = token
        self.name = name
        self.pinnedRoots = pinnedRoots
    }
}

/// Makes a device a member of a fleet.
public struct Provisioner: Sendable {
    private let signer: any Signer
    private let facts: MemberFacts
    private let options: LinkOptions

    /// A provisioner that proves with the device's own key who asks.
    public init(signer: any Signer, facts: MemberFacts, options: LinkOptions = LinkOptions()) {
        self.signer = signer
        self.facts = facts
        self.options = options
    }

    /// Asks central to take the device in; what it grants is to be kept by the store.
    ///
    /// Throws `sync.provision.refused` for a token that central does not take, `sync.central.unreachable`, and
    /// `configuration.invalid` for a URL or roots that cannot be used.
    public func provision(_ order: JoinOrder, device: DeviceID) async throws(EdgeError) -> Membership {
        let request = try request(order, device: device)
        let http = try CentralHTTP(
            url: order.url, pinnedRoots: order.pinnedRoots, software: facts.software, options: options)
        let outcome: Result<ProvisionAnswer, SyncRefusal>
        do throws(SyncRefusal) {
            outcome = .success(try await post(request, http))
        } catch {
            outcome = .failure(error)
        }
        await http.close()
        switch outcome {
        case .success(let grant):
            return Membership(url: order.url, device: device, grant: grant, pinnedRoots: order.pinnedRoots)
        case .failure(let refusal): throw Self.error(refusal)
        }
    }

    /// What the device sends, with its proof.
    public func request(_ order: JoinOrder, device: DeviceID) throws(EdgeError) -> ProvisionRequest {
        let token = order.token.reveal()
        let key = Data(signer.publicKey).base64EncodedString()
        let proof = try signer.sign(ProvisionRequest.statement(token: token, device: device, publicKey: key))
        return ProvisionRequest(
            token: token, device: device, name: order.name, publicKey: key,
            proof: Data(proof).base64EncodedString(), model: facts.model, software: facts.software)
    }

    private func post(_ request: ProvisionRequest, _ http: CentralHTTP) async throws(SyncRefusal) -> ProvisionAnswer {
        let body: Data
        do { body = try JSONEncoder().encode(request) } catch { throw .malformed("A request cannot be written.") }
        return try await http.post("/api/sync/v1/provision/", Array(body)).answer()
    }

    private static func error(_ refusal: SyncRefusal) -> EdgeError {
        switch refusal {
        case .unreachable(let detail, let fault): EdgeError(fault.code, detail)
        case .busy(let wait): EdgeError(.centralUnreachable, "Central is busy.", retryAfter: .milliseconds(wait))
        case .tokenInvalid: EdgeError(.provisionRefused, "The token is wrong, used, or over.")
        case .malformed(let detail): EdgeError(.provisionRefused, detail)
        case .deviceUnknown, .quarantined, .revoked, .certificateNeeded, .certificateRefused, .epochNeeded, .epochEnded,
            .gap, .fork:
            EdgeError(.provisionRefused, SyncRefusalBody(refusal).detail)
        }
    }
}
