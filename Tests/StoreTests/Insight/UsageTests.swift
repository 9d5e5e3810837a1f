import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Usage")
struct UsageTests {
    private func call(
        of client: ClientID, at moment: Date, _ category: UsageRecord.Category = .recognition, status: Int = 200
    ) -> UsageRecord {
        UsageRecord(
            client: client, category: category, operation: "auth_sessions_list", method: "GET",
            route: "/api/auth/sessions/", status: status, address: "192.0.2.1", userAgent: "curl/8", milliseconds: 1.5,
            at: moment)
    }

    @Test("calls are kept as noted, each tenant sees its own, the newest first")
    func kept() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        let calls = (0..<3).map { call(of: fixture.ours, at: now.addingTimeInterval(Double($0)), status: 200 + $0) }
        try await fixture.store.record(calls + [call(of: fixture.theirs, at: now)])
        let page = try await fixture.store.calls(of: fixture.ours, page: PageRequest())
        #expect(page.total == 3)
        #expect(page.items.map(\.status) == [202, 201, 200])
        var last = try #require(page.items.last)
        #expect(try await fixture.store.call(last.number, of: fixture.ours) == last)
        #expect(try await fixture.store.call(last.number, of: fixture.theirs) == nil)
        last.number = 0
        #expect(last == calls.first)
        await fixture.store.close()
    }

    @Test("calls are counted in a span with their categories")
    func counted() async throws {
        let fixture = try await InsightFixture()
        let midnight = try InsightFixture.moment("2027-02-03", "00:00:00")
        fixture.base.clock.advance(by: .seconds(30 * 86_400))
        try await fixture.store.record([
            call(of: fixture.ours, at: midnight, .webhook), call(of: fixture.ours, at: midnight, .enrollment),
            call(of: fixture.ours, at: midnight.addingTimeInterval(-0.000_001), .analytics),
            call(of: fixture.theirs, at: midnight, .liveness),
        ])
        let day = try await fixture.store.callCount(
            of: fixture.ours, in: TimeSpan(days: midnight, through: midnight))
        #expect(day.calls == 2)
        #expect(day.categories == [.enrollment, .webhook])
        let never = try await fixture.store.callCount(of: fixture.ours, in: TimeSpan(to: .distantPast))
        #expect(never.calls == 0)
        #expect(never.categories == [])
        await fixture.store.close()
    }

    @Test("calls of a client that is gone are left out, those of the same batch are not")
    func gone() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        try await fixture.store.record([call(of: ClientID(), at: now), call(of: fixture.ours, at: now)])
        let rows = try await fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM usage") }
        #expect(rows == 1)
        await fixture.store.close()
    }

    @Test("the newest 100,000 calls of each client are kept, and nobody's calls push out another's, for 90 days")
    func retention() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        let (ours, theirs) = (fixture.ours, fixture.theirs)
        try await fixture.store.record([call(of: theirs, at: now.addingTimeInterval(-60))])
        try await fixture.store.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
                    INSERT INTO usage (client_id, category, operation, method, route, status, milliseconds, at)
                    SELECT ?, 'recognition', 'x', 'GET', '/', 200, 1, ? - n FROM numbers
                    """, arguments: [ours.column, now.column])
        }
        try await fixture.store.record([call(of: ours, at: now)])
        let kept = try await fixture.store.calls(of: ours, page: PageRequest())
        #expect(kept.total == 100_000)
        #expect(kept.items.first?.at == now)
        #expect(try await fixture.store.calls(of: theirs, page: PageRequest()).total == 1)
        fixture.base.clock.advance(by: RetentionPolicy().usage)
        try await fixture.store.record([call(of: ours, at: fixture.base.clock.wall)])
        #expect(try await fixture.store.calls(of: ours, page: PageRequest()).total == 2)
        #expect(try await fixture.store.calls(of: theirs, page: PageRequest()).total == 0)
        await fixture.store.close()
    }
}
