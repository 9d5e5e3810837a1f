import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("People who move from one device to another")
struct PeopleTransferTests {
    private let origin: StoreFixture
    private let target: StoreFixture
    private let models: [ModelVersion: Int]

    init() throws {
        origin = try StoreFixture()
        target = try StoreFixture()
        models = [origin.model: 128]
    }

    /// Everything that the client has, part by part.
    private func export(
        of client: ClientID, from store: EdgeStore, limit: Int = 2
    ) async throws -> (people: [PersonTransfer], limited: Int, unreadable: Int) {
        var (people, limited, unreadable) = ([PersonTransfer](), 0, 0)
        var next: Int64? = 0
        while let start = next {
            let part = try await store.exportPart(of: client, from: start, limit: limit)
            people += part.people
            limited += part.limited
            unreadable += part.unreadable
            next = part.next
        }
        return (people, limited, unreadable)
    }

    private func enrolled(_ count: Int, in store: EdgeStore) async throws -> ClientID {
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<count {
            try await origin.enroll("E-\(number)", name: "Person \(number)", of: client, in: store, seed: number)
        }
        return client
    }

    @Test("templates, names, profiles and activity arrive as they left, sealed on the way to one recipient")
    func whole() async throws {
        let (store, other) = (try await origin.open(), try await target.open())
        let client = try await enrolled(5, in: store)
        var edit = PersonEdit()
        edit.profileJSON = #"{"department":"night shift"}"#
        edit.metadataJSON = #"{"badge":17}"#
        edit.externalUUID = .some(UUID())
        edit.isActive = false
        let changed = try #require(try await store.person(externalID: "E-3", of: client))
        _ = try await store.changePerson(changed.id, of: client, edit)

        let key = try RecipientKey.make(file: origin.directory.path("recipient"))
        let sealing = try origin.vault.seal(to: key.publicKey, purpose: "people")
        var sealed: [UInt8] = []
        for person in try await export(of: client, from: store).people {
            sealed += try sealing.append(person.line() + [0x0a])
        }
        sealed += try sealing.finish()
        for word in ["Person 3", "night shift", "E-3", "sface"] {
            #expect(Data(sealed).range(of: Data(word.utf8)) == nil)
        }
        let opening = try key.open(purpose: "people")
        let lines = try opening.append(sealed).split(separator: 0x0a)
        #expect(try opening.finish() == origin.vault.publicKey)
        let people = try lines.map { try PersonTransfer(line: Array($0)) }

        let home = try await other.createClient(name: "door").client.id
        let done = try await other.importPeople(people, into: home, models: models)
        #expect(done.counts == counts(added: 5, templates: 15))
        #expect(try await described(other.gallery()) == described(store.gallery()))
        let arrived = try #require(try await other.person(externalID: "E-3", of: home))
        let left = try #require(try await store.person(externalID: "E-3", of: client))
        #expect(!arrived.isActive)
        #expect(arrived.displayName == left.displayName)
        #expect(arrived.profileJSON == left.profileJSON)
        #expect(arrived.metadataJSON == left.metadataJSON)
        #expect(arrived.externalUUID == left.externalUUID)
        #expect(arrived.enrolledAt == left.enrolledAt)
        #expect(arrived.lastSeenAt == left.lastSeenAt)
        #expect(arrived.templateCount == 3)
        #expect(try await other.records(of: .enrollment, after: 0, limit: 9).count == 5)
        #expect(try await other.verify().isWhole)
    }

    private func counts(added: Int = 0, updated: Int = 0, unchanged: Int = 0, templates: Int = 0) -> ImportCounts {
        var counts = ImportCounts()
        counts.added = added
        counts.updated = updated
        counts.unchanged = unchanged
        counts.templates = templates
        return counts
    }

    /// Who is recognised by what, without the ids that each device gives.
    private func described(_ gallery: [GalleryRecord]) -> [String: [[Float]]] {
        Dictionary(
            gallery.map { ("\($0.person.externalID) \($0.person.displayName ?? "-")", $0.templates.map(\.values)) }
        ) { first, _ in first }
    }

    @Test("an import done again changes nothing; a newer export changes who is newer there, an older one nobody")
    func again() async throws {
        let (store, other) = (try await origin.open(), try await target.open())
        let client = try await enrolled(3, in: store)
        let home = try await other.createClient(name: "door").client.id
        let first = try await export(of: client, from: store).people
        _ = try await other.importPeople(first, into: home, models: models)
        let files = try await other.gallery()
        let again = try await other.importPeople(first, into: home, models: models)
        #expect(again.counts == counts(unchanged: 3))
        #expect(again.effects.isEmpty)
        #expect(try await described(other.gallery()) == described(files))

        origin.clock.advance(by: .seconds(60))
        try await origin.enroll("E-1", name: "Renamed", of: client, in: store, samples: 2, seed: 77)
        let second = try await export(of: client, from: store).people
        let newer = try await other.importPeople(second, into: home, models: models)
        #expect(newer.counts == counts(updated: 1, unchanged: 2, templates: 2))
        guard case .replace(let record)? = newer.effects.first else {
            Issue.record("the gallery is told nothing of who was changed")
            return
        }
        #expect(record.person.displayName == "Renamed")
        #expect(record.templates.count == 2)
        #expect(try await other.importPeople(first, into: home, models: models).counts == counts(unchanged: 3))
        #expect(try await described(other.gallery()) == described(store.gallery()))
        #expect(try await other.verify().isWhole)
    }

    @Test("templates of a model that is not here are refused with all that comes beside them")
    func unknownModel() async throws {
        let (store, other) = (try await origin.open(), try await target.open())
        let client = try await enrolled(2, in: store)
        let home = try await other.createClient(name: "door").client.id
        let people = try await export(of: client, from: store).people
        for known in [[:], [ModelVersion(id: "sface", version: "2022"): 128], [origin.model: 512]] {
            let error = await #expect(throws: EdgeError.self) {
                try await other.importPeople(people, into: home, models: known)
            }
            #expect(error?.code == .modelUnknown)
        }
        #expect(try await other.peopleCount() == 0)
    }

    @Test("an import that the quota stops writes nobody of that part and no line")
    func quota() async throws {
        let (store, other) = (try await origin.open(), try await target.open())
        let client = try await enrolled(3, in: store)
        var draft = ClientDraft(name: "small")
        var features = ClientTier.enterprise.features
        features.maximumUsers = 2
        draft.features = features
        let home = try await other.createClient(draft).client.id
        let people = try await export(of: client, from: store).people
        let moment = target.clock.wall
        let error = await #expect(throws: EdgeError.self) {
            try await other.importPeople(people, into: home, models: models) { _ in
                AuditRecord(action: "people.imported", client: home, succeeded: true, at: moment)
            }
        }
        #expect(error?.code == .quotaReached)
        #expect(try await other.peopleCount() == 0)
        #expect(try await other.newest(10).allSatisfy { $0.action != "people.imported" })
    }

    @Test("the line of an import stands in the transaction of its people and tells their counts")
    func line() async throws {
        let (store, other) = (try await origin.open(), try await target.open())
        let client = try await enrolled(2, in: store)
        let home = try await other.createClient(name: "door").client.id
        let moment = target.clock.wall
        _ = try await other.importPeople(
            try await export(of: client, from: store).people, into: home, models: models
        ) { counts in
            AuditRecord(
                action: "people.imported", client: home, succeeded: true,
                detailsJSON: "{\"added\":\(counts.added),\"templates\":\(counts.templates)}", at: moment)
        }
        let newest = try #require(try await other.newest(1).first)
        #expect(newest.action == "people.imported")
        #expect(newest.detailsJSON == #"{"added":2,"templates":6}"#)
    }

    @Test("templates that are out of force or have an end stay behind, and are counted")
    func limited() async throws {
        let store = try await origin.open()
        let client = try await enrolled(3, in: store)
        let enrollments = try await store.enrollments(of: client, page: PageRequest())
        var off = EnrollmentEdit()
        off.status = .inactive
        var ends = EnrollmentEdit()
        ends.expiresAt = .some(origin.clock.wall.addingTimeInterval(3600))
        _ = try await store.changeEnrollment(try #require(enrollments.items.first).id, of: client, off)
        _ = try await store.changeEnrollment(try #require(enrollments.items.last).id, of: client, ends)
        let found = try await export(of: client, from: store)
        #expect(found.limited == 2)
        #expect(found.people.map(\.templateCount).sorted() == [0, 0, 3])
    }

    @Test("a record that was changed is left out and counted, and other clients' people do not come along")
    func leftOut() async throws {
        let store = try await origin.open()
        let client = try await enrolled(3, in: store)
        let stranger = try await store.createClient(name: "other").client.id
        try await origin.enroll("S-1", of: stranger, in: store, seed: 9)
        try await store.write { db in
            try db.execute(
                sql: "UPDATE people SET personal = zeroblob(60) WHERE key = (SELECT min(key) FROM people)")
        }
        let found = try await export(of: client, from: store)
        #expect(found.unreadable == 1)
        #expect(found.people.count == 2)
        #expect(found.people.allSatisfy { $0.externalID.hasPrefix("E-") })
    }

    @Test(
        "a line that is no sound person is refused",
        arguments: [
            "", "{}", "[]", "null", #"{"external_id":"E-1"}"#, template(vector: "AAAA"), template(vector: ""),
            // Not a number, and no profile.
            template(vector: "AADAfw=="), template(profile: "[1]"), template(profile: "{"), template(id: ""),
        ])
    func unsound(_ line: String) throws {
        #expect(throws: EdgeError.self) { try PersonTransfer(line: Array(line.utf8)) }
        // The form that the others differ from.
        #expect(try PersonTransfer(line: Array(Self.template().utf8)).templateCount == 1)
    }

    private static func template(id: String = "E-1", vector: String = "AACAPw==", profile: String = "{}") -> String {
        let profile = profile.replacingOccurrences(of: "\"", with: "\\\"")
        return """
            {"external_id":"\(id)","profile":"\(profile)","metadata":"{}","is_active":true,"created_at":1,"updated_at":1,\
            "templates":[{"model_id":"m","model_version":"1","quality":1,"vector":"\(vector)","created_at":1}]}
            """
    }
}
