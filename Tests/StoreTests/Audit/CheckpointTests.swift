import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Checkpoints of the audit trail")
struct CheckpointTests {
    private let fixture: StoreFixture
    private let checker = PublicProofChecker()

    init() throws { fixture = try StoreFixture() }

    private func fill(_ store: EdgeStore, _ count: Int) async throws {
        for number in 0..<count {
            try await store.append(
                AuditRecord(action: "test.\(number)", client: ClientID(), succeeded: true, at: fixture.clock.wall))
        }
    }

    private func count(_ store: EdgeStore) async throws -> Int? {
        try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM audit_checkpoints") }
    }

    @Test("one is signed on demand for all lines so far, and not twice for the same ones")
    func demand() async throws {
        let store = try await fixture.open()
        #expect(try await store.checkpointAudit() == nil)
        try await fill(store, 5)
        let made = try #require(try await store.checkpointAudit())
        #expect(made.size == 5 && made.firstSequence == 1 && made.lastSequence == 5)
        #expect(try await store.checkpointAudit() == made)
        #expect(try await store.latestCheckpoint() == made)
        #expect(try await count(store) == 1)
        let opened = try AuditCheckpoint.open(
            made.note, of: made.origin, publicKey: fixture.vault.publicKey, checker)
        #expect(opened?.size == 5)
        await store.close()
    }

    @Test("one is made at a clean close, by the housekeeping and every thousand lines, if lines came")
    func byItself() async throws {
        var store = try await fixture.open()
        try await fill(store, 3)
        await store.close()
        store = try await fixture.open()
        #expect(try await store.latestCheckpoint()?.size == 3)
        try await store.checkpointWhenDue()
        #expect(try await count(store) == 1)
        try await fill(store, 1)
        try await store.checkpointWhenDue()
        #expect(try await store.latestCheckpoint()?.size == 4)
        try await fill(store, 997)
        #expect(try await store.latestCheckpoint()?.size == 1000)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 1001, firstBroken: nil))
        await store.close()
    }

    @Test("a line whose transaction fails is in no tree")
    func rollback() async throws {
        let store = try await fixture.open()
        try await fill(store, 2)
        let edge = try await store.read { try AuditTree.edge($0) }
        await #expect(throws: EdgeError.self) {
            try await store.write { [fixture] db in
                try store.audit(AuditRecord(action: "test.x", succeeded: true, at: fixture.clock.wall), db)
                throw EdgeError(.internalFault)
            }
        }
        #expect(try await store.read { try AuditTree.edge($0) } == edge)
        #expect(edge?.size == 2)
        await store.close()
    }

    @Test("each line is proven by the public key alone, and no edited line, checkpoint or other key is")
    func inclusion() async throws {
        let store = try await fixture.open()
        try await fill(store, 11)
        #expect(try await store.auditProof(of: 4) == nil)
        _ = try await store.checkpointAudit()
        try await fill(store, 1)
        #expect(try await store.auditProof(of: 12) == nil)
        #expect(try await store.auditProof(of: 99) == nil)
        let key = fixture.vault.publicKey
        for sequence in 1...11 {
            let proof = try #require(try await store.auditProof(of: Int64(sequence)))
            #expect(try proof.holds(publicKey: key, checker))
            #expect(try !proof.holds(publicKey: StoreFixture().vault.publicKey, checker))
            let edited = AuditProof(
                line: proof.line.replacingOccurrences(of: "test.", with: "best."), inclusion: proof.inclusion,
                origin: proof.origin, checkpoint: proof.checkpoint)
            #expect(try !edited.holds(publicKey: key, checker))
            let elsewhere = AuditProof(
                line: proof.line, inclusion: proof.inclusion, origin: "edged/00/00", checkpoint: proof.checkpoint)
            #expect(try !elsewhere.holds(publicKey: key, checker))
        }
        await store.close()
    }

    @Test("a later checkpoint is shown to append to an earlier one")
    func consistency() async throws {
        let store = try await fixture.open()
        var made: [AuditCheckpointRecord] = []
        for lines in [3, 1, 4, 9] {
            try await fill(store, lines)
            made.append(try #require(try await store.checkpointAudit()))
        }
        let hash = MerkleHash(checker)
        for (place, later) in made.enumerated() {
            for earlier in made[...place] {
                let proof = try #require(try await store.auditConsistency(from: earlier, to: later))
                #expect(try proof.holds(first: root(earlier), second: root(later), hash))
                if earlier != later {
                    #expect(try !proof.holds(first: root(later), second: root(earlier), hash))
                    #expect(try await store.auditConsistency(from: later, to: earlier) == nil)
                }
            }
        }
        await store.close()
    }

    private func root(_ record: AuditCheckpointRecord) throws -> [UInt8] {
        try #require(
            try AuditCheckpoint.open(record.note, of: record.origin, publicKey: fixture.vault.publicKey, checker)
        ).root
    }

    @Test(
        "an edited edge, checkpoint or epoch is found",
        arguments: [
            ("UPDATE meta SET value = zeroblob(length(value)) WHERE name = 'audit_edge'", 9),
            ("DELETE FROM meta WHERE name = 'audit_edge'", 9),
            ("UPDATE audit_checkpoints SET note = replace(note, 'edged', 'edger')", 4),
            ("UPDATE audit_checkpoints SET origin = 'edged/x/y'", 4),
            ("UPDATE audit_checkpoints SET size = 5", 5),
            ("UPDATE audit_checkpoints SET size = 50", 9),
            ("UPDATE meta SET value = randomblob(16) WHERE name = 'device'", 4),
            ("UPDATE audit_epochs SET epoch = randomblob(16)", 4),
            ("DELETE FROM audit_checkpoints; DELETE FROM audit_epochs", 1),
            ("INSERT INTO audit_epochs VALUES (50, randomblob(16))", 9),
        ])
    func edited(sql: String, line: Int) async throws {
        let store = try await fixture.open()
        try await fill(store, 4)
        _ = try await store.checkpointAudit()
        try await fill(store, 4)
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        try await store.write { try $0.execute(sql: sql) }
        #expect(try await store.verifyAuditChain().firstBroken == line)
        await store.close()
    }

    @Test("who has the device's keys and writes the chain anew is found by the checkpoint that was signed before")
    func rewritten() async throws {
        let store = try await fixture.open()
        try await fill(store, 4)
        _ = try await store.checkpointAudit()
        try await store.write { [fixture] db in
            var previous = AuditLine.origin
            var edge = MerkleEdge()
            let hash = MerkleHash(fixture.vault)
            for row in try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY sequence") {
                let old = try AuditLine(row)
                let record = AuditRecord(action: "forged", succeeded: true, at: old.record.at)
                let line = AuditLine(
                    sequence: old.sequence, record: record, bootID: old.bootID, monotonic: old.monotonic,
                    previousHash: previous, clock: old.clock)
                let code = try line.hash(fixture.vault)
                try db.execute(
                    sql: """
                        UPDATE audit SET action = 'forged', client_id = NULL, previous_hash = ?, hash = ?
                        WHERE sequence = ?
                        """, arguments: [Data(previous), Data(code), old.sequence])
                try edge.append(hash.leaf(line.canonical.utf8), hash)
                previous = code
            }
            let head = try AuditWalk.head(sequence: 4, hash: previous, fixture.vault)
            try db.execute(
                sql: "UPDATE meta SET value = ? WHERE name = 'audit_head'", arguments: [Data(head)])
            try db.execute(
                sql: "UPDATE meta SET value = ? WHERE name = 'audit_edge'", arguments: [Data(edge.bytes)])
        }
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 3, firstBroken: 4))
        try await store.write { try $0.execute(sql: "DELETE FROM audit_checkpoints") }
        // What the checkpoint is kept for: without it the forgery stands.
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        await store.close()
    }

    @Test("a restored backup goes on in a new epoch: two histories are never signed under one name")
    func restored() async throws {
        var store = try await fixture.open()
        try await fill(store, 4)
        let backup = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: backup)
        try await fill(store, 3)
        let lost = try #require(try await store.checkpointAudit())
        await store.close()
        _ = try StoreRestore.restore(
            backup, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall)
        store = try await fixture.open()
        try await fill(store, 3)
        let made = try #require(try await store.checkpointAudit())
        #expect(made.origin != lost.origin && made.size == 5 && made.firstSequence == 5)
        #expect(made.origin.split(separator: "/")[1] == lost.origin.split(separator: "/")[1])
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 9, firstBroken: nil))
        #expect(try await store.auditProof(of: 2)?.origin == lost.origin)
        #expect(try await store.auditConsistency(from: lost, to: made) == nil)
        await store.close()
    }
}
