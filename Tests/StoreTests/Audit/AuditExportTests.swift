import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing
import Vault

@testable import Store
@testable import StoreTesting

@Suite("Export of the audit trail")
struct AuditExportTests {
    private let fixture: StoreFixture
    private let checker = PublicProofChecker()

    init() throws { fixture = try StoreFixture() }

    private func fill(_ store: EdgeStore, _ count: Int) async throws {
        for number in 0..<count {
            try await store.append(
                AuditRecord(
                    action: "test.\(number)", client: ClientID(), succeeded: number % 2 == 0, reason: "näher",
                    detailsJSON: #"{"n":"\#(number)/"}"#, at: fixture.clock.wall))
        }
    }

    /// The lines of an export's file.
    private func export(_ store: EdgeStore, from: Int64? = nil, to: Int64? = nil) async throws -> [String] {
        let plan = try await store.auditExportPlan(from: from, to: to)
        var records: [AuditExport.Record] = [.header(plan.header)]
        for part in plan.parts {
            records.append(.part(part.head))
            var next = part.lines.lowerBound
            while next <= part.lines.upperBound {
                let lines = try await store.auditTrail(next...part.lines.upperBound)
                records += lines.map { .line($0) }
                next += Int64(lines.count)
            }
            if let proof = part.proof { records.append(.proof(proof)) }
        }
        return try (records + [.end(plan.end)]).map { try $0.text() }
    }

    private func check(_ lines: [String], key: [UInt8]?) throws -> AuditExportCheck {
        var check = AuditExportCheck(publicKey: key, checker)
        for line in lines { try check.take(AuditExport.Record(text: line.utf8)) }
        check.finish()
        return check
    }

    @Test("any stretch of the trail is proven with the public key alone, and the same key from the file proves nothing")
    func stretches() async throws {
        let store = try await fixture.open()
        try await fill(store, 5)
        _ = try await store.checkpointAudit()
        try await fill(store, 8)
        for from in 1...13 {
            for to in from...13 {
                let lines = try await export(store, from: Int64(from), to: Int64(to))
                let found = try check(lines, key: fixture.vault.publicKey)
                #expect(found.isProven, "\(from) to \(to): \(found.faults)")
                #expect(found.lines == to - from + 1 && found.stretches.first?.first == Int64(from))
                #expect(found.stretches.first?.checkpoint == (to <= 5 ? 5 : 13))
            }
        }
        let whole = try await export(store)
        #expect(whole.count == 17)
        let unnamed = try check(whole, key: nil)
        #expect(unnamed.faults.isEmpty && !unnamed.isProven && unnamed.proven == 13)
        let foreign = try check(whole, key: try StoreFixture().vault.publicKey)
        #expect(!foreign.faults.isEmpty && foreign.proven == 0)
        await store.close()
    }

    @Test("every edit of an export is found: each field of each line, a line taken out, put in, exchanged, cut off")
    func edits() async throws {
        let store = try await fixture.open()
        try await fill(store, 6)
        let whole = try await export(store, from: 2, to: 5)
        #expect(whole.count == 8)
        let key = fixture.vault.publicKey
        for line in 2...5 {
            let members = try #require(
                try JSONSerialization.jsonObject(with: Data(whole[line].utf8)) as? [String: [String: Any]])
            for name in try #require(members["line"]).keys where line < 5 || name != "hash" {
                var edited = members
                edited["line"]?[name] = name == "hash" || name == "previous_hash" ? "00" : nil
                if name == "succeeded" { edited["line"]?[name] = !(members["line"]?[name] as? Bool ?? false) }
                if name == "at" { edited["line"]?[name] = 1 }
                var lines = whole
                lines[line] = String(decoding: try JSONSerialization.data(withJSONObject: edited), as: UTF8.self)
                #expect(try !check(lines, key: key).isProven, "\(name) of record \(line)")
            }
        }
        for place in whole.indices {
            var lines = whole
            lines.remove(at: place)
            #expect(try !check(lines, key: key).isProven, "without record \(place)")
            #expect(try !check(Array(whole[..<place]), key: key).isProven, "cut off before record \(place)")
            lines = whole
            lines.insert(whole[place], at: place)
            #expect(try !check(lines, key: key).isProven, "record \(place) twice")
            guard place > 0 else { continue }
            lines = whole
            lines.swapAt(place - 1, place)
            #expect(try !check(lines, key: key).isProven, "record \(place) exchanged")
        }
        #expect(try !check(whole + ["{}"], key: key).isProven)
        #expect(try !check([], key: key).isProven)
        await store.close()
    }

    @Test("numbers that overflow and hashes of a wrong length are faults, not traps")
    func hostile() async throws {
        let store = try await fixture.open()
        try await fill(store, 3)
        let whole = try await export(store, from: 2, to: 3)
        let big = "\(Int64.max)"
        let edge = [0x40] + [UInt8](repeating: 0, count: 39)
        #expect(MerkleEdge(bytes: edge)?.size == 1 << 62)
        let known = try #require(try await store.auditExportPlan(from: 2, to: 3).parts.first).head.edge
        for (old, new) in [
            (#""first":2"#, #""first":\#(big)"#), (#""last":3"#, #""last":\#(big)"#),
            (#""last":3"#, #""last":-\#(big)"#), (#""first_sequence":1"#, #""first_sequence":\#(big)"#),
            (#""lines":2"#, #""lines":\#(big)"#),
            (known.base64EncodedString(), Data(edge).base64EncodedString()),
            (#""sequence":3"#, #""sequence":\#(big)"#), (#""rest":[]"#, #""rest":["AA==","AA=="]"#),
        ] {
            let edited = whole.map { $0.replacingOccurrences(of: old, with: new) }
            #expect(edited != whole, "\(old)")
            #expect(try !check(edited, key: fixture.vault.publicKey).isProven, "\(new)")
        }
        await store.close()
    }

    @Test("epochs follow each other in one export, and lines of an earlier version are said to be covered by nothing")
    func epochs() async throws {
        var store = try await fixture.open()
        try await fill(store, 4)
        let backup = fixture.directory.path("copy.sqlite")
        _ = try await store.backUp(to: backup)
        await store.close()
        _ = try StoreRestore.restore(
            backup, into: fixture.path, sealer: fixture.vault, secrets: fixture.vault, at: fixture.clock.wall)
        store = try await fixture.open()
        try await fill(store, 3)
        let found = try check(try await export(store), key: fixture.vault.publicKey)
        #expect(found.isProven && found.lines == 9, "\(found.faults)")
        #expect(found.stretches.map(\.first) == [1, 5] && found.stretches.map(\.last) == [4, 9])
        #expect(found.stretches.map(\.checkpoint) == [4, 5])
        let second = try check(try await export(store, from: 6, to: 6), key: fixture.vault.publicKey)
        #expect(second.isProven && second.stretches.map(\.first) == [6], "\(second.faults)")
        await store.close()
    }

    @Test("an empty trail is an export of no line, and one beyond the ends is that of all lines")
    func ends() async throws {
        let store = try await fixture.open()
        let empty = try check(try await export(store), key: fixture.vault.publicKey)
        #expect(empty.isProven && empty.lines == 0)
        try await fill(store, 2)
        let all = try check(try await export(store, from: -5, to: 99), key: fixture.vault.publicKey)
        #expect(all.isProven && all.lines == 2)
        await store.close()
    }
}

@Suite("Reading the audit trail")
struct AuditReadingTests {
    private let fixture: StoreFixture

    init() throws { fixture = try StoreFixture() }

    @Test("pages give every line that fits once, newest first, also where none fits for thousands of lines")
    func pages() async throws {
        let store = try await fixture.open()
        let client = try await store.createClient(name: "kiosk").client.id
        try await store.append(AuditRecord(action: "rare.one", client: client, succeeded: true, at: fixture.clock.wall))
        fixture.clock.advance(by: .seconds(60))
        let start = fixture.clock.wall
        for _ in 0..<40 {
            try await store.write { [clock = fixture.clock] db in
                for _ in 0..<150 {
                    try store.audit(AuditRecord(action: "common.one", succeeded: true, at: clock.wall), db)
                }
            }
        }
        func all(_ filter: AuditFilter, _ limit: Int) async throws -> (lines: [Int64], pages: Int) {
            var (found, pages, before): ([Int64], Int, Int64?) = ([], 0, nil)
            repeat {
                let page = try await store.auditPage(filter, before: before, limit: limit)
                #expect(page.lines.count <= limit)
                found += page.lines.map(\.sequence)
                pages += 1
                before = page.before
            } while before != nil
            return (found, pages)
        }
        let newest = try #require(try await store.auditPage(AuditFilter(), before: nil, limit: 1).lines.first)
        #expect(try await all(AuditFilter(), 500).lines == Array((1...newest.sequence).reversed()))
        var filter = AuditFilter()
        filter.action = "rare.one"
        let rare = try await all(filter, 500)
        #expect(rare.lines.count == 1 && rare.pages == 2)
        filter.action = "rare*"
        #expect(try await all(filter, 1).lines == rare.lines)
        filter.action = "r*re.one"
        #expect(try await all(filter, 1).lines.isEmpty)
        filter = AuditFilter()
        filter.client = client
        #expect(try await all(filter, 2).lines.contains(rare.lines[0]))
        filter = AuditFilter()
        filter.since = start
        #expect(try await all(filter, 400).lines.count == 6000)
        #expect(try await store.firstAuditLine(since: start) == newest.sequence - 5999)
        #expect(try await store.firstAuditLine(since: start.addingTimeInterval(1)) == newest.sequence + 1)
        #expect(newest.quality != nil && newest.bootTime > 0 && !newest.bootID.isEmpty)
        await store.close()
    }

    @Test("transactions get in between the slices of a walk, and the lines that they append are walked")
    func walkLetsOthersIn() async throws {
        let store = try await fixture.open()
        for _ in 0..<20 {
            try await store.write { [clock = fixture.clock] db in
                for _ in 0..<150 {
                    try store.audit(AuditRecord(action: "test.old", succeeded: true, at: clock.wall), db)
                }
            }
        }
        async let found = store.verifyAuditChain()
        var written = 0
        while written < 50 {
            try await store.append(AuditRecord(action: "test.new", succeeded: true, at: fixture.clock.wall))
            written += 1
        }
        let result = try await found
        #expect(result.firstBroken == nil)
        #expect(result.lines > 3000 && result.lines <= 3050)
        #expect(try await store.verifyAuditChain() == AuditVerification(lines: 3050, firstBroken: nil))
        await store.close()
    }
}
