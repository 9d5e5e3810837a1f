import EdgeCore
import EdgeTesting
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Members that another central instance let in")
struct AdoptedMemberTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func adopt(_ id: ClientID, _ key: String, _ secret: String, _ store: EdgeStore) async throws -> ClientRecord
    {
        try await store.adoptMember(id, name: "device a", apiKey: Redacted(key), apiSecret: Redacted(secret))
    }

    @Test("are clients that may sync, under the id that they have in the fleet")
    func adopted() async throws {
        let store = try await fixture.open()
        let id = ClientID()
        let client = try await adopt(id, "frapi_one", "secret", store)
        #expect(client.id == id && client.scope == .device && client.name == "device a" && client.isActive)
        let right = ClientClaim(name: .apiKey("frapi_one"), apiSecret: "secret")
        #expect(try await store.check(right) == .accepted(client))
        let wrong = ClientClaim(name: .apiKey("frapi_one"), apiSecret: "other")
        #expect(try await store.check(wrong) == .refused(id))
        await store.close()
    }

    @Test("are taken over again with their new secrets; the old ones are good for nothing")
    func again() async throws {
        let store = try await fixture.open()
        let id = ClientID()
        _ = try await adopt(id, "frapi_one", "secret", store)
        _ = try await adopt(id, "frapi_two", "newer", store)
        #expect(try await store.clients().count == 1)
        #expect(try await store.check(ClientClaim(name: .apiKey("frapi_one"), apiSecret: "secret")) == .refused(nil))
        let client = try #require(try await store.client(id))
        let claim = ClientClaim(name: .apiKey("frapi_two"), apiSecret: "newer")
        #expect(try await store.check(claim) == .accepted(client))
        await store.close()
    }

    @Test("are told apart from a client that has their name")
    func names() async throws {
        let store = try await fixture.open()
        let (first, second) = (ClientID(), ClientID())
        _ = try await adopt(first, "frapi_one", "secret", store)
        let client = try await adopt(second, "frapi_two", "secret", store)
        #expect(client.name == "device a, \(second)")
        #expect(try await store.clients().map(\.id) == [first, second])
        await store.close()
    }
}
