import EdgeCore
import Testing

@testable import Recognition

@Suite("The authentication machine")
struct AuthenticationMachineTests {
    @Test("succeeds on the third frame of the claimed person")
    func verifies() throws {
        var harness = AuthenticationHarness()
        let decisions = harness.feed(1, times: 3)
        #expect(decisions[0] == .pending(.matchPending, accepted: true))
        #expect(decisions[1] == .pending(.matchPending, accepted: true))
        #expect(decisions[2] == .completed(.authenticated))
        let success = try #require(harness.machine.success)
        #expect(success.person.externalID == "user-1")
        #expect(success.similarity > 0.8)
        #expect(!harness.machine.liveness.isVerified)
    }

    @Test("succeeds on the third frame of the best person of the gallery")
    func identifies() throws {
        var harness = AuthenticationHarness(.identification, claimed: nil)
        #expect(harness.feed(4, times: 3).last == .completed(.authenticated))
        #expect(try #require(harness.machine.success).person.externalID == "user-4")
    }

    @Test("counts as many frames as configured", arguments: [1, 2, 5])
    func needsMinFrames(minFrames: Int) {
        var harness = AuthenticationHarness { $0.minFrames = minFrames }
        let decisions = harness.feed(1, times: minFrames)
        #expect(decisions.dropLast().allSatisfy { $0 == .pending(.matchPending, accepted: true) })
        #expect(decisions.last == .completed(.authenticated))
    }

    @Test("1:1 never answers with another person, however well that one matches")
    func neverAnotherPerson() {
        var harness = AuthenticationHarness(claimed: "user-2")
        #expect(harness.feed(1, times: 5).last == .failed(.notRecognized))
        #expect(harness.machine.success == nil)
    }

    @Test(
        "answers a stranger, a wrong claim, an unknown user and an attack with one and the same reason",
        arguments: [
            (77, "user-1" as String?, LivenessPolicy.off, Float(3)), (1, "user-2", .off, 3), (1, "nobody", .off, 3),
            (1, "user-1", .passive, -9),
        ])
    func sameAnswerForAll(person: Int, claimed: String?, policy: LivenessPolicy, logit: Float) {
        var harness = AuthenticationHarness(claimed: claimed, policy: policy)
        let decisions = harness.feed(person, times: 5, logit: logit)
        #expect(decisions.last == .failed(.notRecognized))
        #expect(decisions.dropLast().allSatisfy { $0.accepted })
    }

    @Test("shows nothing before the decision that depends on the match")
    func showsNothingOfTheMatch() {
        var known = AuthenticationHarness(policy: .passive)
        var unknown = AuthenticationHarness(claimed: "nobody", policy: .passive)
        for index in 0..<4 {
            #expect(known.feed(.of(1, variation: index)) == unknown.feed(.of(1, variation: index)))
            #expect(known.machine.tally.used == unknown.machine.tally.used)
            #expect(known.machine.success == nil)
        }
    }

    @Test("an empty gallery recognises nobody", arguments: [SessionKind.verification, .identification])
    func emptyGallery(kind: SessionKind) {
        var harness = AuthenticationHarness(kind, people: [])
        #expect(harness.feed(1, times: 5).last == .failed(.notRecognized))
    }

    @Test("1:N wants the best person clearly above the next one")
    func needsAMargin() {
        let client = ClientID()
        // Two entries of one face: whoever it is, it cannot be said which.
        let twins = [
            GalleryRecord(
                client: client, person: MatchedPerson(id: PersonID(), externalID: "a"),
                templates: [Synthetic.template(person: 1, variation: 1)]),
            GalleryRecord(
                client: client, person: MatchedPerson(id: PersonID(), externalID: "b"),
                templates: [Synthetic.template(person: 1, variation: 2)]),
        ]
        var harness = AuthenticationHarness(.identification, claimed: nil, people: twins)
        #expect(harness.feed(1, times: 10).last?.reason == .notRecognized)
        var single = AuthenticationHarness(.identification, claimed: nil, people: [twins[0]])
        #expect(single.feed(1, times: 3).last == .completed(.authenticated))
    }

    @Test("another person in view starts the evidence again")
    func resetsOnChange() {
        var harness = AuthenticationHarness()
        _ = harness.feed(1, times: 2)
        #expect(harness.feed(.of(2, variation: 5)) == .pending(.personChanged, accepted: false))
        #expect(harness.machine.tally.used == 0)
        let decisions = harness.feed(1, times: 3)
        #expect(decisions[0].reason == .matchPending && decisions[1].reason == .matchPending)
        #expect(decisions[2] == .completed(.authenticated))
    }

    @Test("one session of a claimed user is one person's attempt: who comes next needs another session")
    func oneAttemptASession() {
        var harness = AuthenticationHarness()
        _ = harness.feed(7, times: 3)
        #expect(harness.feed(.of(1, variation: 5)) == .failed(.notRecognized))
        #expect(harness.machine.isMiss && harness.machine.success == nil)
        var open = AuthenticationHarness(.identification, claimed: nil)
        _ = open.feed(7, times: 3)
        #expect(open.feed(.of(1, variation: 5)) == .pending(.personChanged, accepted: false))
        #expect(open.feed(1, times: 3).last == .completed(.authenticated))
    }

    @Test(
        "a picture without life gets as many frames whoever it shows", arguments: [Float(-2.5), -9, nil],
        [LivenessPolicy.passive, .strict])
    func picturesLearnNothing(logit: Float?, policy: LivenessPolicy) {
        var answers: [[FrameDecision]] = []
        for claimed in ["user-1", "user-2", "nobody"] {
            var harness = AuthenticationHarness(claimed: claimed, policy: policy, challenge: .turnLeft)
            var decisions: [FrameDecision] = []
            while !harness.machine.isDecided { decisions += harness.feed(1, times: 1, logit: logit) }
            answers.append(decisions)
        }
        #expect(answers[0] == answers[1] && answers[1] == answers[2])
    }

    @Test("life seen on one person does not count for the next")
    func lifeDoesNotPassOn() {
        var harness = AuthenticationHarness(.identification, claimed: nil, policy: .passive)
        _ = harness.feed(2, times: 4, logit: 5)
        #expect(harness.feed(.of(1, variation: 50, logit: nil)).reason == .personChanged)
        // The fifth live opinion of the session, and the first of this person.
        let decisions = harness.feed(1, times: 3, logit: 5) + harness.feed(1, times: 7, logit: nil)
        #expect(decisions.last == .failed(.notRecognized))
        #expect(!decisions.contains(.completed(.authenticated)))
    }

    @Test("a hit is not enough: an undecided match ends after ten usable frames")
    func endsAfterMaxUsable() {
        var harness = AuthenticationHarness(policy: .passive)
        let decisions = harness.feed(1, times: 10, logit: -2.5)
        #expect(decisions.prefix(9).allSatisfy { $0 == .pending(.livenessPending, accepted: true) })
        #expect(decisions.last == .failed(.notRecognized))
    }

    @Test(
        "frames that show no usable face decide nothing",
        arguments: [FrameEvidence.nobody, .of(1, faces: 3), .of(1, refusal: .imageDark)])
    func uselessFramesDecideNothing(evidence: FrameEvidence) {
        var harness = AuthenticationHarness()
        for _ in 0..<59 { #expect(!harness.feed(evidence).accepted) }
        #expect(harness.feed(evidence) == .failed(.frameLimit))
        #expect(!harness.machine.isMiss)
    }

    @Test("the very same picture counts once")
    func repeatedPicturesCountOnce() {
        var harness = AuthenticationHarness()
        #expect(harness.feed(.of(1), hash: 1).accepted)
        for _ in 0..<30 { #expect(harness.feed(.of(1), hash: 1) == .pending(.frameRepeated, accepted: false)) }
        #expect(harness.machine.tally.used == 1)
    }

    @Test("a loop of empty pictures is answered as an empty picture, however often it comes")
    func loopsOfNobody() {
        var harness = AuthenticationHarness(camera: true)
        for _ in 0..<50 { #expect(harness.feed(.nobody, hash: 1) == .pending(.faceNone, accepted: false)) }
        for _ in 0..<5 { #expect(harness.feed(.of(1, refusal: .imageDark), hash: 2).reason == .imageDark) }
    }

    @Test("a loop that is too short to decide ends at the limits", arguments: [true, false])
    func shortLoopsEnd(isCamera: Bool) {
        var harness = AuthenticationHarness(policy: .passive, camera: isCamera)
        var decisions: [FrameDecision] = []
        for frame in 0..<1000 where !harness.machine.isDecided {
            decisions.append(harness.feed(.of(1, variation: frame % 2), hash: UInt64(frame % 2)))
        }
        #expect(harness.machine.compared == 2)
        #expect(decisions.dropFirst(2).dropLast().allSatisfy { $0 == .pending(.frameRepeated, accepted: false) })
        #expect(decisions.last == .failed(isCamera ? .notRecognized : .frameLimit))
    }

    @Test("passive life: five live opinions and three hits open the door, not one fewer")
    func passiveNeedsFiveOpinions() {
        var harness = AuthenticationHarness(policy: .passive)
        let decisions = harness.feed(1, times: 5)
        #expect(decisions.prefix(4).allSatisfy { $0 == .pending(.livenessPending, accepted: true) })
        #expect(decisions.last == .completed(.authenticated))
        #expect(harness.machine.liveness.isVerified)
    }

    @Test("a camera session that waits for somebody does not count empty frames")
    func cameraWaits() {
        var harness = AuthenticationHarness(camera: true)
        for _ in 0..<2000 { #expect(harness.feed(.nobody).reason == .faceNone) }
        #expect(harness.feed(1, times: 3).last == .completed(.authenticated))
    }

    @Test("a camera session is decided fifteen seconds after the first face, with or without a frame")
    func cameraTimesOut() {
        var harness = AuthenticationHarness(camera: true)
        _ = harness.feed(.nobody, after: .seconds(100))
        #expect(harness.machine.decideOverdue(at: harness.instant.advanced(by: .seconds(500))) == nil)
        _ = harness.feed(.of(1, refusal: .faceTooSmall))
        var frozen = harness.machine
        #expect(frozen.decideOverdue(at: harness.instant.advanced(by: .milliseconds(14_999))) == nil)
        #expect(frozen.decideOverdue(at: harness.instant.advanced(by: .seconds(15))) == .failed(.notRecognized))
        #expect(harness.feed(.of(1), after: .seconds(15)) == .failed(.notRecognized))
    }

    @Test("a camera session ends after its limit of frames with a face")
    func cameraFrameLimit() {
        var harness = AuthenticationHarness(camera: true) { $0.decisionTimeout = nil }
        for _ in 0..<599 { #expect(harness.feed(.of(1, refusal: .imageBlurred)).reason == .imageBlurred) }
        #expect(harness.feed(.of(1, refusal: .imageBlurred)) == .failed(.frameLimit))
    }

    @Test("whoever matches gets the time that a challenge takes, and no success before it")
    func challengeTakesTime() {
        var harness = AuthenticationHarness(policy: .active, camera: true, challenge: .turnLeft)
        #expect(harness.feed(1, times: 40).allSatisfy { $0 == .pending(.livenessChallenge, accepted: true) })
        #expect(harness.feed(.of(1, refusal: .faceTurned, yaw: 28)).reason == .livenessChallenge)
        #expect(harness.feed(1, times: 1) == [.completed(.authenticated)])
    }

    @Test(
        "a challenge: nothing tells a stranger from a known face before it is answered",
        arguments: [LivenessPolicy.active, .strict], [Float(5), -9])
    func challengeHidesTheMatch(policy: LivenessPolicy, logit: Float) {
        var harnesses = ["user-1", "user-2", "nobody"].map { claimed in
            AuthenticationHarness(claimed: claimed, policy: policy, challenge: .turnLeft)
        }
        for frame in 0..<40 {
            let decisions = harnesses.indices.map { index in
                harnesses[index].feed(.of(1, variation: frame, logit: logit))
            }
            #expect(decisions == .init(repeating: .pending(.livenessChallenge, accepted: true), count: 3))
        }
        for index in harnesses.indices {
            #expect(harnesses[index].feed(.of(1, refusal: .faceTurned, yaw: 28)).reason == .livenessChallenge)
        }
        let ends = harnesses.indices.map { harnesses[$0].feed(.of(1, variation: 99, logit: logit)) }
        let isLive = policy == .active || logit > 0
        #expect(ends[0] == (isLive ? .completed(.authenticated) : .failed(.notRecognized)))
        #expect(ends[1] == .failed(.notRecognized) && ends[2] == .failed(.notRecognized))
    }

    @Test("a challenge that nobody answers ends for all alike, as a miss", arguments: [true, false])
    func unansweredChallenges(isCamera: Bool) {
        var ends: [[FrameDecision]] = []
        for claimed in ["user-1", "user-2", "nobody"] {
            var harness = AuthenticationHarness(
                claimed: claimed, policy: .active, camera: isCamera, challenge: .turnLeft)
            var decisions: [FrameDecision] = []
            while !harness.machine.isDecided { decisions += harness.feed(1, times: 1) }
            #expect(harness.machine.isMiss)
            ends.append(decisions)
        }
        #expect(ends[0] == ends[1] && ends[1] == ends[2])
        #expect(ends[0].last == .failed(isCamera ? .notRecognized : .frameLimit))
    }

    @Test("a miss needs as many comparisons as a success")
    func missesNeedComparisons() {
        var harness = AuthenticationHarness()
        _ = harness.feed(2, times: 2)
        #expect(!harness.machine.isMiss)
        _ = harness.feed(2, times: 1)
        #expect(harness.machine.isMiss)
    }

    @Test("alternating two faces does not escape the count of comparisons")
    func alternatingIsCounted() {
        var harness = AuthenticationHarness()
        for index in 0..<12 { _ = harness.feed(.of(index.isMultiple(of: 2) ? 7 : 8, variation: index)) }
        #expect(harness.machine.isMiss)
    }
}
