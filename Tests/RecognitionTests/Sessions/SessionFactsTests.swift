import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("What a session shows of its evidence", .timeLimit(.minutes(10)))
struct SessionFactsTests {
    private func blink(_ harness: inout EnrollmentHarness, until last: Int) {
        for moment in 0..<4 { _ = harness.feed(.of(1, variation: moment)) }
        guard last > 0 else { return }
        _ = harness.feed(.of(1, refusal: .eyesClosed, eyes: 0.1))
        _ = harness.feed(.of(1, variation: 9))
    }

    private func snapshot(_ machine: SessionMachine) -> SessionSnapshot {
        var snapshot = SessionSnapshot(
            id: SessionID(), token: nil,
            request: SessionRequest(client: ClientID(), kind: .enrollment, externalUserID: "anna"), targetFrames: 3,
            createdAt: .now, expiresAt: .now)
        machine.describe(in: &snapshot)
        return snapshot
    }

    @Test("a blink is counted where one is asked for, and a turn of the head is then no question")
    func countsBlinks() {
        var harness = EnrollmentHarness(policy: .active, samples: 9, challenge: .blink)
        blink(&harness, until: 0)
        var seen = snapshot(.enrollment(harness.machine))
        #expect(seen.blinks == 0 && seen.headTurns == nil && seen.challenge == .blink)
        blink(&harness, until: 1)
        seen = snapshot(.enrollment(harness.machine))
        #expect(seen.blinks == 1 && seen.headTurns == nil && seen.challenge == nil)
    }

    @Test("a turn of the head is counted where one is asked for")
    func countsTurns() {
        let harness = EnrollmentHarness(policy: .strict, challenge: .turnLeft)
        let seen = snapshot(.enrollment(harness.machine))
        #expect(seen.blinks == nil && seen.headTurns == 0)
    }

    @Test("nothing is counted where no movement is asked for")
    func countsNothing() {
        let seen = snapshot(.enrollment(EnrollmentHarness(policy: .passive).machine))
        #expect(seen.blinks == nil && seen.headTurns == nil)
    }

    @Test("an authentication that has no time left says so, one that was decided does not")
    func runsOutOfTime() {
        var late = AuthenticationHarness(.identification, claimed: nil, camera: true)
        _ = late.feed(.of(7, refusal: .imageDark))
        #expect(late.machine.decideOverdue(at: late.instant.advanced(by: .seconds(15))) == .failed(.notRecognized))
        let seen = snapshot(.authentication(late.machine))
        #expect(seen.ranOutOfTime)
        #expect(seen.decisionWindow == .seconds(15))
        var decided = AuthenticationHarness(.identification, claimed: nil, camera: true)
        for moment in 0..<5 { _ = decided.feed(.of(7, variation: moment)) }
        #expect(decided.machine.isDecided && !snapshot(.authentication(decided.machine)).ranOutOfTime)
    }

    @Test("an answer carries the first face's time and what the mesh measured")
    func carriesMeasures() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.identification)
        var answer = try await harness.submit(Picture(0, 0), to: session)
        #expect(answer.session.firstFaceAt == nil && answer.eyeAspectRatio == nil)
        harness.clock.advance(by: .seconds(3))
        answer = try await harness.submit(Picture(1, 1), to: session)
        let first = harness.clock.wall
        #expect(answer.session.firstFaceAt == first)
        #expect(answer.eyeAspectRatio.map { abs($0 - 0.28) < 0.001 } == true)
        harness.clock.advance(by: .seconds(3))
        answer = try await harness.submit(Picture(1, 2), to: session)
        #expect(answer.session.firstFaceAt == first)
    }

    @Test("a token names its tenant, open or ended, and nobody else's does")
    func namesTenant() async throws {
        let harness = try await ServiceHarness()
        let session = try await harness.open(.identification)
        let token = try #require(session.token)
        #expect(try await harness.service.tenant(of: token) == harness.client)
        _ = try await harness.service.cancel(.id(session.id), of: harness.client)
        harness.clock.advance(by: SessionService.keptAfterEnd)
        await harness.service.sweep()
        #expect(try await harness.service.tenant(of: token) == harness.client)
        let stranger = SessionToken(rawValue: "sess_nobody")
        #expect(await code { _ = try await harness.service.tenant(of: stranger) } == .sessionUnknown)
    }
}
