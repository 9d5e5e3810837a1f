import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Failure causes")
struct FailureCauseTests {
    /// Sends pictures until the session has ended; the recorded end and the last answer.
    private func run(
        _ harness: ServiceHarness, _ pictures: [Picture], _ kind: SessionKind = .verification, user: String = "user-1"
    ) async throws -> (recorded: SessionSnapshot, told: SessionSnapshot) {
        let session = try await harness.service.open(
            SessionRequest(client: harness.client, kind: kind, externalUserID: user))
        var told = session
        for picture in pictures where told.state.isOpen {
            told = try await harness.service.submit(picture.bytes, to: .id(session.id), of: harness.client).session
        }
        if told.state.isOpen {
            harness.clock.advance(by: .seconds(601))
            await harness.service.sweep()
            told = try await harness.service.session(.id(session.id), of: harness.client)
        }
        return (try #require(harness.repository.outcomes.last).session, told)
    }

    private func moments(_ person: Int, _ count: Int, logit: Int = 3) -> [Picture] {
        (1...count).map { Picture(person, $0, logit: logit) }
    }

    @Test("another person's face is no match, and the answer does not say it")
    func noMatch() async throws {
        let harness = try await ServiceHarness(people: [1])
        let (recorded, told) = try await run(harness, moments(2, 20))
        #expect(recorded.cause == .noMatch)
        #expect(told.cause == nil)
        #expect(told.reason == .notRecognized)
        #expect(told.census == nil)
        #expect(recorded.census?.used == recorded.acceptedFrames)
    }

    @Test("a success has no cause")
    func success() async throws {
        let harness = try await ServiceHarness(people: [1])
        let (recorded, _) = try await run(harness, moments(1, 20))
        #expect(recorded.state == .completed)
        #expect(recorded.cause == nil)
    }

    @Test("what the passive nets are sure of is spoofing, what they doubt is liveness, and both read alike outside")
    func liveness() async throws {
        let harness = try await ServiceHarness(policy: .passive, people: [1])
        let fake = try await run(harness, moments(1, 20, logit: -9))
        let doubtful = try await run(harness, moments(1, 20, logit: -2))
        #expect(fake.recorded.cause == .spoofing)
        #expect(doubtful.recorded.cause == .livenessFailed)
        #expect(fake.told.reason == .notRecognized)
        #expect(doubtful.told.reason == .notRecognized)
        #expect(fake.told.cause == nil)
        #expect(doubtful.told.cause == nil)
    }

    @Test("an enrollment tells spoofing and doubt apart too, and a face that is there already")
    func enrollment() async throws {
        let harness = try await ServiceHarness(policy: .passive, people: [1])
        #expect(try await run(harness, moments(2, 20, logit: -9), .enrollment, user: "new").recorded.cause == .spoofing)
        #expect(
            try await run(harness, moments(2, 20, logit: -2), .enrollment, user: "new").recorded.cause
                == .livenessFailed)
        #expect(try await run(harness, moments(1, 20), .enrollment, user: "new").recorded.cause == .duplicate)
    }

    @Test("a session that ran out of time tells what was in the way, or just that")
    func expired() async throws {
        let harness = try await ServiceHarness(people: [1])
        let empty = try await run(harness, moments(0, 3))
        #expect(empty.recorded.state == .expired)
        #expect(empty.recorded.cause == .noFace)
        #expect(empty.recorded.census?.noFace == 3)
        let never = try await run(harness, [])
        #expect(never.recorded.state == .expired)
        #expect(never.recorded.cause == nil)
        let slow = try await run(harness, moments(2, 1), .enrollment, user: "new")
        #expect(slow.recorded.cause == .timeout)
    }

    @Test("too many frames without a usable one tell what was in the way")
    func frameLimit() async throws {
        let harness = try await ServiceHarness(people: [1]) { $0.maxUploadFrames = 12 }
        let (recorded, told) = try await run(harness, moments(0, 20))
        #expect(told.reason == .frameLimit)
        #expect(recorded.cause == .noFace)
    }

    @Test("a user who is locked meanwhile is why, and nobody is told")
    func locked() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.service.open(
            SessionRequest(client: harness.client, kind: .verification, externalUserID: "user-1"))
        harness.repository.lock("user-1", of: harness.client)
        let told = try await harness.service.submit(Picture(1, 1).bytes, to: .id(session.id), of: harness.client)
            .session
        #expect(harness.repository.outcomes.last?.session.cause == .lockedOut)
        #expect(told.cause == nil)
        #expect(told.reason == .notRecognized)
    }

    @Test("who gives up has failed nothing")
    func cancelled() async throws {
        let harness = try await ServiceHarness(people: [1])
        let session = try await harness.service.open(
            SessionRequest(client: harness.client, kind: .verification, externalUserID: "user-1"))
        _ = try await harness.service.cancel(.id(session.id), of: harness.client)
        #expect(harness.repository.outcomes.last?.session.cause == nil)
    }

    @Test("an unanswered challenge is a failure of liveness where the frames or the time decide")
    func challenge() throws {
        var camera = AuthenticationHarness(policy: .active, camera: true)
        _ = camera.feed(1, times: 5)
        let overdue = camera.machine.decideOverdue(at: camera.instant.advanced(by: .seconds(16)))
        #expect(overdue == .failed(.notRecognized))
        #expect(camera.machine.cause(.notRecognized) == .livenessFailed)
        var upload = AuthenticationHarness(policy: .active) { $0.maxFrames = 8 }
        #expect(upload.feed(1, times: 8).last == .failed(.frameLimit))
        #expect(upload.machine.cause(.frameLimit) == .livenessFailed)
        #expect(upload.machine.cause(.expired) == .timeout)
    }

    @Test("what kept most frames from being used is the cause")
    func obstacles() throws {
        var census = FrameCensus()
        #expect(census.mainObstacle == nil)
        let seen: [Reason] = [
            .faceOccluded, .imageBlurred, .imageDark, .imageBright, .faceTurned, .faceMultiple, .faceNone, .faceNone,
        ]
        for reason in seen { census.note(obstacle: reason) }
        census.note(obstacle: nil)
        #expect(census.mainObstacle == .quality)
        #expect([census.blurred, census.dark, census.bright, census.otherwiseRefused] == [1, 1, 1, 1])
        for _ in 0..<4 { census.note(obstacle: .faceMultiple) }
        #expect(census.mainObstacle == .multipleFaces)
        for _ in 0..<9 { census.note(obstacle: .faceOccluded) }
        #expect(census.mainObstacle == .obstacles)
    }
}
