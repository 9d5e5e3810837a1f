import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Store
@testable import StoreTesting

/// A store with two tenants in which sessions end when and how a test says.
struct InsightFixture {
    let base: StoreFixture
    let store: EdgeStore
    let ours: ClientID
    let theirs: ClientID

    init() async throws {
        base = try StoreFixture()
        store = try await base.open()
        ours = try await store.createClient(name: "ours").client.id
        theirs = try await store.createClient(name: "theirs").client.id
    }

    /// `2027-01-15T23:59:59.999999Z`, to the microsecond.
    static func moment(_ day: String, _ time: String = "12:00:00", micro: Int = 0) throws -> Date {
        let whole = try Date.ISO8601FormatStyle().parse("\(day)T\(time)Z")
        return Date(timeIntervalSince1970: whole.timeIntervalSince1970 + Double(micro) / 1_000_000)
    }

    /// How a session ended.
    struct End {
        var kind = SessionKind.verification
        var user: String? = "E-1"
        var state = SessionState.failed
        var cause: FailureCause?
        var frames = 4
        var similarity: Double?
        var quality: Double? = 0.8
        var liveness: Double?
        var person: MatchedPerson?
        var lockout = SessionOutcome.LockoutChange.none
        var census: FrameCensus?
        /// Before the end, seconds.
        var began = 10.0
        var firstFace: Double?
    }

    /// Begins and ends a session.
    @discardableResult
    func end(
        at moment: Date, of client: ClientID? = nil, _ change: (inout End) -> Void = { _ in }
    ) async throws -> SessionID {
        var end = End()
        change(&end)
        var session = base.session(end.kind, of: client ?? ours, user: end.user)
        session.createdAt = moment.addingTimeInterval(-end.began)
        try await store.begin(session)
        session.state = end.state
        session.reason = end.state == .completed ? .authenticated : .notRecognized
        session.cause = end.cause
        session.census = end.census
        session.framesProcessed = end.frames
        session.similarityScore = end.similarity
        session.qualityScore = end.quality
        session.livenessScore = end.liveness
        session.matchedPerson = end.person
        session.firstFaceAt = end.firstFace.map { moment.addingTimeInterval(-$0) }
        session.completedAt = moment
        let samples = end.kind == .enrollment && end.state == .completed
        _ = try await store.finish(
            SessionOutcome(
                session: session,
                samples: samples ? [EnrolledSample(template: base.template(seed: 7), quality: 0.9)] : [],
                lockout: end.lockout))
        return session.id
    }

    /// Ends a verification that recognised `person`.
    @discardableResult
    func succeed(
        at moment: Date, _ person: MatchedPerson, similarity: Double = 0.7, of client: ClientID? = nil
    ) async throws -> SessionID {
        try await end(at: moment, of: client) {
            $0.state = .completed
            $0.user = person.externalID
            $0.person = person
            $0.similarity = similarity
        }
    }

    /// Makes somebody known.
    func enroll(
        _ user: String, name: String? = nil, of client: ClientID? = nil, seed: Int = 1
    ) async throws -> MatchedPerson {
        try #require(
            try await base.enroll(user, name: name, of: client ?? ours, in: store, seed: seed)
        ).person
    }
}
