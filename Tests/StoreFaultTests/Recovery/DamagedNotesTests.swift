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

    private func flip(_ byte: Int, of name: String) throws {
        let queue = try DatabaseQueue(path: fixture.file)
        try queue.write { db in
            var value = try #require(
                try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = ?", arguments: [name]))
            value[byte] ^= 1
            try db.execute(sql: "UPDATE meta SET value = ? WHERE name = ?", arguments: [value, name])
        }
        try queue.close()
    }

    /// The store opens, tells of the edit, takes somebody new, and is whole once that was accepted.
    private func expectWorking(_ line: String? = nil) async throws {
        let store = try await fixture.base.open()
        #expect(try await fixture.names(store).count == fixture.people)
        let client = try #require(try await store.clients().first?.id)
        try await fixture.base.enroll("E-new", of: client, in: store, seed: 900)
        let found = try await store.verify()
        #expect(found.alarms.contains { $0.kind == .edited } && found.audit.firstBroken == nil)
        #expect(found.lanes.isWhole)
        if let line { #expect(try await store.newest(30).contains { $0.action == line }) }
        try await store.acceptContents()
        let proof = try await store.verify()
        #expect(proof.isWhole, "\(proof)")
        await store.close()
    }

    @Test(
        "whose account of the lanes is not its own begins them anew before anything is written",
        arguments: [5, 17, 20, 24, 25, 28, 60, 125, 400])
    func account(byte: Int) async throws {
        try await fixture.fill()
        try flip(byte, of: "outbox")
        try await expectWorking("outbox.broken")
    }

    @Test("with a record that was never written begins its lanes anew too", arguments: Lane.allCases)
    func numberNotGivenOut(lane: Lane) async throws {
        try await fixture.fill()
        let store = try await fixture.base.open()
        let last = try await store.read { db in try LaneStates.read(db)?[lane].last ?? 0 }
        await store.close()
        try edit(
            """
            INSERT INTO outbox (lane, sequence, kind, tenant_id, person_id, at, boot_id, boot_time, clock_quality, source,
                is_sealed, payload, digest, hash)
            SELECT \(lane.priority), \(last + 1), kind, tenant_id, person_id, at, boot_id, boot_time, clock_quality, source,
                is_sealed, payload, digest, hash FROM outbox WHERE lane = 2 ORDER BY sequence DESC LIMIT 1
            """)
        try await expectWorking("outbox.broken")
    }

    @Test("whose edge of the audit tree has another bit grows it anew from its lines", arguments: [9, 20, 60])
    func edge(byte: Int) async throws {
        try await fixture.fill()
        try flip(byte, of: "audit_edge")
        try await expectWorking()
    }

    @Test(
        "whose lines were edited or cut off keeps the edge that tells so",
        arguments: [
            "UPDATE audit SET details = '{}' WHERE sequence = 5",
            "DELETE FROM audit WHERE sequence > (SELECT max(sequence) - 3 FROM audit)",
            "UPDATE audit SET details = '{}' WHERE sequence = 5; DELETE FROM meta WHERE name = 'audit_head'",
        ])
    func edgeStays(sql: String) async throws {
        try await fixture.fill()
        func grown() throws -> MerkleEdge? {
            let queue = try DatabaseQueue(path: fixture.file)
            defer { try? queue.close() }
            let vault = fixture.base.vault
            return try queue.read { try AuditTree.grown($0, vault, MerkleHash(vault))?.edge }
        }
        let queue = try DatabaseQueue(path: fixture.file)
        let kept = try await queue.read { try AuditTree.edge($0) }
        try queue.close()
        #expect(try grown() == kept)
        try edit(sql)
        #expect(try grown() == nil)
        let store = try await fixture.base.open()
        #expect(try await store.verify().audit.firstBroken != nil)
        await store.close()
    }

    @Test("whose device has another bit stays the device that it was")
    func device() async throws {
        try await fixture.fill()
        let before = try await fixture.base.open()
        let known = before.device
        await before.close()
        try fixture.damage.forgetStop()
        try flip(3, of: "device")
        let store = try await fixture.base.open()
        #expect(store.device == known)
        await store.close()
        try await expectWorking()
    }

    @Test("with a time beyond all times is looked through to its end")
    func time() async throws {
        try await fixture.fill()
        try edit("UPDATE audit SET at = 9223372036854775807 WHERE sequence = 5")
        let store = try await fixture.base.open()
        #expect(try await store.verify().audit.firstBroken == 5)
        await store.close()
    }
}
