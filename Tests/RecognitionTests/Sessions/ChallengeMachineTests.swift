import EdgeCore
import Testing

@testable import Recognition

@Suite("The challenge machine")
struct ChallengeMachineTests {
    private struct Step {
        var evidence: FrameEvidence
        var gap: Duration = .milliseconds(100)
    }

    private func isSatisfied(_ challenge: LivenessChallenge, _ steps: [Step]) -> Bool {
        var machine = ChallengeMachine(
            challenge: challenge, samePersonThreshold: Synthetic.thresholds.threshold(fmr: 1e-3))
        var instant = FrameClock().now
        for step in steps {
            instant = instant.advanced(by: step.gap)
            machine.apply(step.evidence, at: instant)
        }
        return machine.isSatisfied
    }

    private func open(_ times: Int = 1, person: Int = 1, x: Float = 200) -> [Step] {
        (0..<times).map { Step(evidence: .of(person, variation: $0, x: x)) }
    }
    private func closed(_ times: Int = 1) -> [Step] {
        (0..<times).map { _ in Step(evidence: .of(1, refusal: .eyesClosed, eyes: 0.1)) }
    }
    private func turned(_ yaw: Float, x: Float = 200) -> [Step] {
        [Step(evidence: .of(1, refusal: .faceTurned, yaw: yaw, x: x))]
    }

    @Test("open, closed, open is a blink")
    func blink() {
        #expect(isSatisfied(.blink, open(4) + closed(2) + open()))
        #expect(isSatisfied(.blink, open(4) + closed(1) + open()))
    }

    @Test("eyes that stay open or closed, or only narrow, are none")
    func noBlink() {
        #expect(!isSatisfied(.blink, open(60)))
        #expect(!isSatisfied(.blink, open(4) + closed(60)))
        #expect(!isSatisfied(.blink, closed(60)))
        #expect(!isSatisfied(.blink, closed(4) + open(60)))
        let narrow = (0..<20).map { _ in Step(evidence: .of(1, eyes: 0.2)) }
        #expect(!isSatisfied(.blink, open(4) + narrow + open(4)))
    }

    @Test("a blink needs a baseline of open eyes first")
    func needsABaseline() {
        #expect(!isSatisfied(.blink, open(1) + closed(1) + open(1)))
    }

    @Test(
        "a turn to the asked side and back answers",
        arguments: [(LivenessChallenge.turnLeft, Float(25)), (.turnRight, -25)])
    func turn(challenge: LivenessChallenge, yaw: Float) {
        #expect(isSatisfied(challenge, open(2) + turned(yaw) + open()))
        #expect(!isSatisfied(challenge, open(2) + turned(-yaw) + open()), "the other side is wrong")
        #expect(!isSatisfied(challenge, open(2) + turned(yaw * 0.7) + open()), "too little")
        #expect(!isSatisfied(challenge, open(2) + turned(yaw)), "not back yet")
        #expect(!isSatisfied(challenge, turned(yaw) + open(5)), "nothing is known of the face before")
    }

    @Test("the face before and the face after must be one person")
    func samePersonBeforeAndAfter() {
        #expect(!isSatisfied(.turnLeft, open(2) + turned(25) + open(person: 2)))
        #expect(!isSatisfied(.blink, open(4) + closed(2) + open(person: 2)))
    }

    @Test("somebody else cannot make the movement in between")
    func samePersonInTheMovement() {
        let otherHead = [Step(evidence: .of(2, refusal: .faceTurned, yaw: 25))]
        let otherEyes = [Step(evidence: .of(2, refusal: .eyesClosed, eyes: 0.1))]
        #expect(!isSatisfied(.turnLeft, open(2) + otherHead + open()))
        #expect(!isSatisfied(.blink, open(4) + otherEyes + open()))
        var faceless = turned(25)
        faceless[0].evidence.template = nil
        #expect(!isSatisfied(.turnLeft, open(2) + faceless + open()), "whose head it was is not known")
        #expect(isSatisfied(.turnLeft, open(2) + otherHead + open() + turned(25) + open()), "the right one still may")
    }

    @Test("a face that jumps, disappears or gets company starts the challenge again")
    func losesTrack() {
        #expect(!isSatisfied(.turnLeft, open(2) + turned(25, x: 420) + open(x: 420)))
        #expect(!isSatisfied(.turnLeft, open(2) + turned(25) + [Step(evidence: .nobody)] + open()))
        #expect(!isSatisfied(.turnLeft, open(2) + turned(25) + [Step(evidence: .of(1, faces: 2))] + open()))
        let late = [Step(evidence: .of(1), gap: .seconds(2))]
        #expect(!isSatisfied(.turnLeft, open(2) + turned(25) + late))
    }

    @Test("a movement that takes too long starts again")
    func tooSlow() {
        let slow = (0..<6).map { _ in Step(evidence: .of(1, refusal: .faceTurned, yaw: 25), gap: .seconds(1)) }
        #expect(!isSatisfied(.turnLeft, open(2) + slow + open()))
    }

    @Test("can be answered after a failed try")
    func secondTry() {
        #expect(isSatisfied(.turnLeft, open(2) + turned(-25) + open(2) + turned(25) + open()))
    }

    @Test("pictures that arrive out of order are ignored")
    func ignoresOldFrames() {
        var machine = ChallengeMachine(challenge: .turnLeft, samePersonThreshold: 0.34)
        let start = FrameClock().now
        machine.apply(.of(1), at: start.advanced(by: .milliseconds(200)))
        machine.apply(.of(1, refusal: .faceTurned, yaw: 25), at: start.advanced(by: .milliseconds(100)))
        machine.apply(.of(1, variation: 1), at: start.advanced(by: .milliseconds(300)))
        #expect(!machine.isSatisfied)
    }

    @Test("a pose or an eye that is not a number moves nothing")
    func brokenNumbers() {
        let broken = [Step(evidence: .of(1, yaw: .nan)), Step(evidence: .of(1, eyes: .nan))]
        #expect(!isSatisfied(.turnLeft, open(2) + broken + open()))
        #expect(!isSatisfied(.blink, open(4) + broken + open()))
    }
}

@Suite("Overlap of boxes")
struct OverlapTests {
    @Test("is the share of the union", arguments: [(200, 1), (300, 1.0 / 3), (400, 0), (900, 0)] as [(Float, Float)])
    func overlap(x: Float, share: Float) {
        #expect(abs(Synthetic.face(x: 200).overlap(with: Synthetic.face(x: x)) - share) < 1e-5)
    }
}
