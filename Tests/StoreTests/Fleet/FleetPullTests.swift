import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("What central tells a member")
struct FleetPullTests {
    @Test(
        "somebody enrolled elsewhere is recognised here, in a client of the same id, and nothing goes back to central")
    func walksIn() async throws {
        let house = try await FleetFixture()
        let tenant = ClientID()
        let before = try await house.records(.enrollment).count
        let entry = try house.put("E-9", house.version(), of: tenant, payload: house.payload("E-9", name: "Nina"))
        // A client of this name is here already.
        try await house.apply([house.part([entry])], tenants: [FleetTenant(id: tenant.rawValue, name: "kiosk")])
        let record = try #require(try await house.store.gallery(of: tenant).first)
        #expect(record.person.externalID == "E-9" && record.person.displayName == "Nina")
        #expect(
            record.templates.map(\.values)
                == [house.base.template(seed: 100), house.base.template(seed: 101)].map(\.values))
        #expect(try await house.store.client(tenant)?.name == "kiosk (2)")
        guard case .replace(let told) = house.followed.withLock({ $0.last }) else {
            Issue.record("the gallery was told nothing")
            return
        }
        #expect(told.person.id == record.person.id)
        #expect(try await house.records(.enrollment).count == before)
        #expect(try await house.store.newest(5).contains { $0.action == "fleet.applied" })
        #expect(try await house.store.verify().isWhole)
        await house.store.close()
    }

    @Test("what was applied and how far are there together after a restart")
    func restart() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("E-9", house.version(), change: 7)])
        let membership = try house.membership()
        await house.store.close()
        let again = try await house.base.open()
        let places = try await again.pullPlaces()
        #expect(places.incarnation == house.incarnation)
        #expect(places.cursors == [.init(scope: house.scope, cursor: ScopeCursor(removals: 7, changes: 7))])
        #expect(try await again.gallery().map(\.person.externalID) == ["E-9"])
        #expect(try await again.membership() == membership)
        await again.close()
        #expect(try !house.base.onDisk(Data("secret of the device".utf8)))
    }

    @Test("an answer that cannot be applied whole is not applied at all")
    func whole() async throws {
        let house = try await FleetFixture()
        await house.store.close()
        let vault = FailingVault(house.base.vault)
        let store = try await house.base.open(sealer: vault, secrets: vault)
        // Enough for the first of two people.
        vault.fail(after: 9)
        await #expect(throws: EdgeError.self) {
            try await house.apply(
                [house.part([house.put("E-1", house.version()), house.put("E-2", house.version(), change: 2)])],
                in: store)
        }
        vault.fail(after: nil)
        #expect(try await store.gallery().isEmpty)
        #expect(try await store.pullPlaces().cursors.isEmpty)
        #expect(try await store.lease() == nil)
        await store.close()
    }

    @Test("an erasure that central ordered destroys as any other, is proven, and is not told as a new one")
    func erasure() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("E-9", house.version())])
        let person = try #require(try await house.person("E-9"))
        try await house.apply([house.erased("E-9"), house.erased("nobody here", change: 3)])
        #expect(try await house.person("E-9") == nil)
        #expect(try await house.recognisable().isEmpty)
        let receipts = try await house.store.erasures(of: house.client, page: PageRequest()).items
        #expect(receipts.map(\.receipt.cause) == [.central] && receipts.first?.receipt.person == person.id)
        #expect(try await !house.kinds(.control).contains(RecordKind.erased))
        let proven = try await house.payloads(RecordKind.proven, in: .control, as: ErasureFloor.self)
        #expect(Set(proven.map(\.subject)) == [try house.subject("E-9"), try house.subject("nobody here")])
        #expect(proven.allSatisfy { $0.below == 1 })
        guard case .remove(person.id) = house.followed.withLock({ $0.last }) else {
            Issue.record("the gallery still has the person")
            return
        }
        // A copy of what was erased, from a central that was restored, does not come back.
        try await house.apply([house.put("E-9", house.version(7), change: 4)])
        #expect(try await house.recognisable().isEmpty)
        // Whoever agreed again does, under a key of their own.
        try await house.apply([house.put("E-9", house.version(1, consent: 1), change: 5)])
        #expect(try await house.recognisable() == ["E-9"])
        #expect(try await house.person("E-9")?.id != person.id)
        await house.store.close()
    }

    @Test("an own enrollment goes with an erasure, also from the lane where it waits")
    func ownErased() async throws {
        let house = try await FleetFixture()
        _ = try await house.enroll("E-1")
        try await house.apply([house.erased("E-1")])
        #expect(try await house.recognisable().isEmpty)
        let waiting = try await house.records(.enrollment).filter { $0.head.kind == RecordKind.enrolled }
        #expect(try await house.store.open(waiting) == [nil])
        #expect(try await house.store.verify().isWhole)
        await house.store.close()
    }

    @Test("who has left a scope goes without a receipt, and nothing is told")
    func left() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("E-9", house.version())])
        try await house.apply([house.left("E-9")])
        #expect(try await house.person("E-9") == nil)
        #expect(try await house.store.erasures(of: nil, page: PageRequest()).total == 0)
        #expect(try await Set(house.kinds(.control)).isSubset(of: ["epoch.started", RecordKind.client]))
        #expect(try await house.replica("E-9") == nil)
        await house.store.close()
    }

    @Test("a device that is not in a scope any more keeps nobody of it but who is in another or its own")
    func otherScope() async throws {
        let house = try await FleetFixture()
        let second = ScopeID(rawValue: UUID())
        try await house.apply([
            house.part([house.put("A", house.version()), house.put("both", house.version(), change: 2)]),
            house.part([house.put("both", house.version(), change: 1)], in: second),
        ])
        _ = try await house.enroll("own")
        try await house.apply([house.part([], in: second, reached: 1)])
        #expect(try await house.recognisable() == ["both", "own"])
        #expect(try await house.store.pullPlaces().cursors.map(\.scope) == [second])
        await house.store.close()
    }

    @Test("the greater version is in effect: an own enrollment over an older word of central, and not over a later one")
    func effective() async throws {
        let house = try await FleetFixture()
        let own = try #require(try await house.enroll("E-1", seed: 5)).templates
        try await house.apply([house.put("E-1", house.version(1, at: 10))])
        #expect(try await house.store.gallery().first?.templates == own)
        try await house.apply([house.put("E-1", house.version(2), change: 2)])
        let held = try #require(try await house.store.gallery().first)
        #expect(held.templates != own && held.templates.count == 2)
        await house.store.close()
    }

    @Test("an enrollment that central refused is deleted here; where central told of another, that one is sent anew")
    func refused() async throws {
        let house = try await FleetFixture()
        try await house.apply([house.put("told before", house.version())])
        for (number, user) in ["only here", "told before"].enumerated() {
            _ = try await house.enroll(user, seed: number + 5)
        }
        let told = try await house.payloads(RecordKind.enrolled, in: .enrollment, as: SubjectFacts.self)
        let refused = told.enumerated().map { place, facts in
            RefusedRecord(
                sequence: UInt64(place + 1), reason: "not_trusted", subject: facts.subject, version: facts.version)
        }
        try await house.store.settle(house.settlement(refused: refused), of: .enrollment)
        #expect(try await house.recognisable().isEmpty)
        #expect(try await house.store.pullPlaces().mistrusted == [house.scope])
        try await house.apply([house.part([house.put("told before", house.version())], isSnapshot: true)])
        #expect(try await house.recognisable() == ["told before"])
        #expect(try await house.store.pullPlaces().mistrusted.isEmpty)
        await house.store.close()
    }

    @Test("a snapshot comes in pages, and whoever is in none of them leaves with the last")
    func snapshot() async throws {
        let house = try await FleetFixture()
        try await house.apply([
            house.put("A", house.version()), house.put("B", house.version(), change: 2),
            house.put("C", house.version(), change: 3),
        ])
        _ = try await house.enroll("own")
        try await house.apply([
            house.part([house.put("A", house.version(2), change: 4)], isSnapshot: true, isComplete: false)
        ])
        #expect(try await house.recognisable() == ["A", "B", "C", "own"])
        let root = try house.root([("A", house.version(2)), ("C", house.version())])
        let outcome = try await house.apply([house.part([house.put("C", house.version(), change: 5)], root: root)])
        #expect(outcome.mistrusted.isEmpty)
        #expect(try await house.recognisable() == ["A", "C", "own"])
        await house.store.close()
    }

    @Test("contents that differ from central's are found by their root, and a scope sent anew is trusted again")
    func root() async throws {
        let house = try await FleetFixture()
        let people = [("A", house.version()), ("B", house.version())]
        let root = try house.root(people)
        var outcome = try await house.apply([house.part([house.put("A", house.version())], root: root)])
        #expect(outcome.mistrusted == [house.scope])
        #expect(try await house.store.pullPlaces().mistrusted == [house.scope])
        let all = try people.enumerated().map { try house.put($1.0, $1.1, change: UInt64($0 + 1)) }
        outcome = try await house.apply([house.part(all, isSnapshot: true, root: root)])
        #expect(outcome.mistrusted.isEmpty)
        #expect(try await house.store.pullPlaces().mistrusted.isEmpty)
        await house.store.close()
    }

    @Test("people of another model are known, counted, and not recognised; what cannot be read stops nobody else")
    func models() async throws {
        let house = try await FleetFixture()
        let foreign = ModelVersion(id: "other", version: "1")
        let outcome = try await house.apply([
            house.put("A", house.version()),
            house.put("B", house.version(), change: 2, payload: house.payload("B", model: foreign)),
            house.put("C", house.version(), change: 3, payload: "{}"),
            // Not who the pseudonym says.
            house.put("D", house.version(), change: 4, payload: house.payload("E")),
        ])
        #expect(outcome.withoutModel == 1 && outcome.unreadable == 2 && outcome.entries == 4)
        #expect(try await house.recognisable() == ["A"])
        #expect(try await house.person("B")?.isEnrolled == false)
        #expect(try await house.person("E") == nil)
        await house.store.close()
    }

    @Test("no quota keeps out whom central tells of")
    func quota() async throws {
        let house = try await FleetFixture()
        _ = try await house.store.updateClient(house.client) { $0.features.maximumUsers = 1 }
        try await house.apply([
            house.put("A", house.version()), house.put("B", house.version(), change: 2),
        ])
        #expect(try await house.recognisable() == ["A", "B"])
        await #expect(throws: EdgeError.self) { try await house.enroll("C") }
        await house.store.close()
    }

    @Test("retention erases nobody whom central told of")
    func retention() async throws {
        var options = StoreOptions()
        options.retention.peopleUnseen = .seconds(86_400)
        options.isClockSynchronized = { true }
        let house = try await FleetFixture(options: options)
        try await house.apply([house.put("A", house.version())])
        _ = try await house.enroll("own")
        house.base.clock.advance(by: .seconds(2 * 86_400))
        try await house.store.eraseUnseenPeople()
        #expect(try await house.recognisable() == ["A"])
        await house.store.close()
    }
}
