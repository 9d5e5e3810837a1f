import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Lists of sessions")
struct SessionListTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("come newest first, by state and by kind, without tokens, and of one tenant")
    func filters() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let other = try await store.createClient(name: "other").client.id
        try await store.begin(fixture.session(.verification, of: other))
        var ids: [SessionID] = []
        for kind in [SessionKind.enrollment, .verification, .identification] {
            let session = fixture.session(kind, of: client, user: kind == .identification ? nil : "E-1")
            try await store.begin(session)
            ids.append(session.id)
            if kind != .enrollment { _ = try await store.finish(fixture.miss(session)) }
        }
        let all = try await store.sessions(of: client, SessionFilter(), page: PageRequest())
        #expect(all.total == 3)
        #expect(all.items.map(\.id) == ids.reversed())
        #expect(all.items.allSatisfy { $0.token == nil })
        let failed = try await store.sessions(of: client, SessionFilter(states: [.failed]), page: PageRequest())
        #expect(failed.items.map(\.id) == [ids[2], ids[1]])
        let both = SessionFilter(states: [.failed, .pending], kinds: [.enrollment, .verification])
        #expect(try await store.sessions(of: client, both, page: PageRequest()).items.map(\.id) == [ids[1], ids[0]])
        let none = SessionFilter(states: [], kinds: [.enrollment])
        #expect(try await store.sessions(of: client, none, page: PageRequest()).total == 0)
        #expect(try await store.sessions(of: client, SessionFilter(), page: PageRequest(2)).items.isEmpty)
        await store.close()
    }

    @Test("say from where and with what a session was opened, until its person is removed")
    func origin() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let origin = RequestOrigin(address: "192.0.2.7", userAgent: "door/1.0", requestID: "r")
        let session = RequestOrigin.$current.withValue(origin) { fixture.session(.enrollment, of: client, user: "E-1") }
        try await RequestOrigin.$current.withValue(origin) { try await store.begin(session) }
        _ = try await store.finish(fixture.outcome(session))
        let read = try #require(await store.sessions(of: client, SessionFilter(), page: PageRequest()).items.first)
        #expect(read.address == "192.0.2.7" && read.userAgent == "door/1.0")
        _ = try await store.removePerson(externalID: "E-1", of: client)
        let after = try #require(await store.session(.id(session.id), of: client))
        #expect(after.address == nil && after.userAgent == nil)
        await store.close()
    }
}
