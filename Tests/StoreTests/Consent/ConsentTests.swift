import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Consent to an enrollment")
struct ConsentTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private let consent = ConsentRecord(
        textVersion: "privacy 7", textSHA256: String(repeating: "a1", count: 32), givenBy: "canary of a guardian",
        givenAt: Date(timeIntervalSince1970: 1_700_000_000), method: "canary on paper")

    private func session(_ user: String, of client: ClientID, _ consent: ConsentRecord?) -> SessionSnapshot {
        var session = fixture.session(.enrollment, of: client, user: user)
        session.consent = consent
        return session
    }

    @Test("is told by the enrollment from its beginning and by the user once enrolled, also after a restart")
    func told() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = session("E-1", of: client, consent)
        try await store.begin(session)
        let enrollment = try #require(session.enrollmentID)
        var expected = consent
        expected.recordedAt = session.createdAt
        #expect(try await store.enrollment(enrollment, of: client)?.consent == expected)
        fixture.clock.advance(by: .seconds(5))
        _ = try await store.finish(fixture.outcome(session))
        #expect(try await store.person(externalID: "E-1", of: client)?.consent == expected)
        await store.close()
        store = try await fixture.open()
        #expect(try await store.enrollment(enrollment, of: client)?.consent == expected)
        #expect(try await store.enrollments(of: client, page: PageRequest()).items.map(\.consent) == [expected])
        let person = try #require(await store.person(externalID: "E-1", of: client))
        #expect(person.consent == expected)
        // A later enrollment without one: the earlier keeps its own, and the templates in force have none.
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        #expect(try await store.person(externalID: "E-1", of: client)?.consent == nil)
        #expect(try await store.enrollments(of: person.id, client: client).map(\.consent) == [nil, expected])
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("is sealed under the person's key from the end of the enrollment on, and survives an exchange of the keys")
    func sealed() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = session("E-1", of: client, consent)
        try await store.begin(session)
        let canaries = ["privacy 7", "canary of a guardian", "canary on paper"].map { Data($0.utf8) }
        for canary in canaries { #expect(try !fixture.onDisk(canary)) }
        _ = try await store.finish(fixture.outcome(session))
        for canary in canaries { #expect(try !fixture.onDisk(canary)) }
        let (key, sealed) = try await store.read { db in
            let row = try #require(
                try Row.fetchOne(db, sql: "SELECT subject_key, sealed FROM people JOIN consents ON person_key = key"))
            return (row.bytes("subject_key"), row.bytes("sealed"))
        }
        let place = SealPlace.consent(to: try #require(session.enrollmentID), of: client)
        let opened = try ConsentRecord(
            fixture.vault.open(sealed, subjectKey: key, context: place), recordedAt: session.createdAt)
        #expect(opened.givenBy == consent.givenBy)
        // The session's record may go; the consent does not depend on it any more.
        try await store.write { try $0.execute(sql: "UPDATE sessions SET subject_key = NULL, personal = NULL") }
        _ = try await store.rotateKeys(fixture.vault)
        #expect(try await store.person(externalID: "E-1", of: client)?.consent?.method == consent.method)
        await store.close()
    }

    @Test(
        "ends with the person, with the enrollment and with the client", arguments: ["person", "enrollment", "client"])
    func ends(with what: String) async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let (first, open) = (session("E-1", of: client, consent), session("E-1", of: client, consent))
        try await store.begin(first)
        _ = try await store.finish(fixture.outcome(first))
        try await store.begin(open)
        #expect(try await count(store) == 2)
        switch what {
        case "person": _ = try await store.removePerson(externalID: "E-1", of: client)
        case "client": try await store.deleteClient(client)
        default:
            for id in [first.enrollmentID, open.enrollmentID] {
                _ = try await store.removeEnrollment(try #require(id), of: client)
            }
        }
        #expect(try await count(store) == 0)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("that was changed on disk does not open: the person is shown as damaged, and the check of the store says so")
    func changed() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = session("E-1", of: client, consent)
        try await store.begin(session)
        _ = try await store.finish(fixture.outcome(session))
        try await store.write { db in
            try db.execute(sql: "UPDATE consents SET sealed = CAST(substr(sealed, 2) || x'00' AS BLOB)")
        }
        #expect(try await store.verify().brokenSeals == ["consents": 1])
        let person = try #require(try await store.person(externalID: "E-1", of: client))
        #expect(person.isDamaged && person.consent == nil && person.isEnrolled)
        await store.close()
    }

    private func count(_ store: EdgeStore) async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM consents") ?? 0 }
    }
}
