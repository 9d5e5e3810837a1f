import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("No trace of who was erased in any file of the device")
struct DeviceScanTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private let user = "EMPLOYEE-canary-7719-of-the-id-that-stands-nowhere-in-plain-text"
    private let name = "Canary Q. Displayname of sixty-four characters, found in no file"
    private let metadata = "canary in the metadata of a session, sixty-four characters long."
    private let profile = "canary in the profile of a user, which is sixty-four characters."
    private let guardian = "canary of the guardian who agreed, sixty-four characters of text"
    private let picture = (0..<64).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }

    @Test(
        "before an erasure nothing is in plain text, after it no sealed byte is left, after the exchange no copy opens")
    func scan() async throws {
        var options = StoreOptions()
        options.rotation = fixture.vault
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "plain client name").client.id
        try await fixture.enroll("other", of: client, in: store, seed: 9)
        let canaries = try await leaveTraces(in: store, client)
        try await leaveCopies(of: store)
        #expect(try onDevice(Data("plain client name".utf8)).count >= 4)
        for canary in canaries { #expect(try onDevice(canary).isEmpty) }
        // What a thief could have copied before.
        let stolen = try FileManager.default.contents(atPath: #require(store.backups().first).path)
        let (keys, sealed) = try await pieces(in: store)
        #expect(keys.count >= 4 && sealed.count >= 8)
        for piece in keys + sealed { #expect(try !onDevice(piece).isEmpty) }

        let receipt = try await erase(in: store, client)
        for piece in keys + sealed + canaries { #expect(try onDevice(piece).isEmpty) }
        #expect(StoreCopies.find(in: fixture.path).isEmpty)
        #expect(try keys.contains { try !fixture.vault.rewrap(Array($0)).isEmpty })

        fixture.clock.advance(by: .seconds(86_400))
        try await store.rotateKeysWhenDue()
        try await leaveCopies(of: store)
        for piece in keys + sealed + canaries { #expect(try onDevice(piece).isEmpty) }
        let today = try KeyVault.open(keyFile: fixture.directory.path("key"))
        for key in keys {
            for vault in [fixture.vault, today] { #expect(throws: EdgeError.self) { try vault.rewrap(Array(key)) } }
        }
        #expect(try await store.erasure(receipt, of: client)?.completion != nil)
        #expect(try await store.gallery().map(\.person.externalID) == ["other"])
        await store.close()
        for piece in keys + sealed + canaries { #expect(try onDevice(piece).isEmpty) }
        try await refuse(try #require(stolen), today)
    }

    @Test("an enrollment that is removed leaves neither templates nor a key that opens a copy of them")
    func enrollment() async throws {
        var options = StoreOptions()
        options.rotation = fixture.vault
        let store = try await fixture.open(options: options)
        let client = try await store.createClient(name: "kiosk").client.id
        _ = try await leaveTraces(in: store, client)
        try await leaveCopies(of: store)
        // A record for central that waits and tells of something else than the templates.
        var edit = PersonEdit()
        edit.profileJSON = #"{"full_name":"Somebody Else"}"#
        let known = try #require(await store.person(externalID: user, of: client))
        _ = try await store.changePerson(known.id, of: client, edit)
        let person = try #require(await store.person(externalID: user, of: client))
        let (key, templates) = try await store.read { db in
            let key = try #require(try Data.fetchOne(db, sql: "SELECT subject_key FROM people"))
            return (key, try Data.fetchAll(db, sql: "SELECT substr(vector, 1, 64) FROM templates"))
        }
        let enrollment = try #require(await store.enrollments(of: client, page: PageRequest()).items.first)
        _ = try await store.removeEnrollment(enrollment.id, of: client)
        for piece in [key] + templates { #expect(try onDevice(piece).isEmpty) }
        #expect(store.backups().isEmpty && StoreCopies.find(in: fixture.path).isEmpty)
        #expect(try await store.erasureWaitsSince() != nil)
        // The person is there as before, picture and profile too.
        let left = try #require(await store.person(externalID: user, of: client))
        #expect(left.id == person.id && left.profileJSON == person.profileJSON && left.templateCount == 0)
        #expect(try await store.image(.profile, of: left.id, client: client)?.bytes == picture)
        #expect(try await store.verify().isWhole)
        _ = try await store.rotateKeys(fixture.vault)
        #expect(throws: EdgeError.self) { try fixture.vault.rewrap(Array(key)) }
        try await fixture.enroll(user, of: client, in: store, seed: 3)
        #expect(try await store.gallery().count == 1)
        await store.close()
    }

    @Test("every table that seals something under a person's key is one that a renewal of the key knows")
    func tables() async throws {
        let store = try await fixture.open()
        let found = try await store.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT m.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c
                    WHERE m.type = 'table' AND c.name = 'person_key' ORDER BY m.name
                    """)
        }
        #expect(found == ["consents", "crops", "person_images", "templates"])
        await store.close()
    }

    /// Does everything that could leave a trace; returns what must not be found.
    private func leaveTraces(in store: EdgeStore, _ client: ClientID) async throws -> [Data] {
        let metadata = #"{"note":"\#(metadata)"}"#
        var session = fixture.session(.enrollment, of: client, user: user, metadata: metadata)
        session.consent = ConsentRecord(textVersion: "7", givenBy: guardian)
        try await store.begin(session)
        let outcome = fixture.outcome(session, name: name)
        let made = try #require(await store.finish(outcome))
        var edit = PersonEdit()
        edit.profileJSON = #"{"note":"\#(profile)"}"#
        edit.images[.profile] = .put(PersonImage(mediaType: "image/png", bytes: picture))
        _ = try await store.changePerson(made.person.id, of: client, edit)
        for isHit in [true, false] {
            let verification = fixture.session(.verification, of: client, user: user, metadata: metadata)
            try await store.begin(verification)
            var ended = fixture.outcome(verification).session
            ended.matchedPerson = made.person
            _ = try await store.finish(
                isHit ? SessionOutcome(session: ended, lockout: .clear) : fixture.miss(verification))
        }
        try await store.keep(
            KeptAnswer(
                requestDigest: [UInt8](repeating: 1, count: 32), externalUserID: user, status: 201,
                contentType: "application/json", body: Array(user.utf8)),
            for: IdempotencyKey(client: client, operation: "test", text: "key"))
        let vectors = outcome.samples.flatMap { sample in
            stride(from: 0, to: 124, by: 16).map { start in
                Data(
                    sample.template.values[start..<start + 4].flatMap { value in
                        withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
                    })
            }
        }
        return [user, name, self.metadata, profile, guardian].map { Data($0.utf8) } + [Data(picture)] + vectors
    }

    /// A day's backup, one that somebody wanted elsewhere in the directory, and one set aside by a restore.
    private func leaveCopies(of store: EdgeStore) async throws {
        _ = try await store.backUpGenerations()
        _ = try await store.backUp(to: "\(fixture.path)/mine.db")
        let kept = "\(fixture.path)/\(DatabaseFile.name).before-restore-1"
        try? FileManager.default.removeItem(atPath: kept)
        try FileManager.default.copyItem(atPath: "\(fixture.path)/mine.db", toPath: kept)
    }

    private func erase(in store: EdgeStore, _ client: ClientID) async throws -> ErasureID {
        let person = try #require(await store.person(externalID: user, of: client))
        return try await store.erasePerson(person.id, of: client).receipt.id
    }

    /// Wrapped keys and sealed bytes of the person and of all that is about them.
    private func pieces(in store: EdgeStore) async throws -> (keys: [Data], sealed: [Data]) {
        let client = try #require(await store.clients().first).id
        let person = try #require(await store.person(externalID: user, of: client)).id.column
        return try await store.read { db in
            let values: StatementArguments = ["id": person]
            let theirs = "person_key = (SELECT key FROM people WHERE id = :id)"
            let keys = try Data.fetchAll(
                db,
                sql: """
                    SELECT subject_key FROM people WHERE id = :id
                    UNION ALL SELECT subject_key FROM sessions WHERE person_id = :id
                    UNION ALL SELECT subject_key FROM webhook_events WHERE person_id = :id AND subject_key IS NOT NULL
                    UNION ALL SELECT subject_key FROM kept_answers
                    """, arguments: values)
            let sealed = try Data.fetchAll(
                db,
                sql: """
                    SELECT personal FROM people WHERE id = :id UNION ALL SELECT profile FROM people WHERE id = :id
                    UNION ALL SELECT substr(vector, 1, 64) FROM templates WHERE \(theirs)
                    UNION ALL SELECT picture FROM person_images WHERE \(theirs)
                    UNION ALL SELECT sealed FROM consents WHERE \(theirs)
                    UNION ALL SELECT personal FROM sessions WHERE person_id = :id
                    """, arguments: values)
            return (keys, sealed)
        }
    }

    /// The files of the device, key files and backups too, that hold these bytes.
    private func onDevice(_ bytes: Data) throws -> [String] {
        let device = URL(filePath: fixture.directory.path("key")).deletingLastPathComponent().path
        return try FileManager.default.subpathsOfDirectory(atPath: device).filter { name in
            FileManager.default.contents(atPath: "\(device)/\(name)")?.range(of: bytes) != nil
        }
    }

    /// The thief's copy beside today's keys.
    private func refuse(_ stolen: Data, _ vault: KeyVault) async throws {
        let thief = try StoreFixture()
        try FileManager.default.createDirectory(atPath: thief.path, withIntermediateDirectories: false)
        try stolen.write(to: URL(filePath: "\(thief.path)/\(DatabaseFile.name)"))
        let error = await #expect(throws: EdgeError.self) { try await thief.open(sealer: vault, secrets: vault) }
        #expect(error?.code == .keyUnavailable)
    }
}
