import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Pictures of people")
struct PersonImageTests {
    let fixture: StoreFixture
    let picture = PersonImage(mediaType: "image/jpeg", bytes: Array("the picture's own bytes, long enough".utf8))

    init() throws { fixture = try StoreFixture() }

    @Test("come back as they were sent, to their tenant only, and can be replaced and taken away")
    func roundTrip() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let other = try await store.createClient(name: "other").client.id
        var draft = PersonDraft(externalID: "E-1")
        draft.images[.profile] = picture
        let made = try await store.createPerson(draft, of: client)
        #expect(try await store.image(.profile, of: made.id, client: client) == picture)
        #expect(try await store.image(.oldPhoto, of: made.id, client: client) == nil)
        #expect(try await store.image(.profile, of: made.id, client: other) == nil)
        var edit = PersonEdit()
        edit.images[.profile] = .put(PersonImage(mediaType: "image/webp", bytes: [9]))
        edit.images[.oldPhoto] = .put(picture)
        let both = try await store.changePerson(made.id, of: client, edit).person
        #expect(both.hasProfileImage && both.hasOldPhoto)
        #expect(try await store.image(.profile, of: made.id, client: client)?.mediaType == "image/webp")
        edit.images = [.profile: .remove]
        let one = try await store.changePerson(made.id, of: client, edit).person
        #expect(!one.hasProfileImage && one.hasOldPhoto)
        #expect(try await store.image(.profile, of: made.id, client: client) == nil)
        await store.close()
    }

    @Test("stand in no file in plain text, nor sealed once they or their person are gone")
    func secrecy() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var draft = PersonDraft(externalID: "E-1")
        draft.images = [.profile: picture, .oldPhoto: picture]
        draft.profileJSON = #"{"name":"Canary Name","note":"profile canary"}"#
        draft.metadataJSON = #"{"note":"metadata canary"}"#
        draft.externalUUID = UUID()
        let made = try await store.createPerson(draft, of: client)
        let secrets = [
            Data(picture.bytes), Data("profile canary".utf8), Data("metadata canary".utf8), Data("Canary Name".utf8),
            Data((draft.externalUUID?.uuidString ?? "").utf8),
            Data((draft.externalUUID?.uuidString ?? "").lowercased().utf8),
        ]
        for secret in secrets { #expect(try !fixture.onDisk(secret)) }
        let sealed = try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT kind, picture FROM person_images").reduce(into: [:]) { found, row in
                found[row["kind"] as String] = row["picture"] as Data
            }
        }
        var edit = PersonEdit()
        edit.images[.profile] = .remove
        _ = try await store.changePerson(made.id, of: client, edit)
        #expect(try !fixture.onDisk(#require(sealed["profile"])))
        #expect(try fixture.onDisk(#require(sealed["old_photo"])))
        try await store.removePerson(made.id, of: client)
        #expect(try !fixture.onDisk(#require(sealed["old_photo"])))
        await store.close()
    }

    @Test("one whose media type was changed on disk is refused")
    func boundToType() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        var draft = PersonDraft(externalID: "E-1")
        draft.images[.profile] = picture
        let made = try await store.createPerson(draft, of: client)
        try await store.write { try $0.execute(sql: "UPDATE person_images SET media_type = 'text/html'") }
        let error = await #expect(throws: EdgeError.self) {
            try await store.image(.profile, of: made.id, client: client)
        }
        #expect(error?.code == .sealBroken)
        await store.close()
    }

    @Test("how like the old photo is holds for the templates and the photo that were compared, and no longer")
    func similarity() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let enrolled = try #require(await store.person(externalID: "E-1", of: client))
        var edit = PersonEdit()
        edit.images[.oldPhoto] = .put(picture)
        fixture.clock.advance(by: .seconds(1))
        let before = try await store.changePerson(enrolled.id, of: client, edit).person
        #expect(before.oldPhotoSimilarity == nil)
        #expect(try await store.noteOldPhoto(similarity: 0.75, of: before).oldPhotoSimilarity == 0.75)
        #expect(try await store.newest(1).first?.action == "person.compared")
        // Enrolled again: the number was about other templates.
        fixture.clock.advance(by: .seconds(1))
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        let again = try #require(await store.person(enrolled.id, of: client))
        #expect(again.oldPhotoSimilarity == nil)
        #expect(try await store.noteOldPhoto(similarity: 0.5, of: before).oldPhotoSimilarity == nil)
        #expect(try await store.noteOldPhoto(similarity: 0.5, of: again).oldPhotoSimilarity == 0.5)
        fixture.clock.advance(by: .seconds(1))
        #expect(try await store.changePerson(enrolled.id, of: client, edit).person.oldPhotoSimilarity == nil)
        await store.close()
    }
}
