import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Token families")
struct TokenFamilyTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func family(_ client: ClientID?) -> TokenFamily {
        TokenFamily(id: TokenFamilyID(), client: client, expiresAt: fixture.clock.wall.addingTimeInterval(600))
    }

    @Test("a refresh token is good once, and the one after it too")
    func rotates() async throws {
        let store = try await fixture.open()
        let family = family(try await store.createClient(name: "kiosk").client.id)
        try await store.beginFamily(family, refreshID: "1")
        #expect(try await store.newest(1).first?.action == "client.authenticated")
        #expect(try await store.isCurrent(family.id, refreshID: "1"))
        try await store.rotate(family, from: "1", to: "2")
        #expect(try await store.newest(1).first?.action == "token.refreshed")
        #expect(try await !store.isCurrent(family.id, refreshID: "1"))
        try await store.rotate(family, from: "2", to: "3")
        #expect(try await store.isCurrent(family.id, refreshID: "3"))
        #expect(try await !store.isRevoked(family.id))
        await store.close()
    }

    @Test("a token that comes again ends its family for good, with an audit line and a security event")
    func reuse() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let (stolen, other) = (family(client), family(client))
        try await store.beginFamily(stolen, refreshID: "1")
        try await store.beginFamily(other, refreshID: "1")
        try await store.rotate(stolen, from: "1", to: "2")
        await #expect(throws: EdgeError(.credentialsRevoked)) { try await store.rotate(stolen, from: "1", to: "x") }
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "token.reused" && !line.succeeded && line.client == client)
        let events = try await store.events(SecurityFilter(.tenant(client)), page: PageRequest()).items
        #expect(events.map(\.type) == [.unusualActivity] && events.first?.severity == .high)
        await #expect(throws: EdgeError(.credentialsRevoked)) { try await store.rotate(stolen, from: "2", to: "3") }
        #expect(try await store.isRevoked(stolen.id))
        #expect(try await !store.isRevoked(other.id))
        await store.close()
        store = try await fixture.open()
        #expect(try await store.isRevoked(stolen.id))
        try await store.rotate(other, from: "1", to: "2")
        await store.close()
    }

    @Test("of many who refresh with the same token at the same time exactly one wins")
    func race() async throws {
        let store = try await fixture.open()
        let family = family(try await store.createClient(name: "kiosk").client.id)
        try await store.beginFamily(family, refreshID: "1")
        let wins = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do throws(EdgeError) {
                        try await store.rotate(family, from: "1", to: "next \(number)")
                        return true
                    } catch { return false }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(wins == 1)
        // The others had a copy: the winner's token has ended with theirs.
        #expect(try await store.isRevoked(family.id))
        await store.close()
    }

    @Test("a family is ended once, a technician's too, and one without a row")
    func revokes() async throws {
        var store = try await fixture.open()
        let known = family(try await store.createClient(name: "kiosk").client.id)
        let technician = family(nil)
        try await store.beginFamily(known, refreshID: "1")
        for family in [known, technician] {
            try await store.revokeFamily(family)
            try await store.revokeFamily(family)
        }
        let actions = try await store.newest(100).map(\.action)
        #expect(actions.filter { $0 == "token.revoked" }.count == 2)
        await #expect(throws: EdgeError(.credentialsRevoked)) { try await store.rotate(known, from: "1", to: "2") }
        await store.close()
        store = try await fixture.open()
        #expect(try await store.isRevoked(known.id))
        #expect(try await store.isRevoked(technician.id))
        await store.close()
    }

    @Test("what has expired is forgotten at the next log-in, and one client cannot fill the table")
    func bounded() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let old = family(client)
        try await store.beginFamily(old, refreshID: "1")
        try await store.revokeFamily(old)
        fixture.clock.advance(by: .seconds(601))
        let first = family(client)
        try await store.beginFamily(first, refreshID: "1")
        #expect(try await !store.isRevoked(old.id))
        for _ in 0..<EdgeStore.familiesOfClient { try await store.beginFamily(family(client), refreshID: "1") }
        let rows = try await store.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM token_families") }
        #expect(rows == EdgeStore.familiesOfClient)
        await #expect(throws: EdgeError(.credentialsRevoked)) { try await store.rotate(first, from: "1", to: "2") }
        await store.close()
    }
}
