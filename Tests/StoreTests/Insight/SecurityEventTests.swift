import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Security events")
struct SecurityEventTests {
    @Test(
        "the end of a session says what it means for security",
        arguments: [
            (FailureCause.spoofing, SecurityEventType.spoofingAttempt, SecuritySeverity.high),
            (.livenessFailed, .livenessCheckFailed, .medium), (.noMatch, .failedAuthentication, .low),
            (.lockedOut, .failedAuthentication, .medium), (.multipleFaces, .multipleFaces, .low),
            (.obstacles, .obstacleDetected, .low), (.duplicate, .unusualActivity, .medium),
        ])
    func meaning(cause: FailureCause, type: SecurityEventType, severity: SecuritySeverity) async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let moment = try InsightFixture.moment("2027-02-03")
        let origin = RequestOrigin(address: "192.0.2.7", userAgent: "kiosk/1", requestID: "r")
        let session = try await RequestOrigin.$current.withValue(origin) {
            try await fixture.end(at: moment) {
                $0.cause = cause
                $0.kind = cause == .duplicate ? .enrollment : .verification
            }
        }
        let events = try await fixture.store.events(SecurityFilter(.tenant(fixture.ours)), page: PageRequest())
        let event = try #require(events.items.first)
        #expect(events.total == 1)
        #expect(event.type == type)
        #expect(event.severity == severity)
        #expect(event.session == session)
        #expect(event.person == ada.id)
        #expect(event.personName == "Ada")
        #expect(event.address == "192.0.2.7")
        #expect(event.createdAt == moment)
        #expect(event.detailsJSON.contains("\"cause\":\"\(cause.rawValue)\""))
        await fixture.store.close()
    }

    @Test("who only stands in bad light, or comes in time, is no security event")
    func nothing() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1")
        for cause in [FailureCause.quality, .noFace, .timeout, nil] {
            try await fixture.end(at: fixture.base.clock.wall) { $0.cause = cause }
        }
        try await fixture.succeed(at: fixture.base.clock.wall, ada)
        #expect(try await fixture.store.eventCount(SecurityFilter(.everything)) == 0)
        await fixture.store.close()
    }

    @Test("the miss that locks a user is an event of high severity that tells until when")
    func lockout() async throws {
        let fixture = try await InsightFixture()
        for _ in 0..<5 {
            try await fixture.end(at: fixture.base.clock.wall) {
                $0.cause = .noMatch
                $0.lockout = .miss
            }
        }
        let events = try await fixture.store.events(SecurityFilter(.tenant(fixture.ours)), page: PageRequest()).items
        #expect(events.map(\.severity) == [.high, .low, .low, .low, .low])
        #expect(events.first?.detailsJSON.contains("\"misses\":5") == true)
        #expect(events.first?.detailsJSON.contains("\"locked_until\":\"2027-01-15T08:00:30Z\"") == true)
        await fixture.store.close()
    }

    @Test("what a client reports is sealed on disk, and only that client reads it")
    func reports() async throws {
        let fixture = try await InsightFixture()
        let event = SecurityEventRecord(
            type: .unusualActivity, severity: .critical, client: fixture.ours,
            detailsJSON: #"{"who":"Ada Canary Lovelace"}"#, createdAt: fixture.base.clock.wall)
        try await fixture.store.report(event)
        let read = try await fixture.store.event(event.id, .tenant(fixture.ours))
        #expect(read?.detailsJSON == event.detailsJSON)
        #expect(try await fixture.store.event(event.id, .tenant(fixture.theirs)) == nil)
        #expect(try await fixture.store.event(event.id, .everything)?.detailsJSON == "{}")
        let line = try #require(try await fixture.store.newest(1).first)
        #expect(line.action == "security_event.reported")
        #expect(line.client == fixture.ours)
        await fixture.store.close()
        #expect(try fixture.base.onDisk(Array("Canary".utf8)) == false)
        #expect(try fixture.base.onDisk(Array("unusual_activity".utf8)))
    }

    @Test("a tenant sees its own events, an administrator also those of no tenant")
    func views() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        for client in [fixture.ours, fixture.theirs, nil] {
            try await fixture.store.note(
                SecurityEventRecord(type: .loginAttempt, severity: .medium, client: client, createdAt: now))
        }
        func seen(_ view: InsightView) async throws -> Set<ClientID?> {
            Set(try await fixture.store.events(SecurityFilter(view), page: PageRequest()).items.map(\.client))
        }
        #expect(try await seen(.tenant(fixture.ours)) == [fixture.ours])
        #expect(try await seen(.tenantAndDevice(fixture.ours)) == [fixture.ours, nil])
        #expect(try await seen(.everything) == [fixture.ours, fixture.theirs, nil])
        await fixture.store.close()
    }

    @Test("events are filtered by kind, severity, state and time, and counted by hour")
    func filters() async throws {
        let fixture = try await InsightFixture()
        let hour = try InsightFixture.moment("2027-02-03", "10:00:00")
        let facts: [(SecurityEventType, SecuritySeverity, Double)] = [
            (.loginAttempt, .low, 0), (.spoofingAttempt, .high, 3599.999_999), (.loginAttempt, .critical, 3600),
        ]
        for (type, severity, offset) in facts {
            try await fixture.store.note(
                SecurityEventRecord(
                    type: type, severity: severity, client: fixture.ours, createdAt: hour.addingTimeInterval(offset)))
        }
        func count(_ change: (inout SecurityFilter) -> Void) async throws -> Int {
            var filter = SecurityFilter(.tenant(fixture.ours))
            change(&filter)
            return try await fixture.store.eventCount(filter)
        }
        #expect(try await count { $0.types = [.loginAttempt] } == 2)
        #expect(try await count { $0.types = [] } == 0)
        #expect(try await count { $0.severities = [.high, .critical] } == 2)
        #expect(try await count { $0.isResolved = true } == 0)
        #expect(try await count { $0.isResolved = false } == 3)
        #expect(try await count { $0.span = TimeSpan(from: hour, to: hour.addingTimeInterval(3600)) } == 2)
        let hours = try await fixture.store.eventCounts(SecurityFilter(.tenant(fixture.ours)), by: .hour)
        #expect(hours.map(\.count) == [1, 2])
        #expect(hours.map(\.start) == [hour.addingTimeInterval(3600), hour])
        await fixture.store.close()
    }

    @Test("a removed person is taken out of the events")
    func removed() async throws {
        let fixture = try await InsightFixture()
        _ = try await fixture.enroll("E-1")
        try await fixture.end(at: fixture.base.clock.wall) { $0.cause = .spoofing }
        _ = try await fixture.store.removePerson(externalID: "E-1", of: fixture.ours)
        let event = try await fixture.store.events(SecurityFilter(.tenant(fixture.ours)), page: PageRequest()).items
            .first
        #expect(event?.type == .spoofingAttempt)
        #expect(event?.person == nil)
        #expect(event?.personName == nil)
        await fixture.store.close()
    }

    @Test("the newest 10,000 reports of a client are kept, and what the device noted stays")
    func retention() async throws {
        let fixture = try await InsightFixture()
        let now = fixture.base.clock.wall
        func event() -> SecurityEventRecord {
            SecurityEventRecord(type: .loginAttempt, severity: .low, client: fixture.ours, createdAt: now)
        }
        try await fixture.store.note(event())
        let oldest = event()
        try await fixture.store.report(oldest)
        try await fixture.store.write { db in
            try db.execute(
                sql: """
                    INSERT INTO security_events (id, type, severity, is_reported, client_id, details, created_at)
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
                    SELECT randomblob(16), 'login_attempt', 'low', 1, ?, '{}', ? FROM n
                    """, arguments: [fixture.ours.column, now.column])
        }
        #expect(try await fixture.store.event(oldest.id, .tenant(fixture.ours)) != nil)
        try await fixture.store.report(event())
        #expect(try await fixture.store.event(oldest.id, .tenant(fixture.ours)) == nil)
        #expect(try await fixture.store.eventCount(SecurityFilter(.tenant(fixture.ours))) == 10_001)
        await fixture.store.close()
    }
}
