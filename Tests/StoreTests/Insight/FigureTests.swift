import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Figures")
struct FigureTests {
    private let day = "2027-02-03"

    @Test("a session counts on the UTC day of its end, to the microsecond")
    func boundaries() async throws {
        let fixture = try await InsightFixture()
        try await fixture.end(at: InsightFixture.moment(day, "00:00:00")) { $0.cause = .noMatch }
        try await fixture.end(at: InsightFixture.moment(day, "23:59:59", micro: 999_999)) { $0.cause = .noMatch }
        try await fixture.end(at: InsightFixture.moment("2027-02-04", "00:00:00")) { $0.cause = .quality }
        try await fixture.end(at: InsightFixture.moment("2027-02-02", "23:59:59", micro: 999_999)) {
            $0.cause = .noFace
        }
        let noon = try InsightFixture.moment(day)
        let figures = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(days: noon, through: noon))
        #expect(figures.failures == 2)
        #expect(figures.causes == [.noMatch: 2])
        let days = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(), by: .day)
        #expect(
            days.map(\.start) == [
                try InsightFixture.moment("2027-02-04", "00:00:00"), try InsightFixture.moment(day, "00:00:00"),
                try InsightFixture.moment("2027-02-02", "00:00:00"),
            ])
        #expect(days.map(\.figures.failures) == [1, 2, 1])
        await fixture.store.close()
    }

    @Test("a span ends before its end, whatever time zone its bounds were written in")
    func spans() async throws {
        let fixture = try await InsightFixture()
        try await fixture.end(at: InsightFixture.moment(day, "10:00:00"))
        let style = Date.ISO8601FormatStyle()
        let (start, end) = (try style.parse("\(day)T12:00:00+02:00"), try style.parse("\(day)T05:00:00-05:00"))
        #expect(start == end)
        let including = TimeSpan(from: start, to: end.addingTimeInterval(0.000_001))
        #expect(try await fixture.store.figures(of: fixture.ours, in: including).attempts == 1)
        #expect(try await fixture.store.figures(of: fixture.ours, in: TimeSpan(to: end)).attempts == 0)
        #expect(try await fixture.store.figures(of: fixture.ours, in: TimeSpan(from: start, to: end)).attempts == 0)
        #expect(try await fixture.store.figures(of: fixture.ours, in: TimeSpan(from: start)).attempts == 1)
        await fixture.store.close()
    }

    @Test("nothing that happened gives zeros and no means, and nothing is divided by it")
    func empty() async throws {
        let fixture = try await InsightFixture()
        let figures = try await fixture.store.figures(of: fixture.ours, in: TimeSpan())
        #expect(figures == SessionFigures())
        #expect(figures.successRate == nil)
        #expect(figures.enrollmentRate == nil)
        #expect(try await fixture.store.figures(of: nil, in: TimeSpan(), by: .hour) == [])
        let backwards = TimeSpan(from: fixture.base.clock.wall, to: fixture.base.clock.wall.addingTimeInterval(-1))
        #expect(try await fixture.store.figures(of: fixture.ours, in: backwards) == SessionFigures())
        await fixture.store.close()
    }

    @Test("what was decided counts, and what ran out after a frame or was cut short; what was given up does not")
    func counted() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment(day)
        let ada = try await fixture.enroll("E-1")
        try await fixture.succeed(at: moment, ada)
        try await fixture.end(at: moment) { $0.cause = .livenessFailed }
        try await fixture.end(at: moment) {
            $0.state = .expired
            $0.cause = .timeout
        }
        try await fixture.end(at: moment) {
            $0.state = .expired
            $0.frames = 0
        }
        try await fixture.end(at: moment) { $0.state = .cancelled }
        try await fixture.store.begin(fixture.base.session(.identification, of: fixture.ours, user: nil))
        _ = try await fixture.store.cancelOpenSessions(at: moment)
        let figures = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(days: moment, through: moment))
        #expect(figures.successes == 1)
        #expect(figures.failures == 3)
        #expect(figures.causes == [.livenessFailed: 1, .timeout: 1, .systemError: 1])
        #expect(figures.successRate == 25)
        await fixture.store.close()
    }

    @Test("enrollments and authentications are counted apart, and completed ones are successes")
    func kinds() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment(day)
        for user in ["A", "B"] {
            try await fixture.end(at: moment) {
                $0.kind = .enrollment
                $0.user = user
                $0.state = .completed
                $0.quality = user == "A" ? 0.5 : 0.9
                $0.liveness = 0.75
            }
        }
        try await fixture.end(at: moment) {
            $0.kind = .enrollment
            $0.cause = .duplicate
            $0.quality = 0.1
        }
        let figures = try await fixture.store.figures(of: fixture.ours, in: TimeSpan())
        #expect(figures.enrollmentsCompleted == 2)
        #expect(figures.enrollmentsFailed == 1)
        #expect(figures.attempts == 0)
        #expect(figures.causes == [:])
        #expect(figures.enrollmentQuality == 0.7)
        #expect(figures.enrollmentLiveness == 0.75)
        #expect(figures.enrollmentFrames == 12)
        #expect(figures.people == 0)
        await fixture.store.close()
    }

    @Test("means are of the sessions that have a value, and time is from the first face where there was one")
    func means() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment(day)
        let ada = try await fixture.enroll("E-1")
        let bob = try await fixture.enroll("E-2", seed: 2)
        try await fixture.succeed(at: moment, ada, similarity: 0.6)
        try await fixture.succeed(at: moment, ada, similarity: 0.8)
        try await fixture.succeed(at: moment, bob, similarity: 0.7)
        try await fixture.end(at: moment) {
            $0.cause = .noMatch
            $0.firstFace = 2
            $0.quality = nil
        }
        try await fixture.end(at: moment) { $0.cause = .noFace }
        let figures = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(days: moment, through: moment))
        #expect(abs((figures.similarity ?? 0) - 0.7) < 1e-9)
        #expect(figures.authenticationQuality == 0.8)
        #expect(figures.authenticationLiveness == nil)
        #expect(figures.minMilliseconds == 2000)
        #expect(figures.maxMilliseconds == 10_000)
        #expect(figures.meanMilliseconds == 8400)
        let days = try await fixture.store.figures(
            of: fixture.ours, in: TimeSpan(days: moment, through: moment), by: .day)
        #expect(days.map(\.figures.people) == [2])
        // 0.4, 0.2, 0.3 and a stranger; nobody was compared where no face was.
        #expect(abs((figures.risk ?? 0) - 1.9 / 4) < 1e-9)
        #expect(figures.highRisk == 1)
        await fixture.store.close()
    }

    @Test("what the frames were like is summed up over sessions, and sessions of an older version add nothing")
    func census() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment(day)
        var census = FrameCensus()
        census.blurred = 3
        census.highQuality = 2
        census.quality = 1.6
        census.measured = 2
        census.sharpness = 90.5
        for _ in 1...2 { try await fixture.end(at: moment) { $0.census = census } }
        try await fixture.end(at: moment)
        let hours = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(), by: .hour)
        let sum = try #require(hours.first).figures.census
        #expect(sum.blurred == 6)
        #expect(sum.used == 4)
        #expect(sum.quality == 3.2)
        #expect(sum.sharpness == 181)
        #expect(sum.dark == 0)
        await fixture.store.close()
    }

    @Test("days far apart are put together, one from before the clock was right too")
    func farApart() async throws {
        let fixture = try await InsightFixture()
        let ada = try await fixture.enroll("E-1")
        let moments = try ["1970-01-01", "2026-12-31", "2027-01-01", "2031-06-15"].map { try InsightFixture.moment($0) }
        for (number, moment) in moments.enumerated() {
            try await fixture.succeed(at: moment, ada, similarity: 0.5 + 0.1 * Double(number))
            try await fixture.end(at: moment) {
                $0.cause = .noMatch
                $0.began = Double(number + 1)
            }
        }
        let span = TimeSpan(to: moments[3].addingTimeInterval(1))
        let figures = try await fixture.store.figures(of: fixture.ours, in: span)
        #expect(figures.successes == 4)
        #expect(figures.causes == [.noMatch: 4])
        #expect(abs((figures.similarity ?? 0) - 0.65) < 1e-9)
        #expect(figures.minMilliseconds == 1000)
        #expect(figures.maxMilliseconds == 10_000)
        #expect(figures.meanMilliseconds == 6250)
        let days = try await fixture.store.figures(of: fixture.ours, in: TimeSpan(from: moments[1]), by: .day)
        #expect(
            days.filter { $0.figures.attempts > 0 }.map(\.start)
                == [moments[3], moments[2], moments[1]].map(UTCDay.start))
        await fixture.store.close()
    }

    @Test("figures are a tenant's own; all tenants' are those of the device")
    func tenants() async throws {
        let fixture = try await InsightFixture()
        let moment = try InsightFixture.moment(day)
        try await fixture.end(at: moment) { $0.cause = .noMatch }
        try await fixture.end(at: moment, of: fixture.theirs) { $0.cause = .quality }
        #expect(try await fixture.store.figures(of: fixture.ours, in: TimeSpan()).causes == [.noMatch: 1])
        #expect(try await fixture.store.figures(of: fixture.theirs, in: TimeSpan()).causes == [.quality: 1])
        #expect(try await fixture.store.figures(of: nil, in: TimeSpan()).failures == 2)
        await fixture.store.close()
    }

    @Test("totals tell what there is, of a tenant and of the device")
    func totals() async throws {
        let fixture = try await InsightFixture()
        _ = try await fixture.enroll("E-1")
        _ = try await fixture.enroll("E-1", of: fixture.theirs, seed: 3)
        try await fixture.end(at: fixture.base.clock.wall) { $0.cause = .noMatch }
        try await fixture.store.begin(fixture.base.session(.verification, of: fixture.ours))
        var wanted = StoreTotals()
        wanted.clients = 1
        wanted.people = 1
        wanted.enrolledPeople = 1
        wanted.openSessions = 1
        wanted.enrollments = 1
        wanted.authentications = 1
        #expect(try await fixture.store.totals(of: fixture.ours) == wanted)
        wanted.clients = 2
        wanted.people = 2
        wanted.enrolledPeople = 2
        wanted.enrollments = 2
        #expect(try await fixture.store.totals(of: nil) == wanted)
        let counts = try await fixture.store.sessionCounts()
        #expect(counts.map(\.count) == [2, 1])
        #expect(counts.last == SessionCount(kind: .verification, state: .failed, cause: .noMatch, count: 1))
        await fixture.store.close()
    }
}
