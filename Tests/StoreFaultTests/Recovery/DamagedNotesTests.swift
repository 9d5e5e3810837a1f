import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("A store whose own notes or tables are damaged, while SQLite finds nothing")
struct DamagedNotesTests {
    private let fixture: RecoveryFixture

    init() throws { fixture = try RecoveryFixture() }

    private func edit(_ sql: String) throws {
        let queue = try DatabaseQueue(path: fixture.file)
        try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA foreign_keys = OFF; \(sql)") }
        try queue.close()
    }

    @Test(
        "is mended at the start, and keeps everybody",
        arguments: [
            "UPDATE meta SET value = zeroblob(3) WHERE name = 'audit_edge'",
            "DELETE FROM meta WHERE name = 'audit_edge'",
            "UPDATE meta SET value = zeroblob(length(value)) WHERE name = 'outbox'",
            "UPDATE meta SET value = zeroblob(15) WHERE name = 'epoch'",
            "UPDATE meta SET value = zeroblob(32) WHERE name = 'key_check'",
            "DROP TABLE crops", "DROP TABLE lane_epochs", "DROP TABLE outbox", "DROP TABLE meta",
        ])
    func mended(sql: String) async throws {
        try await fixture.fill(backsUp: true)
        try edit(sql)
        let store = try await fixture.base.open()
        let report = try #require(try await fixture.report(store))
        #expect(report.rung == .salvage)
        #expect(try await fixture.names(store).count == fixture.people)
        #expect(try await store.verify().audit.firstBroken == nil)
        #expect(try fixture.kept().count == 1 && fixture.leftovers() == [])
        let client = try #require(try await store.clients().first?.id)
        try await fixture.base.enroll("E-new", of: client, in: store, seed: 900)
        #expect(try await store.verify().alarms.contains { $0.kind == .mended })
        try await store.acceptContents()
        let proof = try await store.verify()
        #expect(proof.isWhole, "\(proof)")
        await store.close()
    }

    @Test("whose table of templates or people is gone comes back from a backup", arguments: ["templates", "people"])
    func dropped(table: String) async throws {
        try await fixture.fill(backsUp: true)
        try edit("DROP TABLE \(table)")
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store)?.rung == .backup)
        #expect(try await fixture.names(store).count == fixture.people - 10)
        await store.close()
    }

    @Test("is not mended by a process that only looks, which says what is wrong")
    func lookedAt() async throws {
        try await fixture.fill()
        try edit("UPDATE meta SET value = zeroblob(32) WHERE name = 'key_check'")
        let error = await #expect(throws: EdgeError.self) { try await fixture.base.openUnmended() }
        #expect(error?.code == .storeCorrupt && error?.detail.contains("note of its keys") == true)
        #expect(try fixture.kept().isEmpty)
    }

    @Test("whose note of the last key names one that no record knows opens with the keys that it has")
    func keyRing() async throws {
        try await fixture.fill()
        try edit("UPDATE meta SET value = x'7fffffff' WHERE name = 'key_ring'")
        let store = try await fixture.base.open()
        #expect(try await fixture.report(store) == nil)
        #expect(try await fixture.names(store).count == fixture.people)
        await store.close()
    }
}
