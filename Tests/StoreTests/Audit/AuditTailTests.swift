import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Forward-secure tail of the audit trail")
struct AuditTailTests {
    let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    func fill(_ store: EdgeStore, _ count: Int) async throws {
        for number in 0..<count {
            try await store.append(AuditRecord(action: "test.\(number)", succeeded: true, at: fixture.clock.wall))
        }
    }

    func check(_ store: EdgeStore, _ key: AuditTailKey) async throws -> AuditExportCheck {
        try await fixture.checkedExport(store, sealKey: key)
    }

    private var slots: [AuditTailKey] {
        get throws { try TailFile(directory: fixture.path, fixture.vault).keys() }
    }

    @Test("without a key that was given out no line is sealed, and a report says so")
    func off() async throws {
        let store = try await fixture.open()
        try await fill(store, 3)
        try await store.advanceTail()
        try await store.reportAuditTail()
        #expect(fixture.health.current.map(\.code) == ["audit.tail.off"])
        #expect(try await store.auditTailStatus() == nil)
        #expect(try await store.newest(1).first?.action == "test.2")
        #expect(!FileManager.default.fileExists(atPath: fixture.path + "/audit.tail"))
        _ = try await store.beginAuditTail()
        #expect(fixture.health.current.isEmpty)
        await store.close()
    }

    @Test("the first key checks every line over intervals and restarts, and says up to where nothing can be changed")
    func honest() async throws {
        var store = try await fixture.open()
        try await fill(store, 3)
        let key = try await store.beginAuditTail()
        for _ in 0..<3 {
            try await fill(store, 2)
            try await store.advanceTail()
            try await store.advanceTail()
        }
        #expect(try await store.auditTailStatus() == AuditTailStatus(generation: key.generation, interval: 3, since: 4))
        await store.close()
        store = try await fixture.open()
        try await fill(store, 1)
        await store.close()
        store = try await fixture.open()
        #expect(try await store.auditTailStatus()?.interval == 4)
        try await fill(store, 2)
        let found = try await check(store, key)
        #expect(found.faults.isEmpty && found.isProven, "\(found.faults)")
        let tail = try #require(found.tail)
        #expect(tail.holds && tail.first == 4 && tail.last == 18 && tail.sealedThrough == 18)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 18, firstBroken: nil))
        await store.close()
    }

    @Test("a key that was is in no file: not in the database, its log, a backup or the key's own file")
    func gone() async throws {
        let store = try await fixture.open()
        var keys = [try await store.beginAuditTail()]
        for _ in 0..<4 {
            try await fill(store, 1)
            _ = try await store.backUpGenerations()
            try await store.advanceTail()
            keys.append(try #require(try keys.last?.next(fixture.vault)))
        }
        #expect(try slots.map(\.interval) == [4])
        for key in keys.dropLast() {
            #expect(try !fixture.isAnywhere(key.key.reveal()), "the key of interval \(key.interval)")
        }
        #expect(try fixture.isAnywhere(keys[4].key.reveal()))
        await store.close()
    }

    @Test("a new key ends the generation before in order, and each key checks its own lines")
    func generations() async throws {
        let store = try await fixture.open()
        let first = try await store.beginAuditTail()
        try await fill(store, 2)
        let second = try await store.beginAuditTail()
        try await fill(store, 2)
        let old = try await check(store, first)
        #expect(old.faults.isEmpty && old.tail?.state == .ended && old.tail?.last == 4 && old.tail?.holds == true)
        let new = try await check(store, second)
        #expect(new.faults.isEmpty && new.tail?.first == 5 && new.tail?.last == 8 && new.tail?.holds == true)
        let stranger = try #require(
            AuditTailKey(generation: first.generation, interval: 0, key: second.key.reveal()))
        #expect(try await !check(store, stranger).faults.isEmpty)
        let text = try #require(AuditTailKey(text: " \(second.text)\n"))
        #expect(text.generation == second.generation && text.key.reveal() == second.key.reveal())
        #expect(AuditTailKey(text: "edged-audit-seal-1 00 AA==") == nil)
        await store.close()
    }

    @Test("a power cut at any step of the change leaves the key that the database asks for, and no other")
    func powerCuts() async throws {
        var store = try await fixture.open()
        let first = try await store.beginAuditTail()
        try await fill(store, 1)
        await store.close()
        let present = try #require(try slots.first)
        #expect(present.interval == 1)
        let file = TailFile(directory: fixture.path, fixture.vault)
        // Before the database knows of the next key.
        try file.add(try present.next(fixture.vault), besides: present)
        store = try await fixture.open()
        #expect(try slots.map(\.interval) == [1])
        try await fill(store, 1)
        try await store.advanceTail()
        // After it does, and before the former key is overwritten.
        await store.close()
        let later = try #require(try slots.first)
        try file.add(present, besides: later)
        store = try await fixture.open()
        #expect(try slots.map(\.interval) == [2])
        // A file from before: the key goes forward to where the database is.
        await store.close()
        try file.add(present, besides: later)
        try file.keepOnly(present)
        store = try await fixture.open()
        #expect(try slots.map(\.interval) == [2])
        try await fill(store, 1)
        #expect(try await check(store, first).tail?.holds == true)
        await store.close()
    }

    @Test("a line that is rolled back together with the end of an interval takes the end with it")
    func rollback() async throws {
        let store = try await fixture.open()
        let key = try await store.beginAuditTail()
        try await fill(store, 1)
        async let advance: Void = store.advanceTail()
        await #expect(throws: EdgeError.self) {
            try await store.write { [clock = fixture.clock] db in
                try store.audit(AuditRecord(action: "test.x", succeeded: true, at: clock.wall), db)
                throw EdgeError(.internalFault)
            }
        }
        try await advance
        try await fill(store, 1)
        #expect(try await check(store, key).tail?.holds == true)
        await store.close()
    }

    @Test("the seal of a line cannot be edited or taken away without the chain telling")
    func seals() async throws {
        for change in [
            "seal_code = randomblob(32)", "seal_code = NULL, seal_interval = NULL", "seal_code = NULL",
            "seal_interval = 7",
        ] {
            let fixture = try StoreFixture()
            let store = try await fixture.open()
            _ = try await store.beginAuditTail()
            try await store.append(AuditRecord(action: "test", succeeded: true, at: fixture.clock.wall))
            try await store.write { try $0.execute(sql: "UPDATE audit SET \(change) WHERE sequence = 2") }
            #expect(try await store.verifyAuditChain().firstBroken == 2, "\(change)")
            await store.close()
        }
    }
}

@Suite("A forger with all of the device's keys, its database and today's key of the tail")
struct AuditForgeryTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    /// Line 1 unsealed, the generation's first line 2, then four intervals of three lines and their end each.
    private func filled() async throws -> (store: EdgeStore, key: AuditTailKey) {
        let store = try await fixture.open()
        try await store.append(AuditRecord(action: "test.before", succeeded: true, at: fixture.clock.wall))
        let key = try await store.beginAuditTail()
        for interval in 0..<4 {
            for number in 0..<3 {
                try await store.append(
                    AuditRecord(action: "test.\(interval).\(number)", succeeded: true, at: fixture.clock.wall))
            }
            try await store.advanceTail()
        }
        return (store, key)
    }

    /// What a forger does to the lines before the chain, the tree and the checkpoints are made anew.
    enum Forgery: String, CaseIterable {
        case edit, drop, insert, strip, stripFromTheFirst, hideTheFirst, resealAsToday, resealInPlace, mergeIntervals,
            cutOff
        case cutOffAndGoOn, endGeneration
    }

    @Test(
        "cannot change a line of an earlier interval unnoticed by who holds the first key", arguments: Forgery.allCases)
    func isFound(forgery: Forgery) async throws {
        let (store, key) = try await filled()
        let today = try #require(try TailFile(directory: fixture.path, fixture.vault).keys().first)
        #expect(today.interval == 4)
        try await rewrite(store) { lines in try forge(forgery, &lines, today) }
        // Nobody without the first key sees anything: chain, tree, checkpoints and signatures are right.
        #expect(try await store.verifyAuditChain().firstBroken == nil)
        let public_ = try await fixture.checkedExport(store, sealKey: nil)
        #expect(public_.isProven, "\(public_.faults)")
        let found = try await fixture.checkedExport(store, sealKey: key)
        #expect(found.tail?.holds != true, "\(forgery)")
        #expect(!found.isProven)
        await store.close()
    }

    @Test("changes lines of the present interval unnoticed, which is what the tail does not cover")
    func limits() async throws {
        let (store, key) = try await filled()
        try await store.append(AuditRecord(action: "test.now", succeeded: true, at: fixture.clock.wall))
        let today = try #require(try TailFile(directory: fixture.path, fixture.vault).keys().first)
        try await rewrite(store) { lines in
            lines[lines.count - 1].action = "test.forged"
            lines[lines.count - 1].key = today
        }
        let found = try await fixture.checkedExport(store, sealKey: key)
        // The export ends the interval; a forger who was there before it is not seen.
        #expect(found.isProven && found.tail?.holds == true, "\(found.faults)")
        await store.close()
    }

    @Test(
        "an untouched trail that is written anew line by line holds, so that the forgeries are found for what they change"
    )
    func control() async throws {
        let (store, key) = try await filled()
        try await rewrite(store) { _ in }
        let found = try await fixture.checkedExport(store, sealKey: key)
        #expect(found.isProven && found.tail?.holds == true, "\(found.faults)")
        await store.close()
    }

    private struct Draft {
        var action: String
        var details: String
        var interval: Int64?
        /// The code as it was.
        var code: [UInt8]?
        /// A key to seal the line anew with.
        var key: AuditTailKey?
        let old: AuditLine
    }

    private func forge(_ forgery: Forgery, _ lines: inout [Draft], _ today: AuditTailKey) throws {
        // Line 8 is the second of interval 1: 1 before, 2 begun, 3-5 and 6 the end of 0, 7-9 and 10 the end of 1.
        #expect(lines[7].action == "test.1.1" && lines[9].action == AuditTail.sealed)
        switch forgery {
        case .edit: lines[7].action = "test.forged"
        case .drop: lines.remove(at: 7)
        case .insert: lines.insert(lines[7], at: 7)
        case .strip: for place in 2..<lines.count { (lines[place].interval, lines[place].code) = (nil, nil) }
        case .stripFromTheFirst:
            lines[7].action = "test.forged"
            for place in 1..<10 { (lines[place].interval, lines[place].code) = (nil, nil) }
        case .hideTheFirst:
            lines[1].action = "test.forged"
            for place in 1..<10 { (lines[place].interval, lines[place].code) = (nil, nil) }
        case .resealAsToday:
            lines[7].action = "test.forged"
            for place in 1..<lines.count { (lines[place].interval, lines[place].key) = (today.interval, today) }
        case .resealInPlace:
            lines[7].action = "test.forged"
            for place in 7..<lines.count { lines[place].key = today }
        case .mergeIntervals:
            lines.removeSubrange(6..<10)
        case .cutOff: lines.removeSubrange(10...)
        case .cutOffAndGoOn:
            lines.removeSubrange(11...)
            (lines[10].interval, lines[10].key) = (today.interval, today)
        case .endGeneration:
            lines.removeSubrange(10...)
            lines[9].details = #"{"interval":1,"next":"00000000000000000000000000000000"}"#
            lines[9].key = today
        }
    }

    /// Writes the whole trail anew with the device's keys, and signs for it.
    private func rewrite(_ store: EdgeStore, _ change: (inout [Draft]) throws -> Void) async throws {
        var drafts = try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY sequence").map { row in
                let line = try AuditLine(row)
                return Draft(
                    action: line.record.action, details: line.record.detailsJSON, interval: line.sealInterval,
                    code: line.sealCode, old: line)
            }
        }
        try change(&drafts)
        let vault = fixture.vault
        try await store.write { [drafts] db in
            try db.execute(sql: "DELETE FROM audit; DELETE FROM audit_checkpoints")
            let hasher = MerkleHash(vault)
            var (previous, edge) = (AuditLine.origin, MerkleEdge())
            for (place, draft) in drafts.enumerated() {
                let old = draft.old.record
                let record = AuditRecord(
                    action: draft.action, client: old.client, succeeded: old.succeeded, detailsJSON: draft.details,
                    at: old.at)
                var line = AuditLine(
                    sequence: Int64(place) + 1, record: record, bootID: draft.old.bootID,
                    monotonic: draft.old.monotonic, previousHash: previous, clock: draft.old.clock)
                line.sealInterval = draft.interval
                line.sealCode = draft.code
                if let key = draft.key { line.sealCode = try key.code(of: line.canonical, vault) }
                let hash = try line.hash(vault)
                try EdgeStore.insert(line, hash, db)
                try edge.append(hasher.leaf(line.canonical.utf8), hasher)
                previous = hash
            }
            let head = try AuditWalk.head(sequence: Int64(drafts.count), hash: previous, vault)
            try db.execute(sql: "UPDATE meta SET value = ? WHERE name = 'audit_head'", arguments: [Data(head)])
            try db.execute(sql: "UPDATE meta SET value = ? WHERE name = 'audit_edge'", arguments: [Data(edge.bytes)])
        }
    }
}

extension StoreFixture {
    /// An export of the whole trail, checked as its reader would.
    func checkedExport(_ store: EdgeStore, sealKey: AuditTailKey?) async throws -> AuditExportCheck {
        var check = AuditExportCheck(publicKey: vault.publicKey, sealKey: sealKey, PublicProofChecker())
        let plan = try await store.auditExportPlan(from: nil, to: nil)
        func take(_ record: AuditExport.Record) throws {
            try check.take(AuditExport.Record(text: record.text().utf8))
        }
        try take(.header(plan.header))
        for part in plan.parts {
            try take(.part(part.head))
            for line in try await store.auditTrail(part.lines) { try take(.line(line)) }
            if let proof = part.proof { try take(.proof(proof)) }
        }
        try take(.end(plan.end))
        check.finish()
        return check
    }

    /// Whether any file below the store's directory holds these bytes.
    func isAnywhere(_ bytes: [UInt8]) throws -> Bool {
        let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return files.contains { FileManager.default.contents(atPath: "\(path)/\($0)")?.range(of: Data(bytes)) != nil }
    }
}
