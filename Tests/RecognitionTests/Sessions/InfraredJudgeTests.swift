import EdgeCore
import Testing

@testable import Recognition

@Suite("The infrared judge")
struct InfraredJudgeTests {
    private static let place = RelativePlace(of: Synthetic.face(), width: 640, height: 480)

    private func verdict(_ looks: [InfraredLook]) -> InfraredJudge.Verdict {
        var judge = InfraredJudge(settings: InfraredSettings())
        for look in looks { judge.apply(look, beside: Self.place) }
        return judge.verdict
    }

    private func finding(_ sight: InfraredSight) -> InfraredFinding {
        InfraredLook.seen(sight).finding(beside: Self.place, InfraredSettings())
    }

    private static func good(_ count: Int, from first: Int = 0) -> [InfraredLook] {
        (first..<first + count).map { .seen(.of(Synthetic.face(), number: $0)) }
    }

    private static func nobody(_ count: Int) -> [InfraredLook] {
        (0..<count).map { .seen(.of(nil, number: 1000 + $0)) }
    }

    @Test("passes when three looks agree, and not before")
    func passes() {
        #expect(verdict(Self.good(2)) == .pending(.livenessPending))
        #expect(verdict(Self.good(3)) == .passed)
        #expect(verdict([]) == .pending(.livenessPending), "nobody has looked yet")
    }

    @Test("a black picture, a picture of another moment and none at all are nothing seen, however many there are")
    func blind() {
        for blind in [[InfraredLook.missing], [.stale], (0..<20).map { .seen(.of(nil, light: 1, number: 500 + $0)) }] {
            let looks = Array(repeating: blind, count: 20).flatMap(\.self)
            #expect(verdict(looks) == .pending(.infraredMissing))
            // Lights flash: what was not lit speaks for nobody and against nobody.
            #expect(verdict(looks + Self.good(3)) == .passed)
            #expect(verdict(Self.good(2) + looks) == .pending(.livenessPending))
        }
    }

    @Test("a lit picture without the face refuses after four looks, and stays so")
    func absent() {
        #expect(finding(.of(nil)) == .absent)
        #expect(verdict(Self.nobody(3)) == .pending(.livenessPending))
        #expect(verdict(Self.nobody(4)) == .refused(.livenessFailed))
        #expect(verdict(Self.nobody(4) + Self.good(20)) == .refused(.livenessFailed))
    }

    @Test("one look that contradicts takes three that agree, two take six")
    func outweighs() {
        #expect(verdict(Self.nobody(1) + Self.good(3)) == .passed)
        #expect(verdict(Self.nobody(2) + Self.good(5)) == .pending(.livenessPending))
        #expect(verdict(Self.nobody(2) + Self.good(6)) == .passed)
    }

    @Test("the very same picture speaks once: a camera that hangs passes nobody")
    func repeated() {
        let same = InfraredLook.seen(.of(Synthetic.face(), number: 7))
        #expect(verdict(Array(repeating: same, count: 30)) == .pending(.livenessPending))
    }

    @Test(
        "a face must be where the colour camera sees it, and about as large",
        arguments: [
            (Synthetic.face(x: 200), InfraredFinding.agrees), (Synthetic.face(x: 290), .agrees),
            (Synthetic.face(x: 300), .elsewhere), (Synthetic.face(x: 100), .elsewhere),
            (Synthetic.face(y: 180), .elsewhere), (Synthetic.face(x: 235, y: 135, size: 130), .agrees),
            (Synthetic.face(x: 240, y: 140, size: 120), .elsewhere),
            (Synthetic.face(x: 130, y: 30, size: 340), .elsewhere),
        ])
    func places(face: FaceGeometry, expected: InfraredFinding) {
        #expect(finding(.of(face)) == expected)
    }

    @Test("a tolerance that is configured is the one that holds")
    func tolerance() {
        let look = InfraredLook.seen(.of(Synthetic.face(x: 300)))
        #expect(look.finding(beside: Self.place, InfraredSettings(offset: 0.2, scale: 1.6)) == .agrees)
        #expect(look.finding(beside: Self.place, InfraredSettings(offset: 0.01, scale: 1.6)) == .elsewhere)
    }

    @Test("beside somebody else the face that is meant is found")
    func bystander() {
        var sight = InfraredSight.of(Synthetic.face(x: 400, size: 230))
        sight.faces += InfraredSight.of(Synthetic.face()).faces
        #expect(finding(sight) == .agrees)
    }

    @Test(
        "a screen is darker than its surroundings, a blank print has no light and shade",
        arguments: [
            (120.0, 30.0, 60.0, InfraredFinding.agrees), (120, 30, 150, .agrees), (120, 30, 241, .dark),
            (20, 6, 100, .dark), (20, 6, 20, .unlit), (120, 11, 60, .flat), (120, 13, 60, .agrees),
        ] as [(Double, Double, Double?, InfraredFinding)])
    func light(mean: Double, deviation: Double, surroundings: Double?, expected: InfraredFinding) {
        let sight = InfraredSight.of(
            Synthetic.face(), mean: mean, deviation: deviation, surroundings: surroundings)
        #expect(finding(sight) == expected)
    }

    @Test("a face that fills the picture has nothing around it to be compared with")
    func closeUp() {
        #expect(finding(.of(Synthetic.face(), surroundings: nil)) == .agrees)
        #expect(finding(.of(Synthetic.face(), mean: 10, deviation: 5, surroundings: nil)) == .unlit)
    }

    @Test("two pictures are of one moment up to a tenth of a second apart, whichever came first")
    func skew() {
        let now = FrameClock().now
        #expect(InfraredLook.isOneMoment(now, now.advanced(by: .milliseconds(100))))
        #expect(InfraredLook.isOneMoment(now.advanced(by: .milliseconds(100)), now))
        #expect(!InfraredLook.isOneMoment(now, now.advanced(by: .milliseconds(101))))
        #expect(!InfraredLook.isOneMoment(now.advanced(by: .milliseconds(101)), now))
    }
}

@Suite("Authentication with an infrared camera")
struct InfraredAuthenticationTests {
    private func harness(_ policy: LivenessPolicy = .off) -> AuthenticationHarness {
        AuthenticationHarness(policy: policy) { $0.liveness.infrared = InfraredSettings() }
    }

    private func seen(_ number: Int) -> InfraredLook { .seen(.of(Synthetic.face(), number: number)) }

    @Test("whoever both cameras see is let in after as many frames as without")
    func agrees() {
        var harness = harness()
        let decisions = harness.feed(1, times: 3, infrared: seen)
        #expect(decisions.last == .completed(.authenticated))
    }

    @Test("it lets nobody in: a stranger whom both cameras see stays one")
    func strangers() {
        var harness = harness()
        let decisions = harness.feed(77, times: 10, infrared: seen)
        #expect(decisions.contains(.failed(.notRecognized)) && harness.machine.success == nil)
    }

    @Test("it does not stand in for the passive nets")
    func besidePassive() {
        var harness = harness(.passive)
        for number in 0..<10 {
            _ = harness.feed(.of(1, variation: number, logit: -3), infrared: seen(number))
        }
        #expect(harness.machine.success == nil && harness.machine.liveness.isDoubtful)
    }

    @Test(
        "a picture that only the colour camera sees ends like any other failure, known face or not", arguments: [1, 77])
    func contradicted(person: Int) {
        var harness = harness()
        let decisions = harness.feed(person, times: 4) { .seen(.of(nil, number: $0)) }
        #expect(decisions.dropLast().allSatisfy { $0 == .pending(.livenessPending, accepted: true) })
        #expect(decisions.last == .failed(.notRecognized))
        #expect(harness.machine.cause(.notRecognized) == .livenessFailed)
    }

    @Test("an infrared camera that shows nothing lets nobody in, and says so whoever it was", arguments: [1, 77])
    func blind(person: Int) {
        var harness = harness()
        let decisions = harness.feed(person, times: 10) { _ in .missing }
        #expect(decisions.first == .pending(.infraredMissing, accepted: true))
        #expect(decisions.last == .failed(.infraredMissing) && harness.machine.success == nil)
        #expect(harness.machine.cause(.infraredMissing) == .livenessFailed)
    }

    @Test("frames between two pictures of a slow infrared camera are left out: they count neither for nor against")
    func slow() {
        var harness = harness()
        let decisions = harness.feed(1, times: 21) { $0.isMultiple(of: 10) ? seen($0) : nil }
        #expect(decisions.last == .completed(.authenticated))
        #expect(harness.machine.compared == 3)
        #expect(decisions[1] == .pending(.livenessPending, accepted: false))
    }

    @Test("what the infrared camera said of one person is not said of the next")
    func nextPerson() {
        var harness = AuthenticationHarness(.identification, claimed: nil) {
            $0.liveness.infrared = InfraredSettings()
        }
        _ = harness.feed(1, times: 2, infrared: seen)
        #expect(harness.feed(.of(2, variation: 50), infrared: seen(50)) == .pending(.personChanged, accepted: false))
        let decisions = harness.feed(2, times: 10) { _ in .missing }
        #expect(decisions.contains(.failed(.infraredMissing)) && harness.machine.success == nil)
    }
}
