import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Kept crops")
struct CropTests {
    private let fixture: ModelFixture

    init() throws { fixture = try ModelFixture() }

    @Test(
        "are kept sealed where the configuration says so, one for each template, and not otherwise",
        arguments: [true, false])
    func kept(isOn: Bool) async throws {
        let store = try await fixture.open(keepsCrops: isOn)
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        #expect(try await fixture.count("crops", in: store) == (isOn ? 3 : 0))
        #expect(try await fixture.count("templates", in: store) == 3)
        let crops = try await store.read { db in
            let people = try Row.fetchAll(db, sql: "SELECT * FROM people")
            return try people.flatMap { try store.crops(of: PersonOwner($0, store.sealer), db) }
        }
        #expect(try crops.map(\.face) == (isOn ? [10, 11, 12].map(fixture.face) : []))
        #expect(crops.map(\.quality) == (isOn ? [0.5, 0.6, 0.7] : []))
        #expect(try await store.verify().isWhole)
        #expect(try !fixture.base.onDisk(fixture.face(10).pixels[0..<64]), "a face must not lie open on the disk")
        await store.close()
    }

    @Test("go with the person, with their enrollment, and with the next one")
    func gone() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await fixture.enroll("E-1", of: client, in: store, seed: 2)
        #expect(try await fixture.count("crops", in: store) == 3)
        let second = try await fixture.enroll("E-2", of: client, in: store, seed: 3)
        let enrollment = try #require(try await store.enrollments(of: second, client: client).first).id
        _ = try await store.removeEnrollment(enrollment, of: client)
        #expect(try await fixture.count("crops", in: store) == 3)
        _ = try await store.removePerson(externalID: "E-1", of: client)
        #expect(try await fixture.count("crops", in: store) == 0)
        let receipt = try #require(try await store.erasures(of: client, page: PageRequest()).items.first)
        #expect(receipt.receipt.destroyed.crops == 3)
        #expect(receipt.note.contains("\ncrops: 3\n"))
        await store.close()
    }

    @Test("are all removed, with lines of the audit trail, once the configuration keeps none")
    func switchedOff() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        for number in 1...25 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        let before = try await store.read { try Data.fetchOne($0, sql: "SELECT subject_key FROM people") }
        try await store.removeCropsUnlessKept()
        #expect(try await fixture.count("crops", in: store) == 75)
        await store.close()
        store = try await fixture.open(keepsCrops: false)
        try await store.removeCropsUnlessKept()
        #expect(try await fixture.count("crops", in: store) == 0)
        #expect(try await fixture.count("templates", in: store) == 75)
        let lines = try await store.newest(10).filter { $0.action.hasPrefix("crops.") }
        #expect(lines.map(\.action) == ["crops.removal.ended", "crops.removal.begun"])
        #expect(lines.allSatisfy { $0.detailsJSON == #"{"people":25,"rows":75}"# })
        let after = try await store.read { try Data.fetchOne($0, sql: "SELECT subject_key FROM people") }
        #expect(before != after, "an old copy must not be opened by a key that is in use")
        #expect(try await store.erasureWaitsSince() != nil)
        try await store.removeCropsUnlessKept()
        #expect(try await store.newest(10).filter { $0.action.hasPrefix("crops.") }.count == 2)
        #expect(try await store.gallery().count == 25)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("that were changed or moved to another row are found by the proof of the store")
    func tampered() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await store.write { db in
            let faces = try Data.fetchAll(db, sql: "SELECT face FROM crops ORDER BY key")
            try db.execute(sql: "UPDATE crops SET face = ? WHERE sample_number = 2", arguments: [faces[0]])
        }
        #expect(try await store.verify().brokenSeals == ["crops": 1])
        #expect(try await store.cropsWaiting(for: fixture.other).unreadable == 1)
        await store.close()
    }

    @Test("of a damaged file are saved, and those that do not open are left out")
    func salvaged() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "Door").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        try await store.write { db in
            try db.execute(sql: "UPDATE crops SET face = zeroblob(length(face)) WHERE sample_number = 1")
        }
        await store.close()
        let damaged = try DatabaseQueue(path: "\(fixture.base.path)/\(DatabaseFile.name)")
        let salvage = Salvage(sealer: fixture.base.vault, secrets: fixture.base.vault, signer: fixture.base.vault)
        let outcome = try salvage.run(damaged, into: fixture.base.directory.path("draft.sqlite"))
        #expect(outcome.kept["crops"] == 2 && outcome.lost["crops"] == 1)
        #expect(outcome.kept["templates"] == 3 && outcome.lost["templates"] == nil)
    }
}
