import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("People whose sealed record was damaged")
struct DamagedPeopleTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// Three people, of whom the second one's column has its last bit changed.
    private func damaged(_ column: String) async throws -> (store: EdgeStore, client: ClientID, person: PersonID) {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 1...3 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        let person = try #require(await store.person(externalID: "E-2", of: client)).id
        try await store.write { db in
            let sealed = try #require(
                try Data.fetchOne(db, sql: "SELECT \(column) FROM people WHERE id = ?", arguments: [person.column]))
            var bytes = Array(sealed)
            bytes[bytes.count - 1] ^= 1
            try db.execute(
                sql: "UPDATE people SET \(column) = ? WHERE id = ?", arguments: [Data(bytes), person.column])
        }
        return (store, client, person)
    }

    @Test("are listed as damaged beside all others", arguments: ["personal", "subject_key"])
    func listed(column: String) async throws {
        let (store, client, person) = try await damaged(column)
        let page = try await store.people(of: client, page: PageRequest())
        #expect(page.items.map(\.externalID) == ["E-3", "", "E-1"])
        #expect(page.items.map(\.isDamaged) == [false, true, false])
        let all = try await store.people(of: client, limit: 10, offset: 0)
        #expect(all.map(\.externalID) == ["", "E-1", "E-3"] && all[0].id == person)
        #expect(!all[0].isEnrolled && all[0].templateCount == 3)
        let found = try #require(await store.person(externalID: "E-2", of: client))
        #expect(found.id == person && found.isDamaged && found.externalID == "E-2")
        #expect(try await store.person(named: person.description, of: client)?.isDamaged == true)
        await store.close()
    }

    @Test("can be erased, and nothing of them is left", arguments: ["personal", "subject_key"])
    func erased(column: String) async throws {
        let (store, client, person) = try await damaged(column)
        let record = try await store.erasePerson(person, of: client)
        #expect(record.receipt.destroyed.templates == 3)
        #expect(try await store.people(of: client, page: PageRequest()).total == 2)
        #expect(try await store.person(externalID: "E-2", of: client) == nil)
        #expect(try await store.verify().brokenSeals.isEmpty)
        await store.close()
    }

    @Test("cannot be changed, which is said", arguments: ["personal", "subject_key"])
    func unchangeable(column: String) async throws {
        let (store, client, person) = try await damaged(column)
        var edit = PersonEdit()
        edit.isActive = false
        await #expect(throws: EdgeError(.personDamaged)) { try await store.changePerson(person, of: client, edit) }
        await store.close()
    }

    @Test("come back whole with a new enrollment, under their old id here", arguments: ["personal", "subject_key"])
    func renewed(column: String) async throws {
        let (store, client, person) = try await damaged(column)
        let made = try #require(await fixture.enroll("E-2", of: client, in: store, seed: 9))
        #expect(made.person.id == person)
        let found = try #require(await store.person(externalID: "E-2", of: client))
        #expect(!found.isDamaged && found.isEnrolled && found.templateCount == 3)
        #expect(try await Set(store.gallery().map(\.person.externalID)) == ["E-1", "E-2", "E-3"])
        #expect(try await store.newest(3).contains { $0.action == "person.repaired" && $0.person == person })
        let proof = try await store.verify()
        #expect(proof.brokenSeals.isEmpty && proof.lanes.isWhole)
        await store.close()
    }

    @Test("keep their pictures where their key is sound; a damaged profile goes alone")
    func partly() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var draft = PersonDraft(externalID: "E-1")
        draft.profileJSON = #"{"name":"Ada"}"#
        draft.images[.profile] = PersonImage(mediaType: "image/png", bytes: [1, 2, 3])
        let person = try await store.createPerson(draft, of: client).id
        for column in ["profile", "personal"] {
            try await store.write {
                try $0.execute(sql: "UPDATE people SET \(column) = zeroblob(length(\(column)))")
            }
            #expect(try await store.person(person, of: client)?.isDamaged == true)
            try await fixture.enroll("E-1", of: client, in: store)
            let found = try #require(await store.person(person, of: client))
            #expect(!found.isDamaged && found.hasProfileImage && found.profileJSON == "{}")
            #expect(try await store.image(.profile, of: person, client: client)?.bytes == [1, 2, 3])
            #expect(try await store.verify().brokenSeals.isEmpty)
        }
        await store.close()
    }

    @Test("and damaged sessions hide no others; of a damaged one is shown what stands beside the seal")
    func sessions() async throws {
        let (store, client, person) = try await damaged("personal")
        try await store.write {
            try $0.execute(
                sql: "UPDATE sessions SET personal = zeroblob(40) WHERE person_id = ?", arguments: [person.column])
        }
        let sessions = try await store.sessions(of: client, SessionFilter(), page: PageRequest()).items
        #expect(sessions.map(\.externalUserID) == ["E-3", nil, "E-1"])
        #expect(sessions.map(\.matchedPerson?.externalID) == ["E-3", nil, "E-1"])
        await store.close()
    }
}
