import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Upkeep of the file")
struct UpkeepTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func perform(_ name: String, _ store: EdgeStore) async {
        for chore in EdgeStore.chores where chore.name == name { await store.perform(chore) }
    }

    private var log: Int {
        let facts = try? FileManager.default.attributesOfItem(atPath: "\(fixture.path)/edged.sqlite-wal")
        return facts?[.size] as? Int ?? 0
    }

    @Test("the log is emptied when nothing was written since the last look, and left alone at work")
    func idle() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        await perform("log", store)
        try await fixture.enroll("E-1", of: client, in: store)
        await perform("log", store)
        #expect(log > 0)
        await perform("log", store)
        #expect(log == 0)
        #expect(try await store.verify().isWhole)
        await store.close()
    }

    @Test("the room of what was removed goes back to the file system")
    func shrinks() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<60 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        func pages() async throws -> Int {
            try await store.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        }
        let full = try await pages()
        for number in 0..<60 { _ = try await store.removePerson(externalID: "E-\(number)", of: client) }
        try await store.append(AuditRecord(action: "test.note", succeeded: true, at: fixture.clock.wall))
        await perform("log", store)
        try await store.append(AuditRecord(action: "test.note", succeeded: true, at: fixture.clock.wall))
        await perform("log", store)
        await perform("log", store)
        #expect(try await pages() < full - 10)
        #expect(try await store.read { try Int.fetchOne($0, sql: "PRAGMA freelist_count") } == 0)
        await store.close()
    }

    @Test("once a week the whole file is gone through, and what is found is mended at the next start")
    func weekly() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        for number in 0..<30 { try await fixture.enroll("E-\(number)", of: client, in: store, seed: number) }
        await perform("file", store)
        // An index that lacks a row is nothing that a statement stumbles over.
        try await store.withoutTransaction { db in
            try DatabaseFile.emptyLog(db)
            try db.execute(
                sql: """
                    PRAGMA writable_schema = ON;
                    UPDATE sqlite_schema SET sql = replace(sql, 'client_id', 'id') WHERE name = 'people_of_client';
                    PRAGMA writable_schema = RESET;
                    """)
        }
        fixture.clock.advance(by: .seconds(6 * 86_400))
        await perform("file", store)
        #expect(fixture.health.current.isEmpty)
        fixture.clock.advance(by: .seconds(2 * 86_400))
        await perform("file", store)
        #expect(fixture.health.current.map(\.code) == ["store.corrupt"])
        await store.close()
        let again = try await fixture.open()
        #expect(Set(fixture.health.current.map(\.code)) == ["store.mended", "store.recovered"])
        #expect(try await again.gallery().count == 30)
        #expect(try await again.verify().alarms.map(\.kind) == [.mended])
        try await again.acceptContents()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test("SQLite is told by its version")
    func version() { #expect(EdgeStore.sqlite.version.hasPrefix("3.")) }
}
