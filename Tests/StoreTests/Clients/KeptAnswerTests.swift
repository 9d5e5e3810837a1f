import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Answers that are given again")
struct KeptAnswerTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func answer(_ text: String, user: String? = nil, status: Int = 201) -> KeptAnswer {
        KeptAnswer(
            requestDigest: [UInt8](repeating: 7, count: 32), externalUserID: user, status: status,
            contentType: "application/json", body: Array(text.utf8))
    }

    @Test("stay sealed over a restart, for a day, and the first one counts")
    func keeps() async throws {
        var store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let key = IdempotencyKey(client: client, operation: "create", text: "canary-key")
        #expect(try await store.keptAnswer(key) == nil)
        try await store.keep(answer("canary-answer"), for: key)
        try await store.keep(answer("another"), for: key)
        #expect(try await store.keptAnswer(key) == answer("canary-answer"))
        #expect(try !fixture.onDisk(Data("canary".utf8)))
        await store.close()
        store = try await fixture.open()
        #expect(try await store.keptAnswer(key) == answer("canary-answer"))
        fixture.clock.advance(by: .seconds(24 * 3600 + 1))
        #expect(try await store.keptAnswer(key) == nil)
        try await store.keep(answer("the next day"), for: key)
        #expect(try await store.keptAnswer(key) == answer("the next day"))
        await store.close()
    }

    @Test("belong to one client and one operation")
    func separate() async throws {
        let store = try await fixture.open()
        let (one, two) = (
            try await store.createClient(name: "one").client.id, try await store.createClient(name: "two").client.id
        )
        try await store.keep(answer("mine"), for: IdempotencyKey(client: one, operation: "a", text: "k"))
        #expect(try await store.keptAnswer(IdempotencyKey(client: two, operation: "a", text: "k")) == nil)
        #expect(try await store.keptAnswer(IdempotencyKey(client: one, operation: "b", text: "k")) == nil)
        #expect(try await store.keptAnswer(IdempotencyKey(client: one, operation: "a", text: "k ")) == nil)
        await store.close()
    }

    @Test("about a person go with the person")
    func erased() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await fixture.enroll("E-1", of: client, in: store)
        let keys = ["E-1", "E-2"].map { IdempotencyKey(client: client, operation: "create", text: $0) }
        for key in keys { try await store.keep(answer("name", user: key.text), for: key) }
        _ = try await store.removePerson(externalID: "E-1", of: client)
        await #expect(throws: EdgeError(.idempotencyErased)) { try await store.keptAnswer(keys[0]) }
        #expect(try await store.keptAnswer(keys[1]) != nil)
        try await store.keep(answer("again", user: keys[0].text), for: keys[0])
        _ = try await store.rotateKeys(fixture.vault)
        await #expect(throws: EdgeError(.idempotencyErased)) { try await store.keptAnswer(keys[0]) }
        fixture.clock.advance(by: EdgeStore.answersKept + .seconds(1))
        #expect(try await store.keptAnswer(keys[0]) == nil)
        await store.close()
    }

    @Test("of one client are bounded: the oldest go")
    func bounded() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        let first = IdempotencyKey(client: client, operation: "create", text: "first")
        try await store.keep(answer("first"), for: first)
        try await store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO kept_answers (client_id, operation, key_digest, request_digest, subject_key, answer,
                        created_at)
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                    SELECT ?, 'create', randomblob(32), zeroblob(32), zeroblob(1), zeroblob(1), ? FROM numbers
                    """, arguments: [EdgeStore.answersOfClient, client.column, fixture.clock.wall.column])
        }
        try await store.keep(answer("last"), for: IdempotencyKey(client: client, operation: "create", text: "last"))
        #expect(try await store.keptAnswer(first) == nil)
        let rows = try await store.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM kept_answers") }
        #expect(rows == EdgeStore.answersOfClient)
        await store.close()
    }
}
