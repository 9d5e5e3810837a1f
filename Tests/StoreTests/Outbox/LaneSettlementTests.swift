import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import SyncCore
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Lanes that are broken and accepted")
struct LaneSettlementTests {
    /// A store in which something waits in every lane.
    private func filled() async throws -> LaneFixture {
        let house = try await LaneFixture()
        for number in 0..<2 { _ = try await house.enroll("E-\(number)", seed: number) }
        try await house.note("test.kept")
        return house
    }

    /// Changes the file past the store.
    private func edit(_ house: LaneFixture, _ sql: String) async throws {
        try await house.store.withoutTransaction { try $0.execute(sql: sql) }
    }

    private func settle(_ house: LaneFixture) async throws {
        #expect(try await !house.store.verify().isWhole)
        try await house.store.acceptContents()
        let found = try await house.store.verify()
        #expect(found.isWhole, "\(found)")
    }

    /// What the audit line about the lanes says.
    private func line(_ house: LaneFixture) async throws -> [String: Any] {
        let line = try #require(try await house.store.newest(20).first { $0.action == "outbox.broken" })
        return try #require(try JSONSerialization.jsonObject(with: Data(line.detailsJSON.utf8)) as? [String: Any])
    }

    @Test("begin anew in an epoch that central takes, and what it does not have yet is told again there")
    func settled() async throws {
        let house = try await filled()
        let former = try #require(house.store.epoch)
        var book = EpochBook()
        let first = book.open(try await house.store.epochOpening())
        #expect(first == .opened)
        let enrolled = try await house.records(.enrollment)
        let events = try await house.kinds(.events)
        let lines = try await house.kinds(.audit)
        try await edit(house, "DELETE FROM outbox WHERE lane = 2 AND sequence = 2")
        try await settle(house)

        #expect(house.store.epoch != former)
        let opening = try await house.store.epochOpening()
        let verdict = book.open(opening)
        #expect(opening.reason == .corrupt && verdict == .opened)
        for lane in Lane.allCases { try house.requireChain(try await house.records(lane)) }
        #expect(try await house.kinds(.control) == ["epoch.started"])
        #expect(try await house.kinds(.events) == events)
        let again = try await house.records(.enrollment)
        #expect(again.map(\.head.moment) == enrolled.map(\.head.moment))
        #expect(again.map(\.head.person) == enrolled.map(\.head.person))
        #expect(try await house.facts(.enrollment).compactMap { $0["user_id"] as? String } == ["E-0", "E-1"])
        // All but the one that was taken out, between the words of the new epoch.
        var kept = lines
        kept.remove(at: 1)
        #expect(try await house.kinds(.audit) == ["store.epoch"] + kept + ["outbox.broken", "store.accepted"])
        let facts = try await line(house)
        #expect((facts["lanes"] as? [String: Any])?["audit"] as? Int == 2 && facts["given_up"] as? Int == 0)
        #expect(facts["told_again"] as? Int == kept.count + events.count + enrolled.count)
        await house.store.close()
    }

    @Test("do not tell what nobody can prove: plain facts of a broken lane are given up and counted")
    func unproven() async throws {
        let house = try await filled()
        let enrolled = try await house.kinds(.enrollment)
        try await house.store.write { [store = house.store] db in try store.enqueueAlarm("test.alarm", [:], db) }
        try await edit(house, "UPDATE outbox SET kind = 'person.erased' WHERE lane = 0 AND kind = 'test.alarm'")
        try await settle(house)
        #expect(try await house.kinds(.control) == ["epoch.started"])
        #expect(try await house.kinds(.enrollment) == enrolled)
        let facts = try await line(house)
        #expect((facts["lanes"] as? [String: Any])?["control"] as? Int == 2 && facts["given_up"] as? Int == 1)
        await house.store.close()
    }

    @Test(
        "begin anew also where the account of how they stand was changed, or cannot be read",
        arguments: [
            """
            UPDATE meta SET value = CAST(substr(value, 1, 20) || x'FF' || substr(value, 22) AS BLOB)
            WHERE name = 'outbox'
            """,
            "UPDATE meta SET value = x'00' WHERE name = 'outbox'",
        ])
    func account(sql: String) async throws {
        let house = try await filled()
        try await edit(house, sql)
        try await settle(house)
        try await house.note("test.after")
        #expect(try await house.verify().isWhole)
        await house.store.close()
    }

    @Test("stay as they are where they are whole, whatever else is accepted")
    func whole() async throws {
        let house = try await filled()
        let epoch = house.store.epoch
        try await edit(house, "UPDATE clients SET rate_per_hour = 1")
        try await settle(house)
        #expect(house.store.epoch == epoch)
        await house.store.close()
    }
}
