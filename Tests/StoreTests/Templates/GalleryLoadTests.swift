import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Loading the gallery")
struct GalleryLoadTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("many people come in parts, in order, each with their own names and templates")
    func manyParts() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        let count = SealedPeople.partSize * 3 + 7
        let made = try await enroll(count, of: client, in: store)
        let parts = Mutex<[[GalleryRecord]]>([])
        try await store.readGallery(of: nil, model: nil) { part in parts.withLock { $0.append(part) } }
        let read = parts.withLock { $0 }
        #expect(read.map(\.count) == [512, 512, 512, 7])
        #expect(read.joined().map(\.person) == made.map(\.person))
        #expect(read.joined().map(\.templates) == made.map(\.templates))
        await store.close()
    }

    @Test("a person who enrolled anew stays one, with the new templates only")
    func scatteredTemplates() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for user in ["E-1", "E-2", "E-3"] { try await fixture.enroll(user, of: client, in: store, seed: 1) }
        // Their rows now stand behind those of the others.
        let again = try await fixture.enroll("E-1", of: client, in: store, seed: 9)
        let read = try await store.gallery()
        #expect(read.map(\.person.externalID) == ["E-1", "E-2", "E-3"])
        #expect(read.first?.templates == again?.templates)
        await store.close()
    }

    @Test("one tenant's people are read without those of another")
    func oneTenant() async throws {
        let store = try await fixture.open()
        let one = try await store.createClient(name: "One").client.id
        let other = try await store.createClient(name: "Other").client.id
        try await fixture.enroll("E-1", of: one, in: store)
        try await fixture.enroll("E-2", of: other, in: store)
        #expect(try await store.gallery(of: one).map(\.person.externalID) == ["E-1"])
        #expect(try await store.gallery(of: other).map(\.person.externalID) == ["E-2"])
        #expect(try await store.gallery(of: ClientID()).isEmpty)
        await store.close()
    }

    @Test("whoever is out of force stays out, by the same rule for one person and for all")
    func outOfForce() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for user in ["E-1", "E-2", "E-3", "E-4"] { try await fixture.enroll(user, of: client, in: store) }
        try await store.write { db in
            let of = "(SELECT enrollment_id FROM people ORDER BY key LIMIT 1 OFFSET ?)"
            try db.execute(sql: "UPDATE enrollments SET status = 'inactive' WHERE id = \(of)", arguments: [0])
            try db.execute(sql: "UPDATE enrollments SET valid_until = 1 WHERE id = \(of)", arguments: [1])
            try db.execute(
                sql: "UPDATE people SET enrollment_id = NULL WHERE key = (SELECT max(key) FROM people)")
        }
        #expect(try await store.gallery().map(\.person.externalID) == ["E-3", "E-4"])
        let one = try await store.read { [fixture] db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) FROM people WHERE \(TemplatesInForce.condition)",
                arguments: ["now": fixture.clock.wall.column])
        }
        #expect(one == 2)
        await store.close()
    }

    @Test("people whose rows were changed are left out and named in the audit trail, all others are read")
    func changedRows() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        let made = try await enroll(SealedPeople.partSize + 40, of: client, in: store)
        let (first, second) = (made[3].person.id, made[SealedPeople.partSize + 3].person.id)
        try await store.write { db in
            try db.execute(
                sql: "UPDATE people SET subject_key = zeroblob(length(subject_key)) WHERE id = ?",
                arguments: [first.column])
            try db.execute(
                sql: """
                    UPDATE templates SET vector = zeroblob(length(vector))
                    WHERE person_key = (SELECT key FROM people WHERE id = ?) AND sample_number = 2
                    """, arguments: [second.column])
        }
        let read = try await store.gallery()
        #expect(read.count == made.count - 2)
        #expect(!read.contains { [first, second].contains($0.person.id) })
        let lines = try await store.newest(2)
        #expect(lines.map(\.action) == ["person.unreadable", "person.unreadable"])
        #expect(Set(lines.map(\.person)) == [first, second])
        // Told until each is enrolled anew or erased.
        func told() -> String? { fixture.health.current.first { $0.code == "store.people.damaged" }?.title }
        #expect(told()?.contains(": 2.") == true)
        let externalID = try #require(made.first { $0.person.id == second }).person.externalID
        try await fixture.enroll(externalID, of: client, in: store, seed: 77)
        #expect(told()?.contains(": 1.") == true)
        #expect(try await store.gallery().contains { $0.person.id == second })
        _ = try await store.erasePerson(first, of: client)
        #expect(told() == nil)
        await store.close()
    }

    @Test("keys that are not there now end the loading with that error, not with everybody left out")
    func keysAway() async throws {
        let keys = FailingVault(fixture.vault)
        let store = try await fixture.open(sealer: keys, secrets: keys)
        let client = try await store.createClient(name: "Door").client.id
        _ = try await enroll(40, of: client, in: store)
        keys.fail(after: 20)
        await #expect(throws: EdgeError.self) { try await store.gallery() }
        keys.fail(after: nil)
        #expect(try await store.gallery().count == 40)
        #expect(try await store.newest(1).first?.action != "person.unreadable")
        await store.close()
    }

    /// People with two templates each, made without sessions, as the gallery has them.
    private func enroll(_ count: Int, of client: ClientID, in store: EdgeStore) async throws -> [GalleryRecord] {
        try await store.write { [fixture] db in
            try (0..<count).map { number in
                let name = "E-\(number)"
                let owner = try store.insertPerson(
                    PersonalData(externalID: name, displayName: "Person \(number)"),
                    digest: Data(store.digest(ofExternalID: name, client: client)), of: client,
                    at: fixture.clock.wall, db)
                let templates = [fixture.template(seed: number * 2), fixture.template(seed: number * 2 + 1)]
                for (place, template) in templates.enumerated() {
                    try store.insert(
                        template, quality: 0.9, number: place + 1, of: owner, at: fixture.clock.wall, db)
                }
                return GalleryRecord(client: client, person: owner.matched, templates: templates)
            }
        }
    }
}
