import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Attempts")
struct AttemptTests {
    @Test("the latest attempts come first, filtered by success and time, in pages")
    func listed() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let start = try InsightFixture.moment("2027-02-03")
        for number in 0..<24 {
            try await fixture.end(at: start.addingTimeInterval(Double(number))) { $0.cause = .noMatch }
        }
        let success = try await fixture.succeed(at: start.addingTimeInterval(100), ada)
        var filter = AttemptFilter(client: fixture.ours)
        let first = try await fixture.store.attempts(filter, page: PageRequest())
        #expect(first.total == 25)
        #expect(first.items.count == 20)
        #expect(first.items.first?.session.id == success)
        #expect(try await fixture.store.attempts(filter, page: PageRequest(2)).items.count == 5)
        #expect(try await fixture.store.attempts(filter, page: PageRequest(.max)).items.isEmpty)
        filter.succeeded = true
        #expect(try await fixture.store.attempts(filter, page: PageRequest()).items.map(\.session.id) == [success])
        filter.succeeded = false
        filter.span = TimeSpan(from: start.addingTimeInterval(2), to: start.addingTimeInterval(5))
        let some = try await fixture.store.attempts(filter, page: PageRequest())
        #expect(some.items.map { $0.session.completedAt } == [4.0, 3, 2].map { start.addingTimeInterval($0) })
        await fixture.store.close()
    }

    @Test("an attempt tells who was recognised or claimed, why it failed, and where it came from")
    func facts() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let origin = RequestOrigin(address: "192.0.2.7", userAgent: "kiosk/1", requestID: "r")
        let id = try await RequestOrigin.$current.withValue(origin) {
            try await fixture.end(at: InsightFixture.moment("2027-02-03")) { $0.cause = .spoofing }
        }
        let attempt = try #require(try await fixture.store.attempt(id, of: fixture.ours))
        #expect(attempt.person == ada)
        #expect(attempt.session.cause == .spoofing)
        #expect(attempt.session.externalUserID == "E-1")
        #expect(attempt.address == "192.0.2.7")
        #expect(attempt.userAgent == "kiosk/1")
        #expect(attempt.risk == 1)
        #expect(attempt.milliseconds == 10_000)
        let stranger = try await fixture.end(at: InsightFixture.moment("2027-02-03")) {
            $0.user = "nobody knows"
            $0.cause = .noFace
        }
        let other = try #require(try await fixture.store.attempt(stranger, of: fixture.ours))
        #expect(other.person == nil)
        #expect(other.risk == nil)
        await fixture.store.close()
    }

    @Test("the cause is for the records only: a session that is read back does not tell it")
    func silence() async throws {
        let fixture = try await InsightFixture()
        let id = try await fixture.end(at: InsightFixture.moment("2027-02-03")) { $0.cause = .spoofing }
        #expect(try await fixture.store.session(.id(id), of: fixture.ours)?.cause == nil)
        await fixture.store.close()
    }

    @Test("open sessions, enrollments and another tenant's attempts are not found")
    func unknown() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment("2027-02-03")
        let id = try await fixture.end(at: moment)
        let enrollment = try await fixture.end(at: moment) { $0.kind = .enrollment }
        let open = fixture.base.session(.verification, of: fixture.ours)
        try await fixture.store.begin(open)
        #expect(try await fixture.store.attempt(id, of: fixture.theirs) == nil)
        #expect(try await fixture.store.attempt(enrollment, of: fixture.ours) == nil)
        #expect(try await fixture.store.attempt(open.id, of: fixture.ours) == nil)
        #expect(
            try await fixture.store.attempts(AttemptFilter(client: fixture.theirs), page: PageRequest()).total == 0)
        await fixture.store.close()
    }

    @Test("a removed person's attempts stay, without the person")
    func removed() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let id = try await fixture.succeed(at: fixture.base.clock.wall, ada)
        _ = try await fixture.store.removePerson(externalID: "E-1", of: fixture.ours)
        let attempt = try #require(try await fixture.store.attempt(id, of: fixture.ours))
        #expect(attempt.person == nil)
        #expect(attempt.session.externalUserID == nil)
        #expect(attempt.session.state == .completed)
        await fixture.store.close()
    }

    @Test("each person's attempts are counted in one question, with those that only claimed the person")
    func people() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment("2027-02-03")
        let ada = try await fixture.enroll("E-1", name: "Ada")
        let bob = try await fixture.enroll("E-2", seed: 2)
        let eve = try await fixture.enroll("E-3", seed: 3)
        for number in 0..<17 { try await fixture.succeed(at: moment.addingTimeInterval(Double(number)), ada) }
        for _ in 0..<3 { try await fixture.end(at: moment) { $0.cause = .noMatch } }
        try await fixture.succeed(at: moment.addingTimeInterval(50), bob, similarity: 0.5)
        try await fixture.end(at: moment) { $0.user = "E-2" }
        try await fixture.end(at: moment) { $0.user = "nobody knows" }
        let all = try await fixture.store.people(of: fixture.ours, risk: nil, limit: 10)
        #expect(all.total == 3)
        #expect(all.items.map(\.person.id) == [bob.id, ada.id, eve.id])
        #expect(all.items.map(\.attempts) == [2, 20, 0])
        #expect(all.items.map(\.successes) == [1, 17, 0])
        #expect(all.items.map(\.risk) == [.high, .low, .high])
        #expect(all.items.first?.similarity == 0.5)
        #expect(all.items[1].person.displayName == "Ada")
        for risk in RiskLevel.allCases {
            let some = try await fixture.store.people(of: fixture.ours, risk: risk, limit: 10)
            #expect(some.items.map(\.person) == all.items.filter { $0.risk == risk }.map(\.person))
            #expect(some.total == some.items.count)
        }
        #expect(try await fixture.store.people(of: fixture.ours, risk: nil, limit: 1).items.count == 1)
        #expect(try await fixture.store.people(of: fixture.theirs, risk: nil, limit: 10).total == 0)
        await fixture.store.close()
    }
}
