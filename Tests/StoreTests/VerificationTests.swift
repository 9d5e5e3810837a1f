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
}
