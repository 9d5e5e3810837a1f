import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("Certificates of devices", .onEachStorage)
struct CertificateTests {
    private static let life = Duration.seconds(30 * 86_400)
    let fleet: Fleet
    let desk: FleetDesk

    init() async throws {
        fleet = try Fleet(options: FleetOptions(certificates: .required, certificateLife: Self.life))
        desk = try await fleet.open()
    }

    /// A member with credentials and a place for its certificate.
    private func member() async throws -> (device: TestDevice, client: ClientID, files: LinkCertificateFiles) {
        let device = try TestDevice()
        try await device.join(desk)
        let client = ClientID()
        try await desk.bind(device.id, to: client)
        return (device, client, LinkCertificateFiles(directory: fleet.directory.path("\(device.id)")))
    }

    private func message(
        _ files: LinkCertificateFiles, _ device: TestDevice, proof: [UInt8]? = nil
    ) throws
        -> CertificateRequestMessage
    {
        let request = try files.request(for: device.id.description)
        let statement = CertificateRequestMessage.statement(device: device.id, request: request)
        let proof = try proof ?? device.vault.sign(statement)
        return CertificateRequestMessage(request: request, proof: Data(proof).base64EncodedString())
    }

    /// Asks for a certificate and gives it in DER.
    private func certificate(_ files: LinkCertificateFiles, _ device: TestDevice) async throws -> [UInt8] {
        let answer = try await desk.certificate(message(files, device), of: device.id)
        _ = try files.install(answer.certificate)
        return try #require(try fleet.vault.certificates(inPEM: answer.certificate)?.first)
    }

    @Test("a member gets one for its own key, and is let in with it alone; one that shows none may not come in")
    func admits() async throws {
        let (device, client, files) = try await member()
        #expect(try await refusal { try await desk.admit(client, showing: nil) } == .certificateNeeded)
        let answer = try await desk.certificate(message(files, device), of: device.id)
        let end = Int64(fleet.clock.wall.timeIntervalSince1970 * 1_000_000) + Self.life.components.seconds * 1_000_000
        #expect(answer.expiresAt == end)
        let der = try #require(try fleet.vault.certificates(inPEM: answer.certificate)?.first)
        #expect(try await desk.admit(client, showing: der) == device.id)
        #expect(try await desk.authorities().map { try fleet.vault.pem(ofDER: $0) } == [answer.authority])
        #expect(try await refusal { try await desk.admit(ClientID(), showing: der) } == .deviceUnknown)
    }

    @Test("the proof must be by the key that the device joined with, and the request whole")
    func proofs() async throws {
        let (device, _, files) = try await member()
        let other = try TestDevice()
        let (forged, cut) = (
            try message(files, device, proof: other.vault.sign([1])), try message(files, device, proof: [1, 2])
        )
        for bad in [forged, cut] {
            guard case .certificateRefused = try await refusal({ try await desk.certificate(bad, of: device.id) })
            else {
                Issue.record("a false proof was taken")
                continue
            }
        }
        var broken = CertificateRequestMessage(request: "none", proof: "")
        let statement = CertificateRequestMessage.statement(device: device.id, request: "none")
        broken.proof = Data(try device.vault.sign(statement)).base64EncodedString()
        guard case .malformed = try await refusal({ try await desk.certificate(broken, of: device.id) }) else {
            Issue.record("a request that is none was taken")
            return
        }
        // Another device's request is proven by its own key and for its own id alone.
        let stolen = try message(files, device)
        try await other.join(desk)
        #expect(try await refusal { try await desk.certificate(stolen, of: other.id) } != nil)
    }

    @Test("another authority's, another device's and one that is over are refused, each with its reason")
    func refusals() async throws {
        let (device, client, files) = try await member()
        let (other, _, otherFiles) = try await member()
        let mine = try await certificate(files, device)
        let theirs = try await certificate(otherFiles, other)
        let stranger = try fleet.vault.makeAuthority(
            named: "stranger", from: fleet.clock.wall, to: fleet.clock.wall.addingTimeInterval(86_400))
        let foreign = try fleet.vault.issue(
            files.request(for: device.id.description), to: device.id.description, by: stranger,
            from: fleet.clock.wall, to: fleet.clock.wall.addingTimeInterval(3600)
        ).certificate
        func reason(_ shown: [UInt8]) async throws -> String {
            guard
                case .certificateRefused(let why) = try await refusal({ try await desk.admit(client, showing: shown) })
            else { return "let in" }
            return why
        }
        #expect(try await reason(theirs).contains("another device's"))
        #expect(try await reason(foreign).contains("not one of this central"))
        #expect(try await reason([1, 2, 3]).contains("not one of this central"))
        #expect(try await desk.admit(client, showing: mine) == device.id)
        fleet.clock.advance(by: Self.life + .seconds(1))
        #expect(try await reason(mine).contains("over"))
        // Which keeps nobody from another one.
        let fresh = try await certificate(files, device)
        #expect(try await desk.admit(client, showing: fresh) == device.id)
    }

    @Test("once a newer one was shown the older is not taken any more, but for what was under way")
    func replaced() async throws {
        let (device, client, files) = try await member()
        let old = try await certificate(files, device)
        #expect(try await desk.admit(client, showing: old) == device.id)
        fleet.clock.advance(by: .seconds(10))
        let new = try await certificate(files, device)
        // An answer that was lost strands nobody.
        fleet.clock.advance(by: .seconds(3600))
        #expect(try await desk.admit(client, showing: old) == device.id)
        #expect(try await desk.admit(client, showing: new) == device.id)
        #expect(try await desk.admit(client, showing: old) == device.id)
        fleet.clock.advance(by: .seconds(301))
        #expect(
            try await refusal { try await desk.admit(client, showing: old) }
                == .certificateRefused("The certificate was replaced."))
        #expect(try await desk.admit(client, showing: new) == device.id)
    }

    @Test("who is quarantined or taken out gets none, and who joins again needs a fresh one")
    func standings() async throws {
        let (device, client, files) = try await member()
        let old = try await certificate(files, device)
        _ = try await desk.quarantine(device.id, because: "a test")
        #expect(try await refusal { try await desk.certificate(message(files, device), of: device.id) } == .quarantined)
        _ = try await desk.revoke(device.id)
        #expect(try await refusal { try await desk.certificate(message(files, device), of: device.id) } == .revoked)
        fleet.clock.advance(by: .seconds(1))
        device.beginEpoch()
        try await device.join(desk)
        fleet.clock.advance(by: .seconds(301))
        #expect(
            try await refusal { try await desk.admit(client, showing: old) }
                == .certificateRefused("The certificate was replaced."))
        let fresh = try await certificate(files, device)
        #expect(try await desk.admit(client, showing: fresh) == device.id)
    }

    @Test("the authority stays over a restart and an exchange of keys, and its key is in no file as it is")
    func authority() async throws {
        let (device, client, files) = try await member()
        let before = try await desk.authorities()
        let der = try await certificate(files, device)
        _ = try await desk.eraseSubject(tenant: Fleet.tenant, user: "nobody")
        fleet.clock.advance(by: .seconds(7200))
        try await desk.tidy()
        await desk.close()
        #expect(try !contains(fleet.bytes(), "PRIVATE KEY"))
        let again = try await fleet.open()
        #expect(try await again.authorities() == before)
        #expect(try await again.admit(client, showing: der) == device.id)
        _ = try await again.certificate(message(files, device), of: device.id)
        await again.close()
    }

    @Test(
        "where certificates are optional, who shows none is let in, and who shows a wrong one is not; off, nobody looks"
    )
    func policies() async throws {
        let (device, client, files) = try await member()
        let der = try await certificate(files, device)
        await desk.close()
        for policy in [CertificatePolicy.optional, .off] {
            let desk = try await FleetDesk.open(
                directory: fleet.directory.url.path, postgres: fleet.database?.options, keys: FleetKeys(fleet.vault),
                options: FleetOptions(certificates: policy), tenants: NamedTenants(), clock: fleet.clock,
                health: fleet.health, log: quiet)
            #expect(try await desk.admit(client, showing: nil) == device.id)
            #expect(try await desk.admit(client, showing: der) == device.id)
            #expect(
                try await refusal { try await desk.admit(client, showing: [7]) }
                    == (policy == .off
                        ? nil : .certificateRefused("The certificate is not one of this central instance.")))
            #expect(try await device.pull(desk).certificates == (policy == .off ? nil : policy))
            await desk.close()
        }
    }

    @Test("roots are announced to who pins any and has not taken them, each announcement above the one before")
    func roots() async throws {
        let (device, _, _) = try await member()
        #expect(try await desk.announcedRoots() == nil)
        func told(_ known: UInt64?) async throws -> FleetRoots? {
            var request = device.pullRequest()
            request.roots = known
            guard let note = try await desk.pull(request, of: device.id).roots else { return nil }
            let text = try SignedNote.open(
                note, signedAs: FleetRoots.signerName, publicKey: fleet.vault.publicKey, fleet.vault)
            return text.flatMap { FleetRoots(text: $0) }
        }
        #expect(try await told(0) == nil)
        let pem = try await desk.authorities().map { try fleet.vault.pem(ofDER: $0) }.joined()
        let first = try await desk.announce(roots: "words before\n" + pem)
        #expect(first.certificates == pem)
        #expect(try await told(0) == first)
        #expect(try await told(first.serial) == nil)
        #expect(try await told(nil) == nil)
        let second = try await desk.announce(roots: pem + pem)
        #expect(second.serial > first.serial)
        #expect(try await told(first.serial) == second)
        await #expect(throws: EdgeError.self) { try await desk.announce(roots: "none") }
        #expect(try await desk.announcedRoots() == second)
    }
}
