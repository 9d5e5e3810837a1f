import EdgeCore
import EdgeTesting
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Clients")
struct ClientTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func claim(_ made: ClientCredentials) -> ClientClaim {
        ClientClaim(name: .apiKey(made.apiKey.reveal()), apiSecret: made.apiSecret.reveal())
    }

    @Test("get credentials in the promised form, all different")
    func credentials() async throws {
        let store = try await fixture.open()
        let first = try await store.createClient(name: "kiosk")
        let second = try await store.createClient(name: "door")
        for made in [first, second] {
            #expect(made.apiKey.reveal().wholeMatch(of: /frapi_[A-Za-z0-9_-]{43}/) != nil)
            #expect(made.apiSecret.reveal().wholeMatch(of: /[A-Za-z0-9_-]{86}/) != nil)
            #expect(made.client.publicID.wholeMatch(of: /FR_[0-9A-F]{16}/) != nil)
            #expect(made.client.isActive)
            #expect(made.client.createdAt == fixture.clock.wall)
        }
        #expect(first.apiKey.reveal() != second.apiKey.reveal())
        #expect(first.client.publicID != second.client.publicID)
        #expect(try await store.clients() == [first.client, second.client])
        await store.close()
    }

    @Test("are there after a restart")
    func restart() async throws {
        var store = try await fixture.open()
        let made = try await store.createClient(name: "kiosk")
        await store.close()
        store = try await fixture.open()
        #expect(try await store.client(made.client.id) == made.client)
        #expect(try await store.client(apiKey: made.apiKey.reveal()) == made.client)
        #expect(try await store.check(claim(made)) == .accepted(made.client))
        await store.close()
    }

    @Test("of one name are refused the second time")
    func sameName() async throws {
        let store = try await fixture.open()
        _ = try await store.createClient(name: "kiosk")
        await #expect(throws: EdgeError(.clientExists)) { try await store.createClient(name: "kiosk") }
        #expect(try await store.clients().count == 1)
        await store.close()
    }

    @Test("need a name", arguments: ["", "  \n", String(repeating: "k", count: 201)])
    func noName(name: String) async throws {
        let store = try await fixture.open()
        let error = await #expect(throws: EdgeError.self) { try await store.createClient(name: name) }
        #expect(error?.code == .requestInvalid)
        #expect(error?.field == "name")
        await store.close()
    }

    @Test("are refused alike with a wrong key, a wrong secret and another client's secret, and whose it was is told")
    func wrongCredentials() async throws {
        let store = try await fixture.open()
        let kiosk = try await store.createClient(name: "kiosk")
        let door = try await store.createClient(name: "door")
        let tries = [
            ("frapi_unknown", kiosk.apiSecret.reveal(), ClientID?.none), (kiosk.apiKey.reveal(), "", kiosk.client.id),
            (kiosk.apiKey.reveal(), kiosk.apiSecret.reveal() + "A", kiosk.client.id),
            (kiosk.apiKey.reveal(), door.apiSecret.reveal(), kiosk.client.id),
            (kiosk.apiSecret.reveal(), kiosk.apiKey.reveal(), nil), ("", "", nil),
        ]
        for (key, secret, client) in tries {
            let claim = ClientClaim(name: .apiKey(key), apiSecret: secret)
            #expect(try await store.check(claim) == .refused(client))
        }
        let byID = ClientClaim(name: .id(kiosk.client.id), apiSecret: kiosk.apiSecret.reveal())
        #expect(try await store.check(byID) == .accepted(kiosk.client))
        let mixed = ClientClaim(name: .id(kiosk.client.id), apiSecret: door.apiSecret.reveal())
        #expect(try await store.check(mixed) == .refused(kiosk.client.id))
        await store.close()
    }

    @Test("may not come in once deactivated, but keep their record")
    func deactivated() async throws {
        let store = try await fixture.open()
        let kiosk = try await store.createClient(name: "kiosk")
        let gone = try await store.deactivateClient(publicID: kiosk.client.publicID)
        #expect(!gone.isActive)
        #expect(try await store.client(kiosk.client.id)?.isActive == false)
        #expect(try await store.client(apiKey: kiosk.apiKey.reveal()) == nil)
        #expect(try await store.check(claim(kiosk)) == .refused(kiosk.client.id))
        await #expect(throws: EdgeError(.clientUnknown)) { try await store.deactivateClient(publicID: "FR_0") }
        await store.close()
    }
}
