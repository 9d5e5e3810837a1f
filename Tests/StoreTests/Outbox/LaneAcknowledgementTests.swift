import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Acknowledgement of records")
struct LaneAcknowledgementTests {
    @Test("acknowledged records go, the rest stays chained to them, also after a restart")
    func acknowledge() async throws {
        let house = try await LaneFixture()
        for _ in 0..<10 { try await house.note() }
        let records = try await house.records(.audit)
        try await house.store.acknowledge(.audit, through: 4, head: records[3].hash)
        let status = try await house.lane(.audit)
        #expect(status.acknowledged == 4 && status.released == 4 && status.releasedHead == records[3].hash)
        #expect(status.records == UInt64(records.count - 4))
        #expect(
            try await house.records(.audit).map(\.head.position.sequence) == (5...UInt64(records.count)).map(\.self))
        #expect(try await house.store.newest(100).count == records.count)
        await house.store.close()
        let again = try await house.base.open()
        #expect(try await again.lanes().first { $0.address.lane == .audit } == status)
        try await again.append(AuditRecord(action: "test", succeeded: true, at: house.base.clock.wall))
        let rest = try await again.records(of: .audit, after: 0, limit: 100)
        try house.requireChain(rest, after: 4, records[3].hash)
        #expect(try await again.read { try again.verifyLanes($0) }.isWhole)
        await again.close()
    }

    @Test("what central accepts by its own rule is acknowledged, batch by batch, until the lane is empty")
    func drain() async throws {
        let house = try await LaneFixture()
        for _ in 0..<25 { try await house.note() }
        var cursor = LaneCursor.start
        while true {
            let batch = try await house.store.records(of: .audit, after: cursor.acknowledged, limit: 7)
            guard let first = batch.first else { break }
            let pushed = try #require(
                RecordBatch(
                    first: first.head.position.sequence, previous: cursor.head, hashes: batch.map(\.hash)))
            guard case .accepted(0, let next) = IntakeRule.judge(pushed, at: cursor) else {
                Issue.record("refused at \(cursor.acknowledged)")
                break
            }
            cursor = next
            try await house.store.acknowledge(.audit, through: next.acknowledged, head: next.head)
        }
        let status = try await house.lane(.audit)
        #expect(status.records == 0 && status.bytes == 0 && status.oldest == nil && status.acknowledged == status.last)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("another hash, and a number that was never given out, are refused; a repetition changes nothing")
    func refused() async throws {
        let house = try await LaneFixture()
        for _ in 0..<5 { try await house.note() }
        let records = try await house.records(.audit)
        let before = try await house.lane(.audit)
        for (sequence, hash) in [(3, records[1].hash), (0, records[0].hash), (99, records[2].hash)] {
            await #expect {
                try await house.store.acknowledge(.audit, through: UInt64(sequence), head: hash)
            } throws: {
                ($0 as? EdgeError)?.code == .outboxFork
            }
        }
        #expect(try await house.lane(.audit) == before)
        try await house.store.acknowledge(.audit, through: 3, head: records[2].hash)
        let after = try await house.lane(.audit)
        try await house.store.acknowledge(.audit, through: 3, head: records[2].hash)
        try await house.store.acknowledge(.audit, through: 2, head: records[1].hash)
        #expect(try await house.lane(.audit) == after)
        await house.store.close()
    }
}
