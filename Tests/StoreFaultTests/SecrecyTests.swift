import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Nothing personal in plain text on disk")
struct SecrecyTests {
    let fixture: StoreFixture
    let user = "EMPLOYEE-canary-8841"
    let name = "Canary Q. Testperson"
    let metadata = #"{"note":"canary in the metadata"}"#

    init() throws { fixture = try StoreFixture() }

    @Test("no id, name, metadata, template, token, key or secret stands in any file, open or closed")
    func canaries() async throws {
        let store = try await fixture.open()
        let made = try await store.createClient(name: "plain client name")
        let secrets = try await leaveTraces(in: store, client: made.client.id, credentials: made)
        // The scan works: what may stand there in plain text is found.
        #expect(try fixture.onDisk(Data("plain client name".utf8)))
        for secret in secrets { #expect(try !fixture.onDisk(secret)) }
        await store.close()
        #expect(try fixture.onDisk(Data("plain client name".utf8)))
        for secret in secrets { #expect(try !fixture.onDisk(secret)) }
    }

    @Test("of a removed person not even the sealed bytes and the key are left in any file")
    func erased() async throws {
        let store = try await fixture.open()
        let made = try await store.createClient(name: "kiosk")
        let client = made.client.id
        try await fixture.enroll("other", of: client, in: store, seed: 9)
        _ = try await leaveTraces(in: store, client: client, credentials: made)
        let blobs = try await sealedBytes(in: store)
        #expect(blobs.count >= 8)
        for blob in blobs { #expect(try fixture.onDisk(blob)) }
        _ = try await store.removePerson(externalID: user, of: client)
        for blob in blobs { #expect(try !fixture.onDisk(blob)) }
        #expect(try await store.gallery().map(\.person.externalID) == ["other"])
        await store.close()
        for blob in blobs { #expect(try !fixture.onDisk(blob)) }
    }

    @Test("a kill between a removal and its clean-up leaves nothing after the next start")
    func erasedAfterKill() async throws {
        var store = try await fixture.open()
        let made = try await store.createClient(name: "kiosk")
        _ = try await leaveTraces(in: store, client: made.client.id, credentials: made)
        let blobs = try await sealedBytes(in: store)
        // A copy of the file and its log, taken after the removal committed: what a kill would leave.
        try await store.write { db in
            for table in ["people", "sessions", "lockouts", "enrollments", "webhook_events", "kept_answers"] {
                try db.execute(sql: "DELETE FROM \(table)")
            }
        }
        let copy = try StoreFixture()
        try FileManager.default.createDirectory(atPath: copy.path, withIntermediateDirectories: false)
        for (name, content) in try fixture.files() { try content.write(to: URL(filePath: "\(copy.path)/\(name)")) }
        await store.close()
        #expect(try blobs.contains { try copy.onDisk($0) })
        store = try await copy.open(sealer: fixture.vault, secrets: fixture.vault)
        for blob in blobs { #expect(try !copy.onDisk(blob)) }
        await store.close()
    }

    @Test("an enrollment still open when its user is removed is cancelled and cannot bring the person back")
    func openEnrollment() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll(user, of: client, in: store)
        let open = fixture.session(.enrollment, of: client, user: user)
        let other = fixture.session(.enrollment, of: client, user: "somebody else")
        for session in [open, other] { try await store.begin(session) }
        _ = try await store.removePerson(externalID: user, of: client)
        #expect(try await store.session(.id(open.id), of: client)?.state == .cancelled)
        #expect(try await store.newest(2).last?.session == open.id)
        await #expect(throws: EdgeError(.sessionClosed)) { try await store.finish(fixture.outcome(open)) }
        #expect(try await store.peopleCount() == 0)
        _ = try await store.finish(fixture.outcome(other))
        #expect(try await store.peopleCount() == 1)
        await store.close()
    }

    @Test("a session of a removed person stays as a record without the person")
    func scrubbedSessions() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let session = fixture.session(.enrollment, of: client, user: user, metadata: metadata)
        try await store.begin(session)
        _ = try await store.finish(fixture.outcome(session, name: name))
        _ = try await store.removePerson(externalID: user, of: client)
        let read = try #require(await store.session(.id(session.id), of: client))
        #expect(read.state == .completed)
        #expect(read.externalUserID == nil)
        #expect(read.matchedPerson == nil)
        #expect(read.metadataJSON == "{}")
        await store.close()
    }

    @Test("the digests of one external id at two tenants have nothing in common")
    func unlinkable() async throws {
        let store = try await fixture.open()
        for client in ["one", "two"] {
            let client = try await store.createClient(name: client).client.id
            try await fixture.enroll(user, of: client, in: store)
        }
        let digests = try await store.read { try Data.fetchAll($0, sql: "SELECT external_id_digest FROM people") }
        #expect(Set(digests).count == 2)
        await store.close()
    }

    /// Does everything that could leave a trace; returns what must not be found.
    private func leaveTraces(
        in store: EdgeStore, client: ClientID, credentials: ClientCredentials
    ) async throws -> [Data] {
        let session = fixture.session(.enrollment, of: client, user: user, metadata: metadata)
        try await store.begin(session)
        let outcome = fixture.outcome(session, name: name)
        let made = try #require(await store.finish(outcome))
        let verification = fixture.session(.verification, of: client, user: user, metadata: metadata)
        try await store.begin(verification)
        var ended = fixture.outcome(verification).session
        ended.matchedPerson = made.person
        _ = try await store.finish(SessionOutcome(session: ended, lockout: .clear))
        let missed = fixture.session(.verification, of: client, user: user)
        try await store.begin(missed)
        _ = try await store.finish(fixture.miss(missed))
        _ = try await store.check(
            ClientClaim(name: .apiKey(credentials.apiKey.reveal()), apiSecret: credentials.apiSecret.reveal()))
        let family = TokenFamily(id: TokenFamilyID(), client: client, expiresAt: fixture.clock.wall)
        try await store.beginFamily(family, refreshID: "canary of a token")
        try await store.keep(
            KeptAnswer(
                requestDigest: [UInt8](repeating: 1, count: 32), externalUserID: user, status: 201,
                contentType: "application/json", body: Array("canary in an answer".utf8)),
            for: IdempotencyKey(client: client, operation: "test", text: "canary of a key"))
        _ = try await store.updateClient(client) { client throws(EdgeError) in
            client.profile.contactName = "canary of a contact"
        }
        let texts = [
            user, name, "canary in the metadata", "canary of a token", "canary in an answer", "canary of a key",
            "canary of a contact", credentials.webhookSecret.reveal(), credentials.apiKey.reveal(),
            credentials.apiSecret.reveal(),
            session.token?.rawValue ?? "", verification.token?.rawValue ?? "",
        ]
        let vectors = outcome.samples.flatMap { sample in
            // Any four numbers in a row would be enough to know the template by.
            stride(from: 0, to: 124, by: 4).map { start in
                Data(
                    sample.template.values[start..<start + 4].flatMap { value in
                        withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
                    })
            }
        }
        return texts.map { Data($0.utf8) } + vectors
    }

    /// The person's key and sealed bytes, and those of the person's sessions, as they stand in the tables.
    private func sealedBytes(in store: EdgeStore) async throws -> [Data] {
        let (user, client) = (user, try #require(await store.clients().first).id)
        let person = try #require(await store.person(externalID: user, of: client)).id.column
        return try await store.read { db in
            try Data.fetchAll(
                db,
                sql: """
                    SELECT subject_key FROM people WHERE id = :id UNION ALL SELECT personal FROM people WHERE id = :id
                    UNION ALL SELECT external_id_digest FROM people WHERE id = :id
                    UNION ALL SELECT substr(vector, 1, 64) FROM templates
                        WHERE person_key = (SELECT key FROM people WHERE id = :id)
                    UNION ALL SELECT subject_key FROM sessions WHERE person_id = :id
                    UNION ALL SELECT personal FROM sessions WHERE person_id = :id
                    """, arguments: ["id": person])
        }
    }
}
