import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Enrollment and people")
struct EnrollmentTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test(
        "a completed enrollment gives back the person with the templates given, and so does the gallery after a restart"
    )
    func enrolls() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let session = fixture.session(.enrollment, of: client.id, user: "E-1")
        try await store.begin(session)
        let outcome = fixture.outcome(session, name: "Ada", samples: 4)
        let made = try #require(await store.finish(outcome))
        #expect(made.client == client.id)
        #expect(made.person.externalID == "E-1")
        #expect(made.person.displayName == "Ada")
        #expect(made.templates == outcome.samples.map(\.template))
        #expect(try await store.session(.id(session.id), of: client.id)?.matchedPerson == made.person)
        #expect(try await store.newest(1).first?.action == "enrollment.completed")
        #expect(try await store.newest(1).first?.person == made.person.id)
        await store.close()
        store = try await fixture.open()
        let gallery = try await store.gallery()
        #expect(gallery.map(\.person) == [made.person])
        #expect(gallery.first?.templates == made.templates)
        #expect(gallery.first?.client == client.id)
        await store.close()
    }

    @Test("a second enrollment keeps the person's id and key, replaces the templates, and keeps a name not given again")
    func enrollsAgain() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let first = try #require(await fixture.enroll("E-1", name: "Ada", of: client.id, in: store, seed: 1))
        let key = try await subjectKeys(store)
        let since = fixture.clock.wall
        fixture.clock.advance(by: .seconds(100))
        let second = try #require(await fixture.enroll("E-1", of: client.id, in: store, samples: 2, seed: 2))
        #expect(second.person == first.person)
        #expect(second.templates == [fixture.template(seed: 200), fixture.template(seed: 201)])
        #expect(try await store.gallery().map(\.templates) == [second.templates])
        #expect(try await subjectKeys(store) == key)
        let person = try #require(await store.person(externalID: "E-1", of: client.id))
        #expect(person.templateCount == 2)
        #expect(person.createdAt == since)
        #expect(person.enrolledAt == fixture.clock.wall)
        let third = try #require(await fixture.enroll("E-1", name: "Ada L.", of: client.id, in: store))
        #expect(third.person.displayName == "Ada L.")
        await store.close()
    }

    @Test("templates keep every bit, whatever the number", arguments: [Float.leastNonzeroMagnitude, -0.0, 1, -1e-30])
    func exactValues(value: Float) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        var session = fixture.session(.enrollment, of: client.id)
        try await store.begin(session)
        session.state = .completed
        let template = FaceTemplate(model: fixture.model, values: [value, 0.1, -value])
        _ = try await store.finish(
            SessionOutcome(session: session, samples: [EnrolledSample(template: template, quality: 1)]))
        let read = try #require(await store.gallery().first?.templates.first)
        #expect(read.values.map(\.bitPattern) == template.values.map(\.bitPattern))
        #expect(read.model == fixture.model)
        await store.close()
    }

    @Test("people come by external id, in pages, with their facts")
    func people() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        for user in ["delta", "alpha", "Ünal", "charlie", "bravo"] {
            try await fixture.enroll(user, name: user.uppercased(), of: client.id, in: store, samples: 2)
        }
        let order = ["alpha", "bravo", "charlie", "delta", "Ünal"]
        #expect(try await store.people(of: client.id, limit: 100, offset: 0).map(\.externalID) == order)
        #expect(try await store.people(of: client.id, limit: 2, offset: 1).map(\.externalID) == ["bravo", "charlie"])
        #expect(try await store.people(of: client.id, limit: 2, offset: 4).map(\.externalID) == ["Ünal"])
        #expect(try await store.people(of: client.id, limit: 2, offset: 9) == [])
        #expect(try await store.people(of: nil, limit: 0, offset: 0) == [])
        #expect(try await store.people(of: nil, limit: -1, offset: -1) == [])
        let bravo = try #require(await store.people(of: nil, limit: 1, offset: 1).first)
        #expect(bravo.displayName == "BRAVO")
        #expect(bravo.templateCount == 2)
        #expect(bravo.client == client.id)
        #expect(bravo.enrolledAt == fixture.clock.wall)
        #expect(bravo.lastSeenAt == nil)
        #expect(try await store.person(externalID: "bravo", of: client.id) == bravo)
        #expect(try await store.person(externalID: "Bravo", of: client.id) == nil)
        #expect(try await store.peopleCount() == 5)
        await store.close()
    }

    @Test("a removed person is gone from every list, and the audit line names our id only")
    func removes() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        try await fixture.enroll("E-1", name: "Ada", of: client.id, in: store)
        try await fixture.enroll("E-2", of: client.id, in: store, seed: 2)
        let gone = try await store.removePerson(externalID: "E-1", of: client.id)
        #expect(try await store.person(externalID: "E-1", of: client.id) == nil)
        #expect(try await store.gallery().map(\.person.externalID) == ["E-2"])
        #expect(try await store.peopleCount() == 1)
        let line = try #require(await store.newest(1).first)
        let receipt = try #require(await store.erasures(of: client.id, page: PageRequest()).items.first?.receipt)
        #expect(
            line
                == AuditRecord(
                    action: "person.removed", client: client.id, person: gone, succeeded: true,
                    detailsJSON: #"{"cause":"request","people":1,"receipt":"\#(receipt.id)"}"#, at: fixture.clock.wall))
        let templates = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM templates") }
        #expect(templates == 3)
        await #expect(throws: EdgeError(.personUnknown)) {
            try await store.removePerson(externalID: "E-1", of: client.id)
        }
        let again = try #require(await fixture.enroll("E-1", of: client.id, in: store))
        #expect(again.person.id != gone)
        await store.close()
    }

    @Test("a person whose sealed record was changed is left out of the gallery with an audit line, the others stay")
    func brokenRecord() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        let broken = try #require(await fixture.enroll("E-1", of: client.id, in: store))
        try await fixture.enroll("E-2", of: client.id, in: store, seed: 2)
        try await store.write { db in
            try db.execute(
                sql: """
                    UPDATE templates SET model_version = 'other' WHERE sample_number = 2
                    AND person_key = (SELECT key FROM people WHERE id = ?)
                    """, arguments: [broken.person.id.column])
        }
        #expect(try await store.gallery().map(\.person.externalID) == ["E-2"])
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "person.unreadable")
        #expect(line.person == broken.person.id)
        #expect(line.reason == "vault.seal.broken")
        await store.close()
    }

    @Test("two people's sealed templates cannot be exchanged for each other")
    func swappedTemplates() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client
        try await fixture.enroll("E-1", of: client.id, in: store, samples: 1, seed: 1)
        try await fixture.enroll("E-2", of: client.id, in: store, samples: 1, seed: 2)
        try await store.write { db in
            try db.execute(sql: "UPDATE templates SET vector = (SELECT vector FROM templates ORDER BY key LIMIT 1)")
        }
        #expect(try await store.gallery().map(\.person.externalID) == ["E-1"])
        await store.close()
    }

    private func subjectKeys(_ store: EdgeStore) async throws -> [Data] {
        try await store.read { try Data.fetchAll($0, sql: "SELECT subject_key FROM people") }
    }
}
