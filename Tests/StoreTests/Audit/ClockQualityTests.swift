import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Clock of the audit lines")
struct ClockQualityTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func append(_ store: EdgeStore) async throws -> AuditLine {
        try await store.append(AuditRecord(action: "test", succeeded: true, at: fixture.clock.wall))
        return try await store.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM audit ORDER BY sequence DESC LIMIT 1")
            return try AuditLine(try #require(row))
        }
    }

    @Test("a time is judged by the latest one on record, then by the kernel")
    func judged() {
        let mark = Date(timeIntervalSince1970: 1_800_000_000)
        for isSynchronized in [true, false] {
            let trusted: ClockQuality = isSynchronized ? .synchronized : .unsynchronized
            func judge(_ seconds: TimeInterval, _ latest: Date?) -> ClockQuality {
                ClockQuality.judge(
                    wall: mark.addingTimeInterval(seconds), latest: latest, isSynchronized: isSynchronized)
            }
            #expect(judge(-86_400, nil) == trusted)
            #expect(judge(0, mark) == trusted)
            #expect(judge(-300, mark) == trusted)
            #expect(judge(-301, mark) == .suspect)
        }
    }

    @Test("a clock set back by more than five minutes is suspect, also after a restart, until it has caught up")
    func setBack() async throws {
        var store = try await fixture.open()
        let honest = try await append(store).clock
        #expect(honest?.quality == (KernelClock.isSynchronized ? .synchronized : .unsynchronized))
        fixture.clock.advance(by: .seconds(90))
        _ = try await append(store)
        await store.close()
        fixture.clock.advance(by: .seconds(-600))
        store = try await fixture.open()
        #expect(try await append(store).clock?.quality == .suspect)
        #expect(fixture.health.current.map(\.code) == ["clock.suspect"])
        fixture.clock.advance(by: .seconds(301))
        #expect(try await append(store).clock?.quality == honest?.quality)
        #expect(fixture.health.current.isEmpty)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        await store.close()
    }

    @Test("the housekeeping records the time where no line does")
    func idle() async throws {
        let store = try await fixture.open()
        try await store.markTime()
        fixture.clock.advance(by: .seconds(3600))
        try await store.markTime()
        fixture.clock.advance(by: .seconds(-3000))
        try await store.markTime()
        #expect(fixture.health.current.map(\.code) == ["clock.suspect"])
        await store.close()
    }

    @Test("a line has the time since the machine started with and without its sleep")
    func bootTime() async throws {
        let store = try await fixture.open()
        let line = try await append(store)
        let bootTime = try #require(line.clock?.bootTime)
        #expect(bootTime >= line.monotonic)
        #expect(KernelClock.slept >= 0)
        await store.close()
    }

    @Test("lines of earlier versions keep their form, and the first new line begins the tree")
    func forms() async throws {
        let record = AuditRecord(action: "a", succeeded: true, at: Date(timeIntervalSince1970: 1))
        let old = AuditLine(
            sequence: 1, record: record, bootID: "boot", monotonic: 2, previousHash: [UInt8](repeating: 0, count: 32))
        #expect(old.canonical.hasPrefix("1:1,1:1,1:a,-,-,-,1:1,-,2:{},7:1000000,4:boot,1:2,64:"))
        let new = AuditLine(
            sequence: 1, record: record, bootID: "boot", monotonic: 2, previousHash: old.previousHash,
            clock: AuditLine.Clock(bootTime: 3, quality: .suspect))
        #expect(new.canonical.hasPrefix("1:2,1:1,1:a,-,-,-,1:1,-,2:{},7:1000000,4:boot,1:2,1:3,7:suspect,64:"))
    }
}
