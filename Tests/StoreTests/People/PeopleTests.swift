import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("People before, with and without an enrollment")
struct PeopleTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("a person made known has all that was said, is not enrolled, and is nobody to recognise")
    func creates() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var draft = PersonDraft(externalID: "jane.doe@example.org")
        draft.externalUUID = UUID()
        draft.profileJSON = #"{"full_name":"Jane Doe"}"#
        draft.metadataJSON = #"{"floor":4}"#
        draft.images[.profile] = PersonImage(mediaType: "image/png", bytes: [1, 2, 3])
        let made = try await store.createPerson(draft, of: client)
        #expect(made.externalID == "jane.doe@example.org")
        #expect(made.externalUUID == draft.externalUUID)
        #expect(made.displayName == "Jane Doe")
        #expect(made.profileJSON == draft.profileJSON)
        #expect(made.metadataJSON == draft.metadataJSON)
        #expect(made.isActive && !made.isEnrolled && made.templateCount == 0 && made.enrolledAt == nil)
        #expect(made.hasProfileImage && !made.hasOldPhoto)
        #expect(made.createdAt == fixture.clock.wall)
        #expect(try await store.newest(1).first?.action == "person.created")
        #expect(try await store.gallery().isEmpty)
        #expect(try await store.peopleCount() == 0)
        await store.close()
        store = try await fixture.open()
        #expect(try await store.person(made.id, of: client) == made)
        await store.close()
    }

    @Test("a second person of one id is refused byte by byte, and leaves no trace")
    func duplicate() async throws {
        let store = try await fixture.open()
        let (client, other) = try await twoClients(store)
        _ = try await store.createPerson(PersonDraft(externalID: "caf\u{E9}"), of: client)
        let lines = try await store.newest(100)
        let error = await #expect(throws: EdgeError.self) {
            try await store.createPerson(PersonDraft(externalID: "caf\u{E9}"), of: client)
        }
        #expect(error?.code == .personExists)
        #expect(error?.field == "external_user_id")
        #expect(try await store.newest(100) == lines)
        _ = try await store.createPerson(PersonDraft(externalID: "cafe\u{301}"), of: client)
        _ = try await store.createPerson(PersonDraft(externalID: "caf\u{E9}"), of: other)
        #expect(try await store.people(of: client, page: PageRequest()).total == 2)
        await store.close()
    }

    @Test("a text names a person by external id, then by our id, then by the second id, at this tenant only")
    func named() async throws {
        let store = try await fixture.open()
        let (client, other) = try await twoClients(store)
        let second = UUID()
        var draft = PersonDraft(externalID: "a/b@c.d")
        draft.externalUUID = second
        let made = try await store.createPerson(draft, of: client)
        // Somebody whose external id is the other's second id goes before it.
        for text in ["a/b@c.d", made.id.description, made.id.description.uppercased(), second.uuidString.lowercased()] {
            #expect(try await store.person(named: text, of: client)?.id == made.id, "\(text)")
            #expect(try await store.person(named: text, of: other) == nil)
        }
        let owner = try await store.createPerson(PersonDraft(externalID: second.uuidString.lowercased()), of: client)
        #expect(try await store.person(named: second.uuidString.lowercased(), of: client)?.id == owner.id)
        #expect(try await store.person(named: "nobody", of: client) == nil)
        await store.close()
    }

    @Test("pages come newest first, with the whole count, and open only their own people")
    func pages() async throws {
        let store = try await fixture.open()
        let (client, other) = try await twoClients(store)
        for number in 0..<45 { _ = try await store.createPerson(PersonDraft(externalID: "E-\(number)"), of: client) }
        _ = try await store.createPerson(PersonDraft(externalID: "foreign"), of: other)
        // The oldest can no longer be opened: a page that does not show them does not care.
        try await store.write { try $0.execute(sql: "UPDATE people SET personal = x'00' WHERE key = 1") }
        let first = try await store.people(of: client, page: PageRequest(1))
        #expect(first.total == 45)
        #expect(first.items.map(\.externalID) == (25..<45).reversed().map { "E-\($0)" })
        #expect(try await store.people(of: client, page: PageRequest(2)).items.first?.externalID == "E-24")
        #expect(try await store.people(of: client, page: PageRequest(4)).items.isEmpty)
        #expect(try await store.people(of: client, page: PageRequest(3)).items.map(\.isDamaged).last == true)
        #expect(try await store.people(of: client, page: PageRequest(.max)).items.isEmpty)
        await store.close()
    }

    @Test("a change touches what it names, says so in the audit trail without a value, and keeps the rest")
    func changes() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var draft = PersonDraft(externalID: "E-1")
        draft.profileJSON = #"{"name":"Ada","display_name":7}"#
        draft.metadataJSON = #"{"a":1}"#
        let made = try await store.createPerson(draft, of: client)
        #expect(made.displayName == "Ada")
        fixture.clock.advance(by: .seconds(5))
        var edit = PersonEdit()
        edit.metadataJSON = #"{"b":2}"#
        edit.externalUUID = .some(UUID())
        let changed = try await store.changePerson(made.id, of: client, edit).person
        #expect(changed.metadataJSON == #"{"b":2}"#)
        #expect(changed.profileJSON == draft.profileJSON)
        #expect(changed.externalUUID == edit.externalUUID)
        #expect(changed.updatedAt == fixture.clock.wall && changed.createdAt == made.createdAt)
        let line = try #require(await store.newest(1).first)
        #expect(line.action == "person.changed" && line.person == made.id)
        #expect(line.detailsJSON.contains(#"["external_user_uuid","metadata"]"#))
        #expect(!line.detailsJSON.contains("\"b\""))
        var without = PersonEdit()
        without.externalUUID = .some(nil)
        without.profileJSON = "{}"
        let bare = try await store.changePerson(made.id, of: client, without).person
        #expect(bare.externalUUID == nil && bare.displayName == nil)
        await #expect(throws: EdgeError(.personUnknown)) {
            try await store.changePerson(PersonID(), of: client, edit)
        }
        await store.close()
    }

    @Test("a new id keeps person, templates and lock-out, and the old id is free again")
    func renames() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let enrolled = try #require(await fixture.enroll("old", name: "Ada", of: client, in: store))
        for _ in 0..<5 {
            let session = fixture.session(.verification, of: client, user: "old")
            try await store.begin(session)
            _ = try await store.finish(fixture.miss(session))
        }
        let open = fixture.session(.enrollment, of: client, user: "old")
        try await store.begin(open)
        var edit = PersonEdit()
        edit.externalID = "new"
        let change = try await store.changePerson(enrolled.person.id, of: client, edit)
        #expect(change.person.externalID == "new" && change.person.isEnrolled)
        guard case .replace(let record) = change.effect else { return #expect(Bool(false), "the gallery must follow") }
        #expect(record.person == MatchedPerson(id: enrolled.person.id, externalID: "new", displayName: "Ada"))
        #expect(record.templates == enrolled.templates)
        #expect(try await store.lockedUntil(externalUserID: "new", of: client) != nil)
        #expect(try await store.lockedUntil(externalUserID: "old", of: client) == nil)
        #expect(try await store.session(.id(open.id), of: client)?.state == .cancelled)
        #expect(try await store.person(externalID: "old", of: client) == nil)
        _ = try await store.createPerson(PersonDraft(externalID: "old"), of: client)
        var back = PersonEdit()
        back.externalID = "old"
        let error = await #expect(throws: EdgeError.self) {
            try await store.changePerson(enrolled.person.id, of: client, back)
        }
        #expect(error?.code == .personExists)
        // What was left under the old id goes with the person.
        _ = try await store.removePerson(externalID: "new", of: client)
        let left = try await store.read {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM sessions WHERE personal IS NOT NULL")
        }
        #expect(left == 0)
        await store.close()
    }

    @Test("a deactivated person is in no gallery, cannot be recognised, cannot enroll, and comes back when activated")
    func deactivates() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let enrolled = try #require(await fixture.enroll("E-1", of: client, in: store))
        let running = fixture.session(.identification, of: client, user: nil)
        let enrolling = fixture.session(.enrollment, of: client, user: "E-1")
        for session in [running, enrolling] { try await store.begin(session) }
        let off = try await store.changePerson(enrolled.person.id, of: client, active(false))
        guard case .remove(enrolled.person.id) = off.effect else { return #expect(Bool(false)) }
        #expect(!off.person.isActive && off.person.isEnrolled)
        #expect(try await store.newest(1).first?.action == "person.deactivated")
        #expect(try await store.gallery().isEmpty)
        var ended = fixture.outcome(running).session
        ended.matchedPerson = enrolled.person
        await #expect(throws: EdgeError(.personUnknown)) { try await store.finish(SessionOutcome(session: ended)) }
        await #expect(throws: EdgeError(.sessionClosed)) { try await store.finish(fixture.outcome(enrolling)) }
        let error = await #expect(throws: EdgeError.self) {
            try await store.begin(fixture.session(.enrollment, of: client, user: "E-1"))
        }
        #expect(error == EdgeError(.personUnknown, "User not found or inactive.", field: "user_id"))
        #expect(try await store.newest(1).first?.action == "session.refused")
        // A verification tells nothing of it.
        try await store.begin(fixture.session(.verification, of: client, user: "E-1"))
        let on = try await store.changePerson(enrolled.person.id, of: client, active(true))
        guard case .replace(let record) = on.effect else { return #expect(Bool(false)) }
        #expect(record.templates == enrolled.templates)
        #expect(try await store.gallery().map(\.person.id) == [enrolled.person.id])
        _ = try await store.finish(SessionOutcome(session: ended))
        await store.close()
    }

    @Test("an enrollment that was decided while its person was deactivated is refused")
    func deactivatedMeanwhile() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let made = try await store.createPerson(PersonDraft(externalID: "E-1"), of: client)
        let session = fixture.session(.enrollment, of: client, user: "E-1")
        try await store.begin(session)
        try await store.write { db in
            try db.execute(sql: "UPDATE people SET is_active = 0 WHERE id = ?", arguments: [made.id.column])
        }
        await #expect(throws: EdgeError(.personUnknown)) { try await store.finish(fixture.outcome(session)) }
        #expect(try await store.peopleCount() == 0)
        await store.close()
    }

    @Test("the client's quota of users holds for the made known and for the enrolled")
    func quota() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let (late, known) = (fixture.session(.enrollment, of: client, user: "E-9"), "E-1")
        try await store.begin(late)
        try await limit(users: 2, of: client, in: store)
        for user in [known, "E-2"] { _ = try await store.createPerson(PersonDraft(externalID: user), of: client) }
        let codes = [
            await code { _ = try await store.createPerson(PersonDraft(externalID: "E-3"), of: client) },
            await code { try await store.begin(fixture.session(.enrollment, of: client, user: "E-3")) },
            await code { _ = try await store.finish(fixture.outcome(late)) },
        ]
        #expect(codes == [.quotaReached, .quotaReached, .quotaReached])
        try await fixture.enroll(known, of: client, in: store)
        #expect(try await store.people(of: client, page: PageRequest()).total == 2)
        await store.close()
    }

    @Test("of more samples than the client may have templates the best stay, in their order")
    func templateLimit() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await limit(templates: 2, of: client, in: store)
        let session = fixture.session(.enrollment, of: client)
        try await store.begin(session)
        let qualities = [0.5, 0.9, 0.4, 0.8]
        let samples = qualities.enumerated().map { EnrolledSample(template: fixture.template(seed: $0), quality: $1) }
        let made = try #require(
            await store.finish(SessionOutcome(session: fixture.outcome(session).session, samples: samples)))
        #expect(made.templates == [fixture.template(seed: 1), fixture.template(seed: 3)])
        #expect(try await store.gallery().first?.templates == made.templates)
        #expect(try await store.person(made.person.id, of: client)?.templateCount == 2)
        await store.close()
    }

    private func limit(users: Int = 100, templates: Int = 10, of client: ClientID, in store: EdgeStore) async throws {
        _ = try await store.updateClient(client) { client throws(EdgeError) in
            client.features.maximumUsers = users
            client.features.maximumTemplatesPerUser = templates
        }
    }

    private func active(_ isActive: Bool) -> PersonEdit {
        var edit = PersonEdit()
        edit.isActive = isActive
        return edit
    }

    private func twoClients(_ store: EdgeStore) async throws -> (ClientID, ClientID) {
        (try await store.createClient(name: "one").client.id, try await store.createClient(name: "two").client.id)
    }

    private func code(_ body: () async throws -> Void) async -> ErrorCode? {
        do {
            try await body()
            return nil
        } catch { return (error as? EdgeError)?.code }
    }
}
