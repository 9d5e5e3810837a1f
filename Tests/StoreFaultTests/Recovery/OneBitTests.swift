import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("One wrong bit closes no door")
struct OneBitTests {
    private let fixture: RecoveryFixture

    init() throws { fixture = try RecoveryFixture() }

    @Test(
        "in the first page of the audit trail: it is mended, the trail goes on, and everybody is there",
        arguments: [false, true])
    func auditTrail(isLong: Bool) async throws {
        try await fixture.fill()
        let store = try await fixture.base.open()
        for _ in 0..<(isLong ? 200 : 0) {
            try await store.append(AuditRecord(action: "test.note", succeeded: true, at: fixture.base.clock.wall))
        }
        _ = try await store.checkpointAudit()
        await store.close()
        let root = try await rootPage(of: "audit")
        let start = (root - 1) * 4096
        let first = try Data(contentsOf: URL(filePath: fixture.file))[start]
        try fixture.damage.overwrite(at: start, Data([first ^ 1]))
        let mended = try await fixture.base.open()
        #expect(try await fixture.report(mended)?.rung == .salvage)
        #expect(try await fixture.names(mended).count == fixture.people)
        try await mended.append(AuditRecord(action: "test.note", succeeded: true, at: fixture.base.clock.wall))
        _ = try await mended.checkpointAudit()
        #expect(try await fixture.isWholeOnceAccepted(mended))
        await mended.close()
        let again = try await fixture.base.open()
        #expect(try await again.verify().isWhole)
        await again.close()
    }

    @Test(
        "in a word of a client: it may do less until it is set anew, which a condition says",
        arguments: ["scope", "status", "tier", "features", "fleet_home"])
    func client(column: String) async throws {
        let (life, first) = try await StoreLife.begin(people: 3)
        await first.close()
        try life.edit("UPDATE clients SET \(column) = 'q' || substr(coalesce(\(column), 'xx'), 2)")
        func isTold() -> Bool { life.fixture.health.current.contains { $0.code == "store.clients.damaged" } }
        let store = try await life.fixture.open()
        #expect(isTold())
        #expect(try await store.gallery().count == 3)
        let client = try #require(try await store.clients().first)
        #expect(client.isActive == (column != "status"))
        #expect(try await store.verify().editedTables == ["clients"])
        _ = try await store.updateClient(client.id) { record throws(EdgeError) in
            (record.scope, record.status, record.tier) = (.integrator, .active, .enterprise)
        }
        await store.close()
        let again = try await life.fixture.open()
        // Nobody sets where it is kept.
        #expect(isTold() == (column == "fleet_home"))
        #expect(try await again.clients().map(\.isActive) == [true])
        await again.close()
    }

    private func rootPage(of table: String) async throws -> Int {
        let queue = try DatabaseQueue(path: fixture.file)
        defer { try? queue.close() }
        let page = try await queue.read { db in
            try Int.fetchOne(db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = ?", arguments: [table])
        }
        return try #require(page)
    }
}
