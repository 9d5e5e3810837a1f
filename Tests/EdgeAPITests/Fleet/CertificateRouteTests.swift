import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import SyncCore
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Certificates of members", .serialized, .timeLimit(.minutes(10)))
struct CertificateRouteTests {
    private let message = CertificateRequestMessage(request: "a request", proof: "cHJvb2Y=")

    @Test("a member gets one without showing any, and each stands in the audit trail")
    func given() async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let name = try await caller.join()
            fleet.state.withLock { $0.admission = .certificateNeeded }
            let answer = try await caller.message("certificate", message, as: name)
            answer.expect(SyncRoutes.certificateOperation)
            #expect(answer["certificate"] == "a request")
            #expect(api.audit.lines.map(\.action).contains("fleet.certificate.issued"))
            // And nothing else.
            for path in ["open", "push", "pull", "consent"] {
                let refused = try await caller.message(path, batch(), as: name)
                #expect(refused.status == 403 && refused["code"] == "sync.certificate.needed", "\(path)")
            }
            #expect(try await caller.message("certificate", message, as: nil).status == 401)
        }
    }

    @Test(
        "whoever is refused for what was shown or for its standing stands in the audit trail with the reason",
        arguments: [
            (SyncRefusal.certificateNeeded, "sync.certificate.needed"),
            (.certificateRefused("Over."), "sync.certificate.refused"), (.revoked, "sync.device.revoked"),
            (.quarantined, "sync.device.quarantined"),
        ])
    func audited(refusal: SyncRefusal, code: String) async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let name = try await caller.join()
            fleet.state.withLock { $0.admission = refusal }
            let refused = try await caller.message("push", batch(), as: name)
            #expect(refused.status == 403 && refused["code"] == JSONValue.string(code))
            let line = api.audit.lines.last { $0.action == "access.refused" }
            #expect(line?.reason == code && line?.client == api.clients.named(name)?.id)
        }
    }

    @Test(
        "where the listener asks, what a client shows reaches the fleet, whoever signed it; where it does not, nothing does"
    )
    func shown() async throws {
        for asks in [true, false] {
            let (files, own, health) = (try CertificateOnDisk(), try CertificateOnDisk(), HealthBoard())
            let (api, fleet) = (TestAPI(), FakeFleet())
            var served = api
            served = served.withTLS(try files.served(health, asking: asks ? [own.der()] : []))
            var services = served.services
            services.fleet = fleet
            let server = APIServer(
                configuration: served.configuration, services: services,
                log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let (key, mine) = (try ShownCertificate(own), try files.pinned())
            try await serving(2, by: server) { addresses in
                let token = try await member(of: fleet, api, addresses)
                for shown in [key, nil] {
                    try await withPinnedClient(addresses.last, trusting: mine, showing: shown) { client in
                        let answer = try await client.post(
                            "/api/sync/v1/push/",
                            headers: [.authorization: "Bearer \(token)", .contentType: "application/json"],
                            body: ByteBuffer(bytes: try JSONEncoder().encode(batch())))
                        #expect(answer.status == .ok)
                    }
                    let seen = fleet.state.withLock { $0.shown.last }
                    #expect(try seen == .some(asks && shown != nil ? own.der() : nil))
                }
            }
        }
    }

    /// Makes a client a member of the fleet and gives its token.
    private func member(of fleet: FakeFleet, _ api: TestAPI, _ addresses: [String]) async throws -> String {
        api.clients.edit("two") { $0.scope = .device }
        let client = try #require(api.clients.named("two"))
        let grant = try await fleet.provision(
            ProvisionRequest(
                token: FakeFleet.token, device: DeviceID(), name: "door", publicKey: "", proof: "",
                model: ModelName(id: "sface", version: "1"), software: "0.4.0"))
        try await fleet.bind(grant.device, client: client.id.rawValue)
        let issuer = try await TokenIssuer(
            issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        return try await issuer.issue(.access, for: client, lifetime: .seconds(600)).text
    }
}
