import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Proof of the whole store")
struct VerificationTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func filled() async throws -> EdgeStore {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<3 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        return store
    }

    @Test("an untouched store is whole, also after a restart and a rotation of the keys")
    func untouched() async throws {
        let store = try await filled()
        let first = try await store.verify()
        #expect(first.isWhole)
        #expect(first.sealedRecords >= 12)
        _ = try await store.rotateKeys(fixture.vault)
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test(
        "an edited, exchanged or cut record is named with its table",
        arguments: [
            ("people", "UPDATE people SET personal = zeroblob(length(personal)) WHERE key = 1"),
            ("people", "UPDATE people SET subject_key = (SELECT subject_key FROM people WHERE key = 2) WHERE key = 1"),
            ("templates", "UPDATE templates SET vector = (SELECT vector FROM templates WHERE key = 2) WHERE key = 1"),
            ("templates", "UPDATE templates SET model_version = 'other' WHERE key = 1"),
            ("templates", "UPDATE templates SET vector = substr(vector, 1, 40) WHERE key = 1"),
            ("sessions", "UPDATE sessions SET personal = x'01' WHERE key = 1"),
        ])
    func edited(table: String, sql: String) async throws {
        let store = try await filled()
        try await store.write { try $0.execute(sql: sql) }
        let found = try await store.verify()
        #expect(!found.isWhole)
        #expect(found.brokenSeals[table] != nil)
        await store.close()
    }

    @Test("an edited audit line and a row that points nowhere are told")
    func lines() async throws {
        let store = try await filled()
        try await store.write { try $0.execute(sql: "UPDATE audit SET succeeded = 0 WHERE sequence = 2") }
        #expect(try await store.verify().audit.firstBroken == 2)
        try await store.withoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM people WHERE key = 1; PRAGMA foreign_keys = ON")
        }
        #expect(try await !store.verify().fileFaults.isEmpty)
        await store.close()
    }

    @Test("accepting removes a row that points nowhere and builds an index anew that lacks a row")
    func accepted() async throws {
        let store = try await filled()
        // Taken out of the index alone: the row is there, and whoever asks the index does not see it.
        try await store.withoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF; DELETE FROM people WHERE key = 1; PRAGMA foreign_keys = ON")
            try Self.loseIndexRow(db)
        }
        let found = try await store.verify()
        #expect(found.fileFaults.contains { $0.contains("points at a row") })
        #expect(found.fileFaults.contains { $0.contains("index") })
        try await store.acceptContents()
        #expect(try await store.verify().isWhole)
        let line = try await store.read { db in
            try String.fetchOne(db, sql: "SELECT details FROM audit WHERE action = 'store.accepted'")
        }
        let removed = try #require(line?.split(separator: "\"removed\":").last?.prefix { $0.isNumber })
        #expect(Int(removed) ?? 0 > 0)
        await store.close()
    }

    @Test("people under another external id than their own are told, and found by it again once the store is accepted")
    func misfiled() async throws {
        let store = try await filled()
        let client = try #require(try await store.clients().first).id
        // The first two in each other's place, the third under nobody's id.
        try await store.write { db in
            let digests = try Data.fetchAll(db, sql: "SELECT external_id_digest FROM people ORDER BY key")
            try db.execute(sql: "UPDATE people SET external_id_digest = randomblob(32)")
            for (key, digest) in [(1, digests[1]), (2, digests[0])] {
                try db.execute(sql: "UPDATE people SET external_id_digest = ? WHERE key = ?", arguments: [digest, key])
            }
        }
        let found = try await store.verify()
        #expect(found.misfiledPeople == 3 && !found.isWhole && found.brokenSeals.isEmpty)
        #expect(try await store.person(externalID: "E-2", of: client) == nil)
        let done = try await store.acceptContents()
        #expect(done == AcceptedContents(removed: 0, refiled: 3, clashing: 0))
        #expect(try await store.verify().isWhole)
        for name in ["E-0", "E-1", "E-2"] {
            #expect(try await store.person(externalID: name, of: client)?.externalID == name)
            _ = try await store.removePerson(externalID: name, of: client)
        }
        #expect(try await store.people(of: client, limit: 9, offset: 0).isEmpty, "who is listed can be erased")
        await store.close()
    }

    @Test("somebody whose external id was given anew meanwhile is kept beside the new one, and told until one goes")
    func clashing() async throws {
        let store = try await filled()
        let client = try #require(try await store.clients().first).id
        let first = try #require(try await store.person(externalID: "E-0", of: client)).id
        try await store.write { db in
            try db.execute(sql: "UPDATE people SET external_id_digest = zeroblob(32) WHERE key = 1")
        }
        try await fixture.enroll("E-0", of: client, in: store, seed: 9)
        #expect(try await store.verify().misfiledPeople == 1)
        #expect(try await store.acceptContents() == AcceptedContents(removed: 0, refiled: 0, clashing: 1))
        #expect(try await store.people(of: client, limit: 9, offset: 0).filter { $0.externalID == "E-0" }.count == 2)
        #expect(try await store.verify().misfiledPeople == 1)
        #expect(try await store.removePerson(externalID: "E-0", of: client) != first)
        #expect(try await store.acceptContents().refiled == 1)
        #expect(try await store.person(externalID: "E-0", of: client)?.id == first)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("nothing is accepted that nobody was shown: neither before a proof, nor what was edited after it")
    func unseen() async throws {
        let store = try await filled()
        let client = try #require(try await store.clients().first?.id)
        func edit(_ rate: Int) async throws {
            try await store.withoutTransaction { try $0.execute(sql: "UPDATE clients SET rate_per_hour = \(rate)") }
        }
        try await edit(1)
        for rate in [2, 3] {
            let error = await #expect(throws: EdgeError.self) { try await store.acceptContents() }
            #expect(error?.code == .storeUnseen && error?.detail.contains("clients") == true)
            #expect(try await store.verify().editedTables == ["clients"])
            try await edit(rate)
        }
        #expect(try await store.verify().editedTables == ["clients"])
        // What is written through the store meanwhile is nothing that would have to be shown.
        try await fixture.enroll("E-9", of: client, in: store, seed: 9)
        try await store.acceptContents()
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("an index that is gone is told, and made again once that is accepted")
    func index() async throws {
        let store = try await filled()
        try await store.withoutTransaction { try $0.execute(sql: "DROP INDEX people_of_client") }
        let found = try await store.verify()
        #expect(found.editedTables == ["sqlite_schema"])
        #expect(found.fileFaults == ["the index people_of_client is gone"])
        try await store.acceptContents()
        #expect(try await store.verify().isWhole)
        await store.close()
        let again = try await fixture.open()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    /// Lets the index of people by client be one of nothing while a row is written.
    private static func loseIndexRow(_ db: Database) throws {
        let sql = try String.fetchOne(db, sql: "SELECT sql FROM sqlite_schema WHERE name = 'people_of_client'")
        let page = try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'people_of_client'")
        try db.execute(
            sql:
                "PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'people_of_client'; PRAGMA writable_schema = RESET"
        )
        try db.execute(sql: "DELETE FROM people WHERE key = 2")
        try db.execute(sql: "PRAGMA writable_schema = ON")
        try db.execute(
            sql: "INSERT INTO sqlite_schema VALUES ('index', 'people_of_client', 'people', ?, ?)",
            arguments: [page, sql])
        try db.execute(sql: "PRAGMA writable_schema = RESET")
    }
}
