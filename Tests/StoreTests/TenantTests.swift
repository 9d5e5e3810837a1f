import EdgeCore
import EdgeTesting
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Tenants")
struct TenantTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("have people of their own under the same external id")
    func sameExternalID() async throws {
        let (store, ours, theirs) = try await opened()
        let first = try #require(await fixture.enroll("E-1", name: "Ada", of: ours, in: store, seed: 1))
        let second = try #require(await fixture.enroll("E-1", name: "Bob", of: theirs, in: store, seed: 2))
        #expect(first.person.id != second.person.id)
        #expect(try await store.person(externalID: "E-1", of: ours)?.displayName == "Ada")
        #expect(try await store.person(externalID: "E-1", of: theirs)?.displayName == "Bob")
        #expect(try await store.people(of: ours, limit: 9, offset: 0).map(\.id) == [first.person.id])
        #expect(try await store.people(of: nil, limit: 9, offset: 0).count == 2)
        let gallery = try await store.gallery()
        #expect(Set(gallery.map(\.client)) == [ours, theirs])
        #expect(gallery.first { $0.client == ours }?.templates == first.templates)
        _ = try await store.removePerson(externalID: "E-1", of: ours)
        #expect(try await store.person(externalID: "E-1", of: theirs)?.displayName == "Bob")
        #expect(try await store.gallery().map(\.client) == [theirs])
        await store.close()
    }

    @Test("do not find, remove or count each other's people")
    func people() async throws {
        let (store, ours, theirs) = try await opened()
        try await fixture.enroll("E-1", of: ours, in: store)
        #expect(try await store.person(externalID: "E-1", of: theirs) == nil)
        #expect(try await store.people(of: theirs, limit: 9, offset: 0) == [])
        await #expect(throws: EdgeError(.personUnknown)) {
            try await store.removePerson(externalID: "E-1", of: theirs)
        }
        #expect(try await store.peopleCount() == 1)
        await store.close()
    }

    @Test("do not find or end each other's sessions, by token or by id")
    func sessions() async throws {
        let (store, ours, theirs) = try await opened()
        let session = fixture.session(.verification, of: ours)
        try await store.begin(session)
        let token = try #require(session.token)
        #expect(try await store.session(.token(token), of: theirs) == nil)
        #expect(try await store.session(.id(session.id), of: theirs) == nil)
        var stolen = fixture.miss(session).session
        stolen.client = theirs
        await #expect(throws: EdgeError(.sessionUnknown)) {
            try await store.finish(SessionOutcome(session: stolen))
        }
        #expect(try await store.session(.token(token), of: ours)?.state == .active)
        await store.close()
    }

    @Test("cannot be recognised as each other's people")
    func matches() async throws {
        let (store, ours, theirs) = try await opened()
        let enrolled = try #require(await fixture.enroll("E-1", of: ours, in: store))
        let session = fixture.session(.identification, of: theirs, user: nil)
        try await store.begin(session)
        var ended = fixture.outcome(session).session
        ended.matchedPerson = enrolled.person
        await #expect(throws: EdgeError(.personUnknown)) {
            try await store.finish(SessionOutcome(session: ended))
        }
        #expect(try await store.person(externalID: "E-1", of: ours)?.lastSeenAt == nil)
        await store.close()
    }

    @Test("do not lock each other's users out")
    func lockouts() async throws {
        let (store, ours, theirs) = try await opened()
        for _ in 0..<5 {
            let session = fixture.session(.verification, of: ours, user: "E-1")
            try await store.begin(session)
            _ = try await store.finish(fixture.miss(session))
        }
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: ours) != nil)
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: theirs) == nil)
        await store.close()
    }

    @Test("that do not exist cannot begin a session")
    func unknownTenant() async throws {
        let (store, _, _) = try await opened()
        await #expect(throws: EdgeError.self) {
            try await store.begin(fixture.session(.verification, of: ClientID()))
        }
        await store.close()
    }

    private func opened() async throws -> (EdgeStore, ClientID, ClientID) {
        let store = try await fixture.open()
        let ours = try await store.createClient(name: "ours").client.id
        let theirs = try await store.createClient(name: "theirs").client.id
        return (store, ours, theirs)
    }
}
