import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Snapshot for central")
struct LaneSnapshotTests {
    @Test("everybody enrolled before there was a central is told to it once, and again in a new epoch")
    func snapshot() async throws {
        let alone = try await LaneFixture(records: 16)
        for number in 0..<60 { _ = try await alone.enroll("E-\(number)", seed: number) }
        try await alone.store.snapshotWhenDue()
        #expect(try await alone.lane(.enrollment).last == 60)
        await alone.store.close()
        var options = StoreOptions()
        options.outbox = OutboxLimits(hasCentral: true)
        let store = try await alone.base.open(options: options)
        let late = try #require(try await alone.base.enroll("E-60", of: alone.client, in: store, seed: 60))
        try await store.removePerson(late.person.id, of: alone.client)
        try await store.snapshotWhenDue()
        try await store.snapshotWhenDue()
        #expect(try await told(by: store) == Set((0..<60).map { "E-\($0)" }))
        let epoch = try await store.lanes().first { $0.address.lane == .enrollment }
        #expect(epoch?.last == 60 + 1 + 60 + 1)
        try await store.write { try store.startEpoch(reason: .restored, $0) }
        try await store.snapshotWhenDue()
        #expect(try await told(by: store) == Set((0..<60).map { "E-\($0)" }))
        #expect(
            try await store.records(of: .enrollment, after: 60, limit: 9).map(\.head.kind) == ["snapshot.completed"])
        #expect(try await store.read { try store.verifyLanes($0) }.isWhole)
        await store.close()
    }

    @Test("a snapshot leaves half of the lane to the door, and goes on when there is room")
    func half() async throws {
        let house = try await LaneFixture(records: 220, hasCentral: true, auditRefuses: false)
        for number in 0..<120 { _ = try await house.enroll("E-\(number)", seed: number) }
        try await house.store.snapshotWhenDue()
        #expect(try await house.lane(.enrollment).last == 120)
        for _ in 0..<3 {
            let status = try await house.lane(.enrollment)
            try await house.store.acknowledge(.enrollment, through: status.last, head: status.head)
            try await house.store.snapshotWhenDue()
        }
        #expect(try await house.lane(.enrollment).last == 120 + 120 + 1)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    private func told(by store: EdgeStore) async throws -> Set<String> {
        let records = try await store.records(of: .enrollment, after: 0, limit: 1000)
        return try await store.open(records).compactMap(\.self).reduce(into: []) { names, bytes in
            let facts = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            guard facts?["is_snapshot"] as? Bool == true, let name = facts?["user_id"] as? String else { return }
            names.insert(name)
        }
    }
}

@Suite("What records cost")
struct LaneBytesTests {
    /// Pages that the write-ahead log takes for one event, on average.
    private func frames(_ house: LaneFixture, _ event: () async throws -> Void) async throws -> Double {
        var frames = 0
        for _ in 0..<20 {
            try await house.store.withoutTransaction { try DatabaseFile.emptyLog($0) }
            try await event()
            frames += try await house.store.read { db in
                try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(PASSIVE)")?["log"] ?? 0
            }
        }
        return Double(frames) / 20
    }

    private func recognise(_ person: PersonID, _ house: LaneFixture) async throws {
        var session = house.base.session(.verification, of: house.client)
        try await house.store.begin(session)
        session.matchedPerson = MatchedPerson(id: person, externalID: "E-1", displayName: nil)
        _ = try await house.store.finish(house.base.outcome(session))
    }

    @Test("an authentication writes at most seven pages more than without records, and a record takes under 300 bytes")
    func bytes() async throws {
        let house = try await LaneFixture()
        let person = try await house.enroll("E-1")
        for _ in 0..<100 { try await recognise(person, house) }
        let with = try await frames(house) { try await recognise(person, house) }
        try await house.store.write { db in
            // Rows are left out as if nobody had asked for them.
            try db.execute(
                sql: "CREATE TEMP TRIGGER no_record BEFORE INSERT ON outbox BEGIN SELECT RAISE(IGNORE); END")
        }
        let without = try await frames(house) { try await recognise(person, house) }
        #expect(with - without <= 7, "\(with) pages instead of \(without)")
        let own = try await house.store.read { db in
            try Double.fetchAll(db, sql: "SELECT avg(\(OutboxRow.cost)) FROM outbox WHERE lane > 1 GROUP BY lane")
        }
        #expect(own.count == 2 && own.allSatisfy { $0 <= 300 }, "\(own) bytes")
        await house.store.close()
    }
}
