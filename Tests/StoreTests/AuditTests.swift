import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Audit chain")
struct AuditTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("gives back the newest lines first, whole")
    func newest() async throws {
        let store = try await fixture.open()
        let lines = (1...5).map { number in
            AuditRecord(
                action: "test.\(number)", client: number == 2 ? nil : ClientID(), session: SessionID(),
                person: PersonID(), succeeded: number % 2 == 0, reason: number == 3 ? nil : "why",
                detailsJSON: #"{"n":\#(number)}"#, at: fixture.clock.wall)
        }
        for line in lines { try await store.append(line) }
        #expect(try await store.newest(3) == Array(lines.reversed().prefix(3)))
        #expect(try await store.newest(0) == [])
        #expect(try await store.newest(-1) == [])
        #expect(try await store.newest(100) == lines.reversed())
        await store.close()
    }

    @Test("is right when empty, after use, and after a restart")
    func honest() async throws {
        var store = try await fixture.open()
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 0, firstBroken: nil))
        try await fill(store)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 6, firstBroken: nil))
        await store.close()
        store = try await fixture.open()
        try await fill(store, from: 6)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 12, firstBroken: nil))
        await store.close()
    }

    @Test(
        "finds an edit of any column of a line",
        arguments: [
            "action = 'test.x'", "client_id = NULL", "session_id = randomblob(16)", "person_id = randomblob(16)",
            "succeeded = 1 - succeeded", "reason = 'other'", "reason = NULL", "details = '{}'", "at = at + 1",
            "boot_id = 'other'", "monotonic = monotonic - 1", "previous_hash = randomblob(32)",
            "hash = randomblob(32)", "client_id = x'00'", "boot_time = boot_time + 1", "clock_quality = 'suspect'",
            "boot_time = NULL", "clock_quality = NULL", "boot_time = NULL, clock_quality = NULL",
        ])
    func edited(change: String) async throws {
        let store = try await fixture.open()
        try await fill(store)
        try await store.write { try $0.execute(sql: "UPDATE audit SET \(change) WHERE sequence = 3") }
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 2, firstBroken: 3))
        await store.close()
    }

    @Test("finds a line taken out of the middle, a line put in, two exchanged, the end cut off, all removed")
    func structure() async throws {
        let edits: [(String, Int)] = [
            ("DELETE FROM audit WHERE sequence = 4", 4),
            ("DELETE FROM audit WHERE sequence = 4; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 4", 4),
            (
                """
                UPDATE audit SET sequence = 100 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3;
                UPDATE audit SET sequence = 3 WHERE sequence = 100
                """, 2
            ),
            (
                """
                INSERT INTO audit (sequence, action, client_id, session_id, person_id, succeeded, reason, details, at,
                boot_id, monotonic, previous_hash, hash, boot_time, clock_quality) SELECT 7, action, client_id, session_id, person_id, succeeded, reason, details, at,
                boot_id, monotonic, hash, hash, boot_time, clock_quality FROM audit WHERE sequence = 6
                """, 7
            ),
            ("DELETE FROM audit WHERE sequence = 6", 6), ("DELETE FROM audit", 1),
            ("DELETE FROM audit WHERE sequence = 6; DELETE FROM meta WHERE name = 'audit_head'", 6),
        ]
        for (edit, line) in edits {
            let fixture = try StoreFixture()
            let store = try await fixture.open()
            try await fill(store)
            try await store.write { try $0.execute(sql: edit) }
            #expect(try await store.verifyAuditChain().firstBroken == line, "\(edit)")
            await store.close()
        }
    }

    @Test("carries the machine's boot and a monotonic time that follows the clock")
    func times() async throws {
        let store = try await fixture.open()
        try await fill(store)
        let rows = try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT boot_id, monotonic FROM audit ORDER BY sequence").map {
                (boot: $0["boot_id"] as String, monotonic: $0["monotonic"] as Int64)
            }
        }
        #expect(Set(rows.map(\.boot)).count == 1)
        #expect(rows.allSatisfy { UUID(uuidString: $0.boot) != nil })
        for (earlier, later) in zip(rows, rows.dropFirst()) {
            #expect(later.monotonic - earlier.monotonic == 1_000_000_000)
        }
        await store.close()
    }

    private func fill(_ store: EdgeStore, from start: Int = 0) async throws {
        for number in 1...6 {
            try await store.append(
                AuditRecord(
                    action: "test.\(start + number)", client: ClientID(), session: SessionID(), person: PersonID(),
                    succeeded: false, reason: "why", detailsJSON: #"{"n":\#(number)}"#, at: fixture.clock.wall))
            fixture.clock.advance(by: .seconds(1))
        }
    }
}
