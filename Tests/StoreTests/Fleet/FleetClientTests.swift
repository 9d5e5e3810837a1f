import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Clients at every door")
struct FleetClientTests {
    let home: FleetFixture
    let door: FleetFixture

    init() async throws {
        home = try await FleetFixture()
        door = try await FleetFixture()
    }

    /// What central tells the door of the home's newest word about a client.
    private func tell(_ client: ClientID, isOwn: Bool = false) async throws {
        let told = try #require(try await home.toldClients().last)
        try await door.apply(
            [door.part([])], tenants: [FleetTenant(id: client.rawValue, name: told.name, client: told, isOwn: isOwn)],
            digest: "of version \(told.version)")
    }

    private func claim(_ made: ClientCredentials, secret: Redacted<String>? = nil) -> ClientClaim {
        ClientClaim(name: .apiKey(made.apiKey.reveal()), apiSecret: (secret ?? made.apiSecret).reveal())
    }

    private func isAccepted(_ claim: ClientClaim) async throws -> Bool {
        if case .accepted = try await door.store.check(claim) { true } else { false }
    }

    private func made(_ change: (inout ClientDraft) -> Void = { _ in }) async throws -> ClientCredentials {
        home.base.clock.advance(by: .seconds(1))
        var draft = ClientDraft(name: "shop")
        change(&draft)
        return try await home.store.createClient(draft)
    }

    @Test("the same key and secret are good at another door, where neither was ever seen, and nothing is told back")
    func logsIn() async throws {
        let made = try await made { $0.scope = .kiosk }
        try await tell(made.client.id)
        #expect(try await isAccepted(claim(made)))
        #expect(try await !isAccepted(claim(made, secret: Redacted("another"))))
        let adopted = try #require(try await door.store.client(made.client.id))
        #expect((adopted.scope, adopted.publicID, adopted.name) == (.kiosk, made.client.publicID, "shop"))
        #expect(try await door.store.client(apiKey: made.apiKey.reveal())?.id == made.client.id)
        #expect(try await door.toldClients().allSatisfy { $0.name == "kiosk" })
        #expect(try await door.store.pullPlaces().tenants.hasPrefix("of version"))
        for fixture in [home, door] {
            #expect(try await fixture.store.verify().isWhole)
            await fixture.store.close()
            for secret in [made.apiKey, made.apiSecret] {
                #expect(try !fixture.base.onDisk(Data(secret.reveal().utf8)))
            }
            // What travels stands nowhere plain either.
            let verifier = SHA256Text.of("edged client api_secret v1\n\(made.apiSecret.reveal())", fixture.base.vault)
            #expect(try !fixture.base.onDisk(Data(verifier.utf8)))
        }
    }

    @Test("what is changed where a client is kept is so everywhere, and ends the tokens there")
    func changes() async throws {
        let made = try await made()
        try await tell(made.client.id)
        let fresh = try await home.store.resetSecrets([.apiSecret], of: made.client.id)
        try await tell(made.client.id)
        #expect(try await !isAccepted(claim(made)))
        #expect(try await isAccepted(claim(made, secret: fresh[.apiSecret])))
        #expect(try await door.store.client(made.client.id)?.tokenEpoch == 1)
        _ = try await home.store.updateClient(made.client.id) { client throws(EdgeError) in client.status = .inactive }
        try await tell(made.client.id)
        #expect(try await !isAccepted(claim(made, secret: fresh[.apiSecret])))
        #expect(try await door.store.client(made.client.id)?.tokenEpoch == 2)
        // An older word, said again, changes nothing.
        let first = try #require(try await home.toldClients().first { $0.name == "shop" })
        try await door.apply(
            [door.part([])], tenants: [FleetTenant(id: made.client.id.rawValue, name: "shop", client: first)])
        #expect(try await door.store.client(made.client.id)?.isActive == false)
    }

    @Test("a client is changed where it is kept and nowhere else, but for what does not travel")
    func elsewhere() async throws {
        let made = try await made()
        let id = made.client.id
        try await tell(id)
        let waiting = try await door.records(.control).count
        await #expect(throws: EdgeError(.clientElsewhere)) {
            try await door.store.updateClient(id) { client throws(EdgeError) in client.status = .inactive }
        }
        await #expect(throws: EdgeError(.clientElsewhere)) { try await door.store.resetSecrets([.apiKey], of: id) }
        await #expect(throws: EdgeError(.clientElsewhere)) { try await door.store.deleteClient(id) }
        let changed = try await door.store.updateClient(id) { client throws(EdgeError) in
            client.profile.about = "at this door"
        }
        #expect(changed.profile.about == "at this door")
        #expect(try await door.records(.control).count == waiting)
    }

    @Test("central takes a client over, and the device where it was kept goes by central's word")
    func takenOver() async throws {
        let made = try await made()
        let id = made.client.id
        let central = try await FleetFixture(joins: false)
        try await central.store.join(central.membership(url: ""))
        let told = try #require(try await home.toldClients().last)
        try await central.apply([central.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", client: told)])
        _ = try await central.store.updateClient(id) { client throws(EdgeError) in client.status = .suspended }
        let word = try #require(try await central.toldClients().last)
        #expect(word.status == "suspended" && word.version > told.version)
        try await home.apply([home.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", client: word)])
        #expect(try await home.store.client(id)?.status == .suspended)
        await #expect(throws: EdgeError(.clientElsewhere)) {
            try await home.store.updateClient(id) { client throws(EdgeError) in client.status = .active }
        }
    }

    @Test("a client that was removed is shut at once, and goes with the last of its people")
    func removed() async throws {
        let made = try await made()
        let id = made.client.id
        try await tell(id)
        try await door.apply([door.part([door.put("E-9", door.version(), of: id)])])
        try await door.apply([door.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", removed: 9)])
        #expect(try await door.store.client(id)?.isActive == false)
        #expect(try await !isAccepted(claim(made)))
        let gone = WireEntry(
            FeedEntry(subject: try door.subject("E-9", of: id), change: 2, content: .erased(below: 1)))
        try await door.apply([door.part([gone])])
        #expect(try await door.store.client(id) == nil)
        #expect(try await !door.kinds(.control).contains(RecordKind.clientErased))
        #expect(try await door.store.verify().isWhole)
    }

    @Test("a device that was taken out of the fleet, or is told no more of a client, lets it in no more")
    func shut() async throws {
        let made = try await made()
        try await tell(made.client.id)
        try await door.apply([door.part([])], tenants: [], digest: "of none")
        #expect(try await !isAccepted(claim(made)))
        try await tell(made.client.id)
        #expect(try await isAccepted(claim(made)))
        try await door.store.leave(isRevoked: true)
        #expect(try await !isAccepted(claim(made)))
    }

    @Test("a tenant whose people came first has the public name of its client once that is told")
    func publicName() async throws {
        let made = try await made()
        let id = made.client.id
        try await door.apply([door.part([door.put("E-9", door.version(), of: id)])])
        let before = try #require(try await door.store.client(id))
        #expect(before.publicID != made.client.publicID)
        try await tell(id)
        #expect(try await door.store.client(id)?.publicID == made.client.publicID)
    }

    @Test("a device that leaves a scope shuts the clients that it was told in it, with their last people")
    func leavesScope() async throws {
        let made = try await made()
        let id = made.client.id
        let told = try #require(try await home.toldClients().last)
        let (other, tenant) = (ScopeID(rawValue: UUID()), FleetTenant(id: id.rawValue, name: "shop", client: told))
        try await door.apply(
            [door.part([door.put("E-9", door.version(), of: id)]), door.part([], in: other)], tenants: [tenant],
            digest: "1")
        #expect(try await isAccepted(claim(made)))
        try await door.apply([door.part([], in: other)], tenants: [], digest: "2")
        #expect(try await !isAccepted(claim(made)))
    }

    @Test("a client that was removed at home does not come back with what central said before it heard of that")
    func removalWaits() async throws {
        let made = try await made()
        let id = made.client.id
        let told = try #require(try await home.toldClients().last)
        try await home.store.deleteClient(id)
        try await home.apply(
            [home.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", client: told, isOwn: true)],
            digest: "1")
        #expect(try await home.store.client(id) == nil)
        guard case .refused = try await home.store.check(claim(made)) else {
            Issue.record("the removed client logs in")
            return
        }
    }

    @Test("an administrator whom central takes over stays one where it was made, until central says what it is")
    func administrator() async throws {
        let made = try await made { $0.scope = .admin }
        let id = made.client.id
        var word = try #require(try await home.toldClients().last)
        (word.version, word.perHour) = (word.version + 1, 7)
        try await home.apply([home.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", client: word)])
        let kept = try #require(try await home.store.client(id))
        #expect(kept.scope == .admin && kept.rateLimit.perHour == 7)
        (word.version, word.scope) = (word.version + 1, "kiosk")
        try await home.apply([home.part([])], tenants: [FleetTenant(id: id.rawValue, name: "shop", client: word)])
        #expect(try await home.store.client(id)?.scope == .kiosk)
    }

    @Test("who administers a device is a backend elsewhere, who looks after it is told nowhere")
    func rights() async throws {
        _ = try await made { $0.scope = .admin }
        _ = try await made { ($0.scope, $0.name) = (.technician, "technician") }
        let told = try await home.toldClients()
        #expect(told.map(\.name) == ["kiosk", "shop"] && told.last?.scope == "integrator")
        for scope in ["admin", "technician", "device"] {
            var client = try #require(told.last)
            client.scope = scope
            #expect(!client.isSound)
        }
    }

    @Test("a client with the key of another is not taken, and stops nobody")
    func copiedKey() async throws {
        let made = try await made()
        try await tell(made.client.id)
        let told = try #require(try await home.toldClients().last)
        let thief = ClientID()
        try await door.apply([door.part([])], tenants: [FleetTenant(id: thief.rawValue, name: "thief", client: told)])
        #expect(try await door.store.client(thief) == nil)
        guard case .accepted(let client) = try await door.store.check(claim(made)) else {
            Issue.record("the tenant is locked out")
            return
        }
        #expect(client.id == made.client.id)
    }

    @Test("a client of an earlier version is told once it has shown its secrets")
    func learned() async throws {
        let made = try await made()
        let vault = home.base.vault
        let key = Data(try vault.digest(made.apiKey.reveal(), purpose: "client.api_key"))
        let secret = Data(try vault.digest(made.apiSecret.reveal(), purpose: "client.api_secret"))
        try await home.store.write { [home] db in
            try db.execute(
                sql: """
                    UPDATE clients SET key_digest = ?, secret_digest = ?, verifiers = NULL, fleet_version = 0
                    WHERE id = ?
                    """, arguments: [key, secret, made.client.id.column])
            _ = try home.store.remember(made.client.id, db)
        }
        let before = try await home.toldClients().count
        guard case .accepted = try await home.store.check(claim(made)) else {
            Issue.record("a client of an earlier version cannot log in")
            return
        }
        #expect(try await home.toldClients().count == before + 1)
        try await tell(made.client.id)
        #expect(try await isAccepted(claim(made)))
        guard case .accepted = try await home.store.check(claim(made)) else {
            Issue.record("it cannot log in a second time")
            return
        }
        #expect(try await home.toldClients().count == before + 1)
    }
}

private enum SHA256Text {
    static func of(_ text: String, _ checker: any ProofChecker) -> String {
        HexText.encode((try? checker.sha256(Array(text.utf8))) ?? [])
    }
}
