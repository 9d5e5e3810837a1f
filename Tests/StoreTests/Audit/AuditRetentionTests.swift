import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Retention of the audit trail")
struct AuditRetentionTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    private func fill(_ store: EdgeStore, _ count: Int) async throws {
        for number in 0..<count {
            try await store.append(AuditRecord(action: "test.\(number)", succeeded: true, at: fixture.clock.wall))
        }
    }

    /// Ten old lines with checkpoints over 4 and 9 of them, and five new ones.
    private func filled() async throws -> (store: EdgeStore, cut: Date) {
        var options = StoreOptions()
        options.auditRetention = .seconds(86400)
        let store = try await fixture.open(options: options)
        try await fill(store, 4)
        _ = try await store.checkpointAudit()
        try await fill(store, 5)
        _ = try await store.checkpointAudit()
        try await fill(store, 1)
        fixture.clock.advance(by: .seconds(2 * 86400))
        let cut = fixture.clock.wall
        try await fill(store, 5)
        return (store, cut)
    }

    private func numbers(_ store: EdgeStore) async throws -> [Int64] {
        try await store.read { try Int64.fetchAll($0, sql: "SELECT sequence FROM audit ORDER BY sequence") }
    }

    @Test("lines are kept for ever unless told otherwise")
    func off() async throws {
        let store = try await fixture.open()
        try await fill(store, 3)
        _ = try await store.checkpointAudit()
        fixture.clock.advance(by: .seconds(100 * 365 * 86400))
        try await store.pruneAuditWhenDue()
        #expect(try await numbers(store) == [1, 2, 3])
        await store.close()
    }

    @Test("old lines go as far as a signed checkpoint reaches, and what remains is verified and proven from there")
    func prunes() async throws {
        var (store, _) = try await filled()
        try await store.pruneAuditWhenDue()
        #expect(try await numbers(store) == Array(10...16))
        #expect(try await store.newest(1).first?.action == "audit.pruned")
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 7, firstBroken: nil))
        try await store.pruneAuditWhenDue()
        #expect(try await numbers(store) == Array(10...16), "nothing more is old")
        await store.close()
        store = try await fixture.open()
        try await fill(store, 3)
        let found = try await fixture.checkedExport(store, sealKey: nil)
        #expect(found.isProven && found.stretches.first?.first == 10, "\(found.faults)")
        for sequence in 10...19 {
            let proof = try #require(try await store.auditProof(of: Int64(sequence)), "\(sequence)")
            #expect(try proof.holds(publicKey: fixture.vault.publicKey, PublicProofChecker()))
        }
        #expect(try await store.auditProof(of: 9) == nil)
        #expect(try await store.auditPage(AuditFilter(), before: nil, limit: 500).lines.last?.sequence == 10)
        await store.close()
    }

    @Test("a line that central has not got yet stays")
    func waiting() async throws {
        var options = StoreOptions()
        options.outbox.hasCentral = true
        let store = try await fixture.open(options: options)
        try await fill(store, 5)
        _ = try await store.checkpointAudit()
        try await fill(store, 1)
        #expect(try await store.pruneAudit(before: fixture.clock.wall.addingTimeInterval(1)) == 0)
        #expect(try await numbers(store).first == 1)
        await store.close()
    }

    @Test("it goes on from one checkpoint to the next, over the end of an epoch, and never removes all")
    func goesOn() async throws {
        var (store, cut) = try await filled()
        #expect(try await store.pruneAudit(before: cut) == 9)
        let backup = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: backup)
        await store.close()
        _ = try StoreRestore.restore(
            backup, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall)
        store = try await fixture.open()
        try await fill(store, 4)
        _ = try await store.checkpointAudit()
        fixture.clock.advance(by: .seconds(86400))
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let newest = try #require(try await numbers(store).last)
        #expect(try await store.pruneAudit(before: fixture.clock.wall) > 0)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        cut = fixture.clock.wall.addingTimeInterval(86400)
        try await store.pruneAudit(before: cut)
        let left = try await numbers(store)
        #expect(left.last.map { $0 > newest } == true && !left.isEmpty)
        try await fill(store, 2)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let found = try await fixture.checkedExport(store, sealKey: nil)
        #expect(found.isProven, "\(found.faults)")
        await store.close()
    }

    @Test("the seal key checks what remains from its first line on")
    func tail() async throws {
        let (store, _) = try await filled()
        let key = try await store.beginAuditTail()
        for _ in 0..<3 {
            try await fill(store, 2)
            try await store.advanceTail()
        }
        _ = try await store.checkpointAudit()
        try await fill(store, 2)
        fixture.clock.advance(by: .seconds(2 * 86400))
        try await store.pruneAuditWhenDue()
        let found = try await fixture.checkedExport(store, sealKey: key)
        #expect(found.isProven && found.tail?.holds == true, "\(found.faults)")
        #expect((found.tail?.first ?? 0) > 16)
        await store.close()
    }

    @Test(
        "an edited beginning is found",
        arguments: [
            "UPDATE audit_anchor SET hash = zeroblob(32)", "UPDATE audit_anchor SET through = through - 1",
            "UPDATE audit_anchor SET edge = zeroblob(length(edge))", "UPDATE audit_anchor SET seal = zeroblob(32)",
            "DELETE FROM audit_anchor", "DELETE FROM audit WHERE sequence = 10",
        ])
    func edited(sql: String) async throws {
        let (store, cut) = try await filled()
        try await store.pruneAudit(before: cut)
        try await store.write { try $0.execute(sql: sql) }
        #expect(try await store.verifyAuditChain().firstBroken != nil)
        await store.close()
    }

    @Test("what a power cut left of removed lines is no fault, and goes the next time")
    func leftOver() async throws {
        let (store, cut) = try await filled()
        let old = try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit WHERE sequence < 10").map {
                (names: Array($0.columnNames), values: Array($0.databaseValues))
            }
        }
        try await store.pruneAudit(before: cut)
        try await store.write { [old] db in
            for row in old {
                let marks = row.names.map { _ in "?" }.joined(separator: ", ")
                try db.execute(
                    sql: "INSERT INTO audit (\(row.names.joined(separator: ", "))) VALUES (\(marks))",
                    arguments: StatementArguments(row.values))
            }
        }
        #expect(try await numbers(store) == Array(1...16))
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 7, firstBroken: nil))
        #expect(try await fixture.checkedExport(store, sealKey: nil).stretches.first?.first == 10)
        #expect(try await store.pruneAudit(before: cut) == 9)
        #expect(try await numbers(store) == Array(10...16))
        await store.close()
    }

    @Test("a walk that is under way while lines are removed finds nothing wrong")
    func walks() async throws {
        let (store, cut) = try await filled()
        for _ in 0..<20 {
            try await store.write { [clock = fixture.clock] db in
                for _ in 0..<100 {
                    try store.audit(AuditRecord(action: "test", succeeded: true, at: clock.wall), db)
                }
            }
        }
        _ = try await store.checkpointAudit()
        async let found = store.verifyAuditChain()
        async let removed = store.pruneAudit(before: cut.addingTimeInterval(1))
        #expect(try await removed > 1000)
        #expect(try await found.firstBroken == nil)
        await store.close()
    }
}
