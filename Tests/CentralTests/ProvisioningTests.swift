import Central
import EdgeCore
import EdgeTesting
import FoundationEssentials
import SyncCore
import Testing
import Vault

@Suite("Joining the fleet", .onEachStorage)
struct ProvisioningTests {
    let fleet: Fleet
    let desk: FleetDesk

    init() async throws {
        fleet = try Fleet()
        desk = try await fleet.open()
    }

    @Test("a token lets one device in, with the token's scopes and what it needs to be a member")
    func joins() async throws {
        let site = try await desk.createScope(named: "Harbour")
        let token = try await desk.makeToken(scopes: [site.id], name: "Gate 1")
        let device = try TestDevice()
        let grant = try await desk.provision(device.request(token: token.text.reveal()))
        #expect(grant.name == "Gate 1")
        #expect(grant.scopes == [site.id])
        #expect(grant.client == nil)
        #expect(Data(base64Encoded: grant.pseudonymKey.reveal())?.count == 32)
        #expect(Data(base64Encoded: grant.centralKey).map { Array($0) } == fleet.vault.publicKey)
        let listed = try await desk.device(device.id)
        #expect(listed.standing == .active && listed.lastSeen == nil && listed.scopes == [site.id])
        #expect(try await desk.tokens().first?.usedBy == device.id)
    }

    @Test("a token has at least 128 bits, is no option on a command line, and its text is in no file")
    func tokenText() async throws {
        let text = try await desk.makeToken().text.reveal()
        #expect(text.hasPrefix("join_"))
        #expect(text.utf8.count >= 22)
        #expect(text.utf8.allSatisfy { UInt8(ascii: "-") == $0 || $0 == UInt8(ascii: "_") || isAlphanumeric($0) })
        await desk.close()
        #expect(try !contains(fleet.bytes(), text))
    }

    @Test("the same device may ask again with its token until it has spoken once")
    func repeats() async throws {
        let token = try await desk.makeToken().text.reveal()
        let device = try TestDevice()
        _ = try await desk.provision(device.request(token: token))
        let client = ClientID()
        try await desk.bind(device.id, to: client)
        #expect(try await desk.provision(device.request(token: token)).client == client)
        #expect(try await desk.device(of: client) == device.id)
        _ = try await device.open(desk)
        #expect(try await refusal { try await desk.provision(device.request(token: token)) } == .tokenInvalid)
    }

    @Test("a used token lets nobody else in, and a device id nobody with another key")
    func once() async throws {
        let token = try await desk.makeToken().text.reveal()
        let (device, other) = (try TestDevice(), try TestDevice())
        _ = try await desk.provision(device.request(token: token))
        #expect(try await refusal { try await desk.provision(other.request(token: token)) } == .tokenInvalid)
        let fresh = try await desk.makeToken().text.reveal()
        let key = Data(other.vault.publicKey).base64EncodedString()
        var stolen = try other.request(token: fresh)
        stolen.device = device.id
        stolen.proof = Data(
            try other.vault.sign(
                ProvisionRequest.statement(token: fresh, device: device.id, publicKey: key))
        ).base64EncodedString()
        #expect(try await refusal { try await desk.provision(stolen) } == .tokenInvalid)
    }

    @Test("a token that is unknown, over or withdrawn lets nobody in, and neither does a wrong proof")
    func refused() async throws {
        let device = try TestDevice()
        #expect(try await refusal { try await desk.provision(device.request(token: "made up")) } == .tokenInvalid)
        let withdrawn = try await desk.makeToken()
        try await desk.withdrawToken(withdrawn.token.id)
        #expect(
            try await refusal { try await desk.provision(device.request(token: withdrawn.text.reveal())) }
                == .tokenInvalid)
        let token = try await desk.makeToken().text.reveal()
        var forged = try device.request(token: token)
        forged.proof = try TestDevice().request(token: token).proof
        #expect(try await refusal { try await desk.provision(forged) } == .tokenInvalid)
        fleet.clock.advance(by: .seconds(86_401))
        #expect(try await refusal { try await desk.provision(device.request(token: token)) } == .tokenInvalid)
    }

    @Test("a revoked device comes back only with a token that was made after that")
    func revoked() async throws {
        let device = try TestDevice()
        let early = try await desk.makeToken().text.reveal()
        try await device.join(desk)
        fleet.clock.advance(by: .seconds(5))
        _ = try await desk.revoke(device.id, because: "lost")
        #expect(try await refusal { try await device.pull(desk) } == .revoked)
        #expect(try await refusal { try await desk.provision(device.request(token: early)) } == .tokenInvalid)
        fleet.clock.advance(by: .seconds(5))
        device.beginEpoch()
        try await device.join(desk)
        #expect(try await desk.device(device.id).standing == .active)
    }

    @Test("a device that was never let in is not known")
    func unknown() async throws {
        let device = try TestDevice()
        #expect(try await refusal { try await device.open(desk) } == .deviceUnknown)
        #expect(try await refusal { try await device.pull(desk) } == .deviceUnknown)
        #expect(try await desk.device(of: ClientID()) == nil)
    }

    @Test("the first member names the model of the fleet")
    func model() async throws {
        try await TestDevice().join(desk)
        let second = try TestDevice()
        try await second.join(desk)
        let opening = EpochOpening(epoch: second.epoch, history: [], reason: .fresh)
        let answer = try await desk.open(
            OpenRequest(opening: opening, model: ModelName(id: "other", version: "2"), software: "1"), of: second.id)
        #expect(answer.model == TestDevice.model && answer.isKnown)
        #expect(try await desk.device(second.id).model.id == "other")
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
}

/// Whether a text stands in these bytes.
func contains(_ bytes: [UInt8], _ text: String) -> Bool {
    let wanted = Array(text.utf8)
    guard let first = wanted.first, bytes.count >= wanted.count else { return false }
    return bytes.indices.dropLast(wanted.count - 1).contains { start in
        bytes[start] == first && bytes[start..<(start + wanted.count)].elementsEqual(wanted)
    }
}
