import EdgeCore
import EdgeTesting
import FoundationEssentials
import Hummingbird
import HummingbirdTesting
import Logging

@testable import EdgeAPI

/// Things that happened to the client `one`.
struct InsightWorld {
    let api: TestAPI
    let ours: ClientID
    let session = SessionID()
    let person = MatchedPerson(id: PersonID(), externalID: "ada@example.org", displayName: "Ada")

    init(_ api: TestAPI) throws(EdgeError) {
        guard let client = api.clients.named("one") else { throw EdgeError(.clientUnknown) }
        self.api = api
        ours = client.id
    }

    /// Fills everything that can be asked for.
    func fill() {
        let now = api.clock.wall
        let figures = figures
        let start = UTCDay.start(now)
        let (attempts, events, call) = ([attempt(), attempt(.spoofing)], events(at: now), call(at: now))
        let lines = [
            AuditEntry(
                sequence: 7,
                record: AuditRecord(
                    action: "authentication.succeeded", client: ours, session: session, person: person.id,
                    succeeded: true, reason: "authentication.succeeded",
                    detailsJSON: #"{"n":1,"actor":"FR_1","ip_address":"192.0.2.7","user_agent":"kiosk/1"}"#, at: now),
                personName: "Ada")
        ]
        let people = [
            PersonFigures(
                person: person, attempts: 3, successes: 2, similarity: 0.71234, liveness: 0.9, quality: 0.8, lastAt: now
            ),
            PersonFigures(person: MatchedPerson(id: PersonID(), externalID: "b"), attempts: 0, successes: 0),
        ]
        api.insight.set { state in
            state.attempts = attempts
            state.figures = figures
            state.periods = [
                PeriodFigures(start: start, figures: figures),
                PeriodFigures(start: start.addingTimeInterval(-86_400), figures: SessionFigures()),
            ]
            state.people = people
            state.totals = StoreTotals()
            state.totals.clients = 1
            state.totals.enrolledPeople = 4
            state.totals.openSessions = 5
            state.totals.enrollments = 6
            state.totals.authentications = 7
            state.counts = [SessionCount(kind: .verification, state: .failed, cause: .noMatch, count: 3)]
            state.events = events
            state.lines = lines
            state.calls = [call]
        }
    }

    /// An authentication that succeeded, or failed for this cause.
    func attempt(_ cause: FailureCause? = nil, of client: ClientID? = nil) -> AttemptRecord {
        let request = SessionRequest(client: client ?? ours, kind: .verification, externalUserID: person.externalID)
        let now = api.clock.wall
        var session = SessionSnapshot(
            id: SessionID(), token: nil, request: request, targetFrames: 3, createdAt: now.addingTimeInterval(-9),
            expiresAt: now.addingTimeInterval(600))
        session.state = cause == nil ? .completed : .failed
        session.cause = cause
        session.completedAt = now
        session.similarityScore = cause == nil ? 0.7123456 : nil
        session.livenessScore = cause == nil ? 0.5 : nil
        session.qualityScore = 0.8
        return AttemptRecord(
            session: session, person: person, milliseconds: 812.34, risk: cause == nil ? 0.2876544 : 1,
            address: "192.0.2.7", userAgent: "kiosk/1")
    }

    private var figures: SessionFigures {
        var figures = SessionFigures()
        figures.enrollmentsCompleted = 2
        figures.enrollmentsFailed = 1
        figures.successes = 2
        figures.failures = 4
        figures.causes = [.noMatch: 1, .livenessFailed: 1, .spoofing: 1, .timeout: 1]
        figures.enrollmentFrames = 9
        figures.authenticationFrames = 21
        figures.people = 1
        figures.enrollmentQuality = 0.75
        figures.liveness = 0.9
        figures.similarity = 0.7
        figures.meanMilliseconds = 800
        figures.minMilliseconds = 700
        figures.maxMilliseconds = 900
        figures.risk = 0.8
        figures.highRisk = 3
        figures.census.blurred = 2
        figures.census.highQuality = 4
        figures.census.quality = 3
        figures.census.faceWidth = 800
        figures.census.measured = 2
        figures.census.sharpness = 150
        return figures
    }

    private func events(at moment: Date) -> [SecurityEventRecord] {
        var high = SecurityEventRecord(
            type: .spoofingAttempt, severity: .high, client: ours, person: person.id, session: session,
            detailsJSON: #"{"cause":"spoofing_detected"}"#, createdAt: moment)
        high.personName = "Ada"
        high.address = "192.0.2.7"
        return [
            high, SecurityEventRecord(type: .failedAuthentication, severity: .low, client: ours, createdAt: moment),
            SecurityEventRecord(type: .loginAttempt, severity: .medium, createdAt: moment),
        ]
    }

    private func call(at moment: Date) -> UsageRecord {
        var call = UsageRecord(
            client: ours, category: .recognition, operation: "auth_sessions_retrieve", method: "GET",
            route: "/api/auth/sessions/{session}/", status: 404, userAgent: "curl/8", milliseconds: 1.23456, at: moment)
        call.number = 12
        return call
    }
}

extension TestAPI {
    /// Speaks to the router of a server with these very services, as if through a listener of this kind.
    func test(
        _ services: APIServices, through listener: ListenerKind = .loopback,
        _ body: @escaping @Sendable (APICaller) async throws -> Void
    ) async throws {
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = APIServer(configuration: configuration, services: services, log: log)
        let routes = try await server.router().buildResponder()
        let application = Application(
            responder: ListenerResponder(routes: routes, kind: listener, isSecure: false), logger: log)
        try await application.test(.router) { client in try await body(APICaller(client: client, api: self)) }
    }
}
