import EdgeCore
import Testing

@testable import Recognition

@Suite("The enrollment machine")
struct EnrollmentMachineTests {
    @Test("completes with as many samples as wanted", arguments: [1, 3, 10])
    func completes(samples: Int) {
        var harness = EnrollmentHarness(samples: samples)
        for index in 1..<samples {
            #expect(harness.feed(.of(1, variation: index)) == .pending(.frameAccepted, accepted: true))
        }
        #expect(harness.feed(.of(1, variation: 99)) == .completed(.enrollmentCompleted))
        #expect(harness.machine.samples.count == samples)
        #expect(abs((harness.machine.tally.quality ?? 0) - 0.8) < 1e-9)
    }

    @Test(
        "does not count a frame without exactly one face that passes the gate",
        arguments: [
            (FrameEvidence.nobody, Reason.faceNone), (.of(1, faces: 2), .faceMultiple),
            (.of(1, refusal: .faceTooSmall), .faceTooSmall), (.of(1, refusal: .imageBlurred), .imageBlurred),
            (.of(1, refusal: .eyesClosed), .eyesClosed), (.of(1, refusal: .faceTurned), .faceTurned),
            (.of(1, refusal: .faceOccluded), .faceOccluded), (.of(1, refusal: .imageDark), .imageDark),
        ])
    func refuses(evidence: FrameEvidence, reason: Reason) {
        var harness = EnrollmentHarness()
        for _ in 0..<20 { #expect(harness.feed(evidence) == .pending(reason, accepted: false)) }
        #expect(harness.machine.samples.isEmpty)
        #expect(harness.machine.tally.seen == 20)
    }

    @Test("does not count the very same picture twice")
    func refusesRepeatedPictures() {
        var harness = EnrollmentHarness(policy: .passive)
        #expect(harness.feed(.of(1, variation: 1), hash: 5).accepted)
        for _ in 0..<10 {
            #expect(harness.feed(.of(1, variation: 1), hash: 5) == .pending(.frameRepeated, accepted: false))
        }
        #expect(harness.machine.samples.count == 1)
        #expect(harness.machine.liveness.opinions == 1)
    }

    @Test("says what is wrong with a repeated picture before it says that it is one")
    func repeatedPicturesKeepTheirReason() {
        var harness = EnrollmentHarness()
        for _ in 0..<10 { #expect(harness.feed(.nobody, hash: 3).reason == .faceNone) }
        for _ in 0..<10 { #expect(harness.feed(.of(1, refusal: .imageBlurred), hash: 4).reason == .imageBlurred) }
        #expect(harness.feed(.of(1), hash: 5).accepted)
        #expect(harness.feed(.of(1, variation: 2, x: 220), hash: 5).reason == .frameRepeated)
    }

    @Test("a loop of a few pictures never shows a movement", arguments: [LivenessChallenge.turnLeft, .blink])
    func loopsAnswerNoChallenge(challenge: LivenessChallenge) {
        var harness = EnrollmentHarness(policy: .active, samples: 1, challenge: challenge)
        let acting: FrameEvidence =
            challenge == .blink ? .of(1, refusal: .eyesClosed, eyes: 0.05) : .of(1, refusal: .faceTurned, yaw: 28)
        for _ in 0..<20 {
            for moment in 0..<3 { _ = harness.feed(.of(1, variation: moment), hash: UInt64(moment)) }
            #expect(harness.feed(acting, hash: 9).reason == .livenessChallenge)
        }
        #expect(!harness.machine.isDecided)
        #expect(harness.feed(.of(1, variation: 50)).reason == .livenessChallenge)
    }

    @Test("keeps samples of a camera apart in time, and takes an opinion on life from the frames between")
    func keepsSamplesApart() {
        var harness = EnrollmentHarness(policy: .passive, samples: 2, spacing: .milliseconds(300))
        #expect(harness.feed(.of(1, variation: 1)).accepted)
        #expect(harness.feed(.of(1, variation: 2), after: .milliseconds(299)).reason == .frameTooSoon)
        #expect(harness.feed(.of(1, variation: 3), after: .milliseconds(1)).accepted)
        #expect(harness.machine.liveness.opinions == 3)
    }

    @Test("does not count another person's frames, for samples or for life")
    func staysWithTheFirstPerson() {
        var harness = EnrollmentHarness(policy: .passive)
        #expect(harness.feed(.of(1, variation: 1)).accepted)
        for index in 0..<10 {
            let decision = harness.feed(.of(2, variation: index))
            #expect(decision == .pending(.personChanged, accepted: false))
        }
        #expect(harness.machine.samples.count == 1)
        #expect(harness.machine.liveness.opinions == 1)
        #expect(harness.feed(.of(1, variation: 2)).accepted)
    }

    @Test("waits for five opinions on life after the samples are complete")
    func waitsForOpinions() {
        var harness = EnrollmentHarness(policy: .passive)
        for index in 1...2 {
            #expect(harness.feed(.of(1, variation: index)) == .pending(.frameAccepted, accepted: true))
        }
        #expect(harness.feed(.of(1, variation: 3)) == .pending(.livenessPending, accepted: true))
        #expect(harness.feed(.of(1, variation: 4)) == .pending(.livenessPending, accepted: false))
        #expect(!harness.machine.liveness.isVerified)
        #expect(harness.feed(.of(1, variation: 5)) == .completed(.enrollmentCompleted))
        #expect(harness.machine.liveness.isVerified)
        #expect(harness.machine.samples.count == 3)
    }

    @Test("frames without an opinion never count as live", arguments: [nil, Float.nan, .infinity])
    func noOpinionIsNotLive(logit: Float?) {
        var harness = EnrollmentHarness(policy: .passive)
        for index in 1...3 { _ = harness.feed(.of(1, variation: index, logit: logit)) }
        for index in 4...40 {
            #expect(harness.feed(.of(1, variation: index, logit: logit)).reason == .livenessPending)
        }
        #expect(harness.machine.liveness.score == nil)
    }

    @Test(
        "fails where the face is not alive",
        arguments: [(Float(-4.5), 5), (-3, 8), (-1.6, 8), (-10, 5)])
    func failsWithoutLife(logit: Float, opinions: Int) {
        var harness = EnrollmentHarness(policy: .passive)
        for index in 1..<opinions {
            #expect(harness.feed(.of(1, variation: index, logit: logit)).reason != .livenessFailed)
        }
        #expect(harness.feed(.of(1, variation: 99, logit: logit)) == .failed(.livenessFailed))
    }

    @Test("never takes less than −2, whatever the configuration says")
    func thresholdHasAFloor() {
        var configuration = SessionConfiguration()
        configuration.livenessLogit = -5
        #expect(configuration.liveness.threshold == -2)
        configuration.livenessLogit = 1
        #expect(configuration.liveness.threshold == 1)
    }

    @Test(
        "treats a face that another person has as the policy says",
        arguments: [
            (DuplicatePolicy.refuse, FrameDecision.failed(.duplicatePerson), false),
            (.warn, .completed(.enrollmentCompleted), true), (.allow, .completed(.enrollmentCompleted), false),
        ])
    func duplicates(policy: DuplicatePolicy, decision: FrameDecision, isNoted: Bool) {
        var harness = EnrollmentHarness(samples: 1, duplicates: policy)
        harness.isSomebodyElse = true
        #expect(harness.feed(.of(1)) == decision)
        #expect(harness.machine.hasDuplicate == isNoted)
    }

    @Test("the policy off never calls a person alive")
    func offVerifiesNothing() {
        var harness = EnrollmentHarness(samples: 1)
        #expect(harness.feed(.of(1)) == .completed(.enrollmentCompleted))
        #expect(!harness.machine.liveness.isVerified)
        #expect(!harness.machine.nextPlan.wantsLiveness)
    }

    @Test("asks for the passive nets only until their answer is known")
    func asksForLivenessWhileOpen() {
        var harness = EnrollmentHarness(policy: .passive, samples: 10)
        for index in 1...5 {
            #expect(harness.machine.nextPlan.wantsLiveness)
            _ = harness.feed(.of(1, variation: index))
        }
        #expect(!harness.machine.nextPlan.wantsLiveness)
        #expect(harness.machine.nextPlan.demand == .enrollment)
    }

    @Test("an active policy completes only after the challenge, and excuses the movement it asks for")
    func answersTheChallenge() {
        var harness = EnrollmentHarness(policy: .active, samples: 2, challenge: .turnLeft)
        #expect(harness.machine.liveness.challenge == .turnLeft)
        #expect(harness.feed(.of(1, variation: 1)).accepted)
        #expect(harness.feed(.of(1, variation: 2)).accepted)
        #expect(harness.feed(.of(1, variation: 3)).reason == .livenessChallenge)
        #expect(harness.feed(.of(1, refusal: .faceTurned, yaw: 30)).reason == .livenessChallenge)
        #expect(harness.feed(.of(1, variation: 5)) == .completed(.enrollmentCompleted))
        #expect(harness.machine.liveness.isVerified)
    }

    @Test("strict wants the challenge and the passive nets")
    func strictWantsBoth() {
        var harness = EnrollmentHarness(policy: .strict, samples: 1, challenge: .turnRight)
        #expect(harness.feed(.of(1, variation: 1)).accepted)
        _ = harness.feed(.of(1, refusal: .faceTurned, yaw: -30))
        #expect(harness.feed(.of(1, variation: 2)).reason == .livenessPending)
        #expect(harness.feed(.of(1, variation: 3)).reason == .livenessPending)
        #expect(harness.feed(.of(1, variation: 4)).reason == .livenessPending)
        #expect(harness.feed(.of(1, variation: 5)) == .completed(.enrollmentCompleted))
    }
}
