import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Full lanes")
struct LaneRoomTests {
    @Test(
        "without a central every lane is a ring that denies nothing, and each loss is told with its numbers and hashes")
    func ring() async throws {
        let house = try await LaneFixture(records: 32)
        for number in 0..<150 {
            try await house.store.write { [store = house.store] db in try store.enqueueAlarm("test.\(number)", [:], db)
            }
        }
        for _ in 0..<40 { try await house.note() }
        for lane in Lane.allCases { #expect(try await house.lane(lane).records <= 32) }
        let status = try await house.lane(.control)
        try house.requireChain(try await house.records(.control), after: status.released, status.releasedHead)
        // The losses themselves follow each other without a hole, hash by hash.
        let lines = try await house.store.newest(10_000).reversed().filter { $0.action == "outbox.gap" }
        var (next, hash) = (1, String(repeating: "0", count: 64))
        for line in lines {
            let facts = try #require(
                try JSONSerialization.jsonObject(with: Data(line.detailsJSON.utf8)) as? [String: Any])
            guard facts["lane"] as? String == "control" else { continue }
            #expect(facts["from"] as? Int == next && facts["previous"] as? String == hash)
            next = try #require(facts["to"] as? Int) + 1
            hash = try #require(facts["head"] as? String)
        }
        #expect(next == Int(status.released) + 1)
        #expect(hash == hexadecimal(status.releasedHead.bytes))
        #expect(house.base.health.current.isEmpty)
        #expect(try await house.verify().isWhole)
        #expect(try await house.store.verifyAuditChain().firstBroken == nil)
        await house.store.close()
    }

    @Test("with a central, events are dropped with a line in the audit lane and a condition; control is never dropped")
    func events() async throws {
        let house = try await LaneFixture(records: 16, hasCentral: true, auditRefuses: false)
        for number in 0..<12 { _ = try await house.enroll("E-\(number)", seed: number) }
        for number in 0..<40 {
            try await house.store.write { [store = house.store] db in try store.enqueueAlarm("test.\(number)", [:], db)
            }
        }
        #expect(try await house.lane(.events).records <= 16)
        #expect(try await house.lane(.control).released == 0)
        #expect(try await house.lane(.control).records == 41)
        #expect(house.base.health.current.contains { $0.code == "outbox.dropped" && $0.subject == "events" })
        #expect(try await house.store.newest(1000).contains { $0.action == "outbox.gap" })
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test(
        "with a central, a full enrollment lane refuses new enrollments, before and after the session, until there is room"
    )
    func enrollments() async throws {
        let house = try await LaneFixture(records: 16, hasCentral: true, auditRefuses: false)
        let late = house.base.session(.enrollment, of: house.client, user: "E-late")
        try await house.store.begin(late)
        for number in 0..<16 { _ = try await house.enroll("E-\(number)", seed: number) }
        let early = house.base.session(.enrollment, of: house.client, user: "E-early")
        await #expect { try await house.store.begin(early) } throws: { ($0 as? EdgeError)?.code == .outboxFull }
        await #expect {
            _ = try await house.store.finish(house.base.outcome(late))
        } throws: {
            ($0 as? EdgeError)?.code == .outboxFull
        }
        #expect(try await house.store.peopleCount() == 16)
        #expect(house.base.health.current.contains { $0.code == "outbox.full" && $0.severity == .error })
        // An erasure is never refused.
        _ = try await house.store.removePerson(externalID: "E-0", of: house.client)
        let newest = try await house.lane(.enrollment)
        try await house.store.acknowledge(.enrollment, through: newest.last, head: newest.head)
        #expect(!house.base.health.current.contains { $0.code == "outbox.full" })
        try await house.store.begin(early)
        #expect(try await house.store.finish(house.base.outcome(late)) != nil)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("with a central, a full audit lane refuses what must be audited, but no miss and no erasure")
    func audit() async throws {
        let house = try await LaneFixture(records: 16, hasCentral: true)
        let person = try await house.enroll("E-1")
        let session = house.base.session(.verification, of: house.client)
        try await house.store.begin(session)
        while try await house.lane(.audit).records < 16 { try await house.note() }
        await #expect { try await house.note() } throws: { ($0 as? EdgeError)?.code == .outboxFull }
        let another = house.base.session(.verification, of: house.client)
        await #expect { try await house.store.begin(another) } throws: { ($0 as? EdgeError)?.code == .outboxFull }
        _ = try await house.store.finish(house.base.miss(session))
        try await house.store.removePerson(person, of: house.client)
        #expect(try await house.lane(.audit).released == 0)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("where the operator prefers an open door, a full audit lane drops its oldest and the trail keeps every line")
    func degrade() async throws {
        let house = try await LaneFixture(records: 16, hasCentral: true, auditRefuses: false)
        for _ in 0..<50 { try await house.note() }
        #expect(try await house.lane(.audit).records <= 16)
        #expect(try await house.store.newest(1000).filter { $0.action == "test" }.count == 50)
        #expect(try await house.store.verifyAuditChain().firstBroken == nil)
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }
}
