import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Lanes and epochs")
struct LaneEpochTests {
    @Test("a new epoch counts from 1 and gives up, signed, what central does not have of the former one")
    func newEpoch() async throws {
        let house = try await LaneFixture()
        for _ in 0..<6 { try await house.note() }
        _ = try await house.enroll()
        let sealed = try await house.records(.enrollment)
        let former = try #require(house.store.epoch)
        let records = try await house.records(.audit)
        try await house.store.acknowledge(.audit, through: 3, head: records[2].hash)
        try await house.store.write { [store = house.store] db in try store.startEpoch(reason: .restored, db) }
        let control = try await house.records(.control)
        try house.requireChain(control)
        #expect(control.map(\.head.kind) == ["epoch.started"])
        let facts = try #require(try await house.facts(.control).first)
        #expect(facts["reason"] as? String == "restored")
        #expect(facts["former"] as? String == hexadecimal(former))
        #expect(facts["history"] as? [String] == [hexadecimal(former)])
        let lanes = try #require(facts["lanes"] as? [[String: Any]])
        let audit = try #require(lanes.first { $0["lane"] as? String == "audit" })
        #expect(audit["acknowledged"] as? Int == 3 && audit["last"] as? Int == records.count)
        let origin = AuditCheckpoint.origin(
            device: try #require(house.store.device), epoch: try #require(house.store.epoch))
        let note = try SignedNote.open(
            try #require(facts["gap"] as? String), signedAs: origin, publicKey: house.base.vault.publicKey,
            house.base.vault)
        #expect(note?.contains("lost audit after 3 known \(records.count)\n") == true)
        #expect(try await house.kinds(.audit) == ["store.epoch", "store.restored"])
        #expect(try await house.records(.audit)[0].head.position.sequence == 1)
        // What stood in a place of the former epoch is not mistaken for what stands there now.
        #expect(try await house.store.open(sealed) == [nil])
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("the first epoch of a file says that it is fresh and follows none")
    func first() async throws {
        let house = try await LaneFixture()
        let facts = try #require(try await house.facts(.control).first)
        #expect(facts["reason"] as? String == "fresh" && facts["former"] is NSNull)
        await house.store.close()
    }
}

@Suite("Proof of the lanes")
struct LaneVerificationTests {
    @Test(
        "an edited, dropped, moved or added record is found with its lane and number",
        arguments: [
            ("UPDATE outbox SET kind = 'other' WHERE lane = 2 AND sequence = 3", "audit", 3),
            ("UPDATE outbox SET at = at + 1 WHERE lane = 0 AND sequence = 1", "control", 1),
            ("UPDATE outbox SET payload = x'7B7D' WHERE lane = 0 AND sequence = 1", "control", 1),
            ("UPDATE outbox SET payload = NULL WHERE lane = 1 AND sequence = 1", "enrollment", 3),
            ("UPDATE outbox SET source = source + 1 WHERE lane = 2 AND sequence = 2", "audit", 2),
            ("UPDATE outbox SET digest = zeroblob(32) WHERE lane = 3 AND sequence = 2", "events", 2),
            ("UPDATE outbox SET person_id = randomblob(16) WHERE lane = 1 AND sequence = 2", "enrollment", 2),
            ("UPDATE audit SET succeeded = 0 WHERE sequence = 2", "audit", 2),
            ("UPDATE webhook_events SET name = 'other' WHERE sequence = 2", "events", 2),
            ("DELETE FROM outbox WHERE lane = 2 AND sequence = 2", "audit", 2),
            (
                "DELETE FROM outbox WHERE lane = 3 AND sequence = (SELECT max(sequence) FROM outbox WHERE lane = 3)",
                "events", nil
            ),
            ("UPDATE outbox SET sequence = 1000 WHERE lane = 2 AND sequence = 4", "audit", 4),
            (
                """
                UPDATE meta SET value = CAST(substr(value, 1, 20) || x'FF' || substr(value, 22) AS BLOB)
                WHERE name = 'outbox'
                """,
                "control", 1
            ),
        ] as [(String, String, Int64?)])
    func edited(sql: String, lane: String, place: Int64?) async throws {
        let house = try await LaneFixture()
        for number in 0..<2 { _ = try await house.enroll("E-\(number)", seed: number) }
        #expect(try await house.verify().isWhole)
        try await house.store.write { try $0.execute(sql: sql) }
        let found = try await house.verify()
        #expect(Array(found.firstBroken.keys) == [lane])
        if let place { #expect(found.firstBroken[lane] == place) }
        await house.store.close()
    }
}
