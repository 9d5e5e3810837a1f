import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Lock-out")
struct LockoutTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("locks for 30 s at the fifth miss, doubles with each further one, and stops at an hour")
    func doubles() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<4 {
            try await miss("E-1", of: client, in: store)
            #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == nil)
        }
        for seconds in [30.0, 60, 120, 240, 480, 960, 1920, 3600, 3600] {
            try await miss("E-1", of: client, in: store)
            let until = try #require(await store.lockedUntil(externalUserID: "E-1", of: client))
            #expect(until == fixture.clock.wall.addingTimeInterval(seconds))
            fixture.clock.advance(by: .seconds(seconds - 1))
            #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == until)
            fixture.clock.advance(by: .seconds(1))
            #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == nil)
        }
        #expect(try await store.lockedUntil(externalUserID: "E-2", of: client) == nil)
        await store.close()
    }

    @Test("goes by another rule from the moment that it is told")
    func reconfigured() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        try await miss("E-1", of: client, in: store)
        var options = StoreOptions()
        options.lockout = LockoutPolicy(misses: 2, first: .seconds(7), maximum: .seconds(9))
        store.reconfigure(options)
        try await miss("E-1", of: client, in: store)
        let until = try await store.lockedUntil(externalUserID: "E-1", of: client)
        #expect(until == fixture.clock.wall.addingTimeInterval(7))
        await store.close()
    }

    @Test("survives a restart")
    func restart() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<5 { try await miss("E-1", of: client, in: store) }
        await store.close()
        store = try await fixture.open()
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) != nil)
        await store.close()
    }

    @Test("is cleared by a success, and counting begins anew")
    func cleared() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        let enrolled = try #require(await fixture.enroll("E-1", of: client, in: store))
        for _ in 0..<4 { try await miss("E-1", of: client, in: store) }
        let session = fixture.session(.verification, of: client, user: "E-1")
        try await store.begin(session)
        var ended = fixture.outcome(session).session
        ended.matchedPerson = enrolled.person
        _ = try await store.finish(SessionOutcome(session: ended, lockout: .clear))
        for _ in 0..<4 { try await miss("E-1", of: client, in: store) }
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == nil)
        try await miss("E-1", of: client, in: store)
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) != nil)
        await store.close()
    }

    @Test("lets no success through that is recorded while the user is locked, and is not cleared by it")
    func lockedSuccess() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        let enrolled = try #require(await fixture.enroll("E-1", of: client, in: store))
        let session = fixture.session(.verification, of: client, user: "E-1")
        let found = fixture.session(.identification, of: client, user: nil)
        for opened in [session, found] { try await store.begin(opened) }
        for _ in 0..<5 { try await miss("E-1", of: client, in: store) }
        let until = try await store.lockedUntil(externalUserID: "E-1", of: client)
        let lines = try await store.newest(100)
        var ended = fixture.outcome(session).session
        ended.matchedPerson = enrolled.person
        let success = SessionOutcome(session: ended, lockout: .clear)
        await #expect(throws: EdgeError(.sessionLockedOut)) { try await store.finish(success) }
        #expect(try await store.newest(100) == lines)
        #expect(try await store.session(.id(session.id), of: client)?.state == .active)
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == until)
        #expect(try await store.person(externalID: "E-1", of: client)?.lastSeenAt == nil)
        // Nobody is claimed in an identification, so nobody is locked.
        var identified = fixture.outcome(found).session
        identified.matchedPerson = enrolled.person
        _ = try await store.finish(SessionOutcome(session: identified, lockout: .none))
        _ = try await store.finish(SessionOutcome(session: fixture.miss(session).session, lockout: .none))
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == until)
        await store.close()
    }

    @Test("counts another spelling of a user as another user, as the gallery does")
    func spellings() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        let (one, other) = ("Kate", "\u{212A}ate")
        let first = try #require(await fixture.enroll(one, of: client, in: store, seed: 1))
        let second = try #require(await fixture.enroll(other, of: client, in: store, seed: 2))
        #expect(first.person.id != second.person.id)
        #expect(try await store.person(externalID: other, of: client)?.id == second.person.id)
        for _ in 0..<5 { try await miss(one, of: client, in: store) }
        #expect(try await store.lockedUntil(externalUserID: one, of: client) != nil)
        #expect(try await store.lockedUntil(externalUserID: other, of: client) == nil)
        await store.close()
    }

    @Test("counts users that nobody enrolled too, and forgets them a day after the last miss")
    func forgotten() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<5 { try await miss("ghost", of: client, in: store) }
        #expect(try await store.lockedUntil(externalUserID: "ghost", of: client) != nil)
        fixture.clock.advance(by: .seconds(86_401))
        try await miss("other", of: client, in: store)
        let rows = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM lockouts") }
        #expect(rows == 1)
        await store.close()
    }

    @Test("does nothing when the policy is off")
    func off() async throws {
        let store = try await fixture.open(lockout: LockoutPolicy(misses: 0))
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<20 { try await miss("E-1", of: client, in: store) }
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == nil)
        await store.close()
    }

    @Test("never lasts longer than the policy's maximum, even when the clock was set back")
    func clockSetBack() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<5 { try await miss("E-1", of: client, in: store) }
        fixture.clock.advance(by: .seconds(-86_400 * 365))
        let until = try #require(await store.lockedUntil(externalUserID: "E-1", of: client))
        #expect(until == fixture.clock.wall.addingTimeInterval(3600))
        await store.close()
    }

    @Test("leaves an outcome that changes nothing alone")
    func none() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "door").client.id
        for _ in 0..<6 {
            let session = fixture.session(.verification, of: client, user: "E-1")
            try await store.begin(session)
            _ = try await store.finish(SessionOutcome(session: fixture.miss(session).session, lockout: .none))
        }
        #expect(try await store.lockedUntil(externalUserID: "E-1", of: client) == nil)
        await store.close()
    }

    private func miss(_ user: String, of client: ClientID, in store: EdgeStore) async throws {
        let session = fixture.session(.verification, of: client, user: user)
        try await store.begin(session)
        _ = try await store.finish(fixture.miss(session))
    }
}
