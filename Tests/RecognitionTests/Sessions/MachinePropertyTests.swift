import EdgeCore
import Testing

@testable import Recognition

/// Random sequences of frames, the same for the same seed.
@Suite("Session machines under random frames")
struct MachinePropertyTests {
    /// Somebody stands there, mostly behaves, and is now and then relieved by somebody else.
    private struct Scene {
        var random: SeededGenerator
        var person = 1

        mutating func next() -> FrameEvidence {
            if Int.random(in: 0..<20, using: &random) == 0 { person = 3 - person }
            let logit: Float? =
                Int.random(in: 0..<4, using: &random) == 0 ? nil : Float.random(in: -5...6, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0: return .nobody
            case 1: return .of(person, faces: 2)
            case 2: return .of(person, refusal: .imageBlurred)
            case 3, 4: return .of(person, refusal: .faceTurned, yaw: Float.random(in: -40...40, using: &random))
            case 5, 6: return .of(person, refusal: .eyesClosed, eyes: 0.08)
            default: return .of(person, variation: Int.random(in: 0..<1000, using: &random), logit: logit)
            }
        }
    }

    @Test(
        "an authentication succeeds only on hits and life, never for another person, never after its end",
        arguments: LivenessPolicy.allCases, [SessionKind.verification, .identification])
    func authentication(policy: LivenessPolicy, kind: SessionKind) {
        var successes = 0
        for seed in 0..<60 {
            var scene = Scene(random: SeededGenerator(seed: UInt64(seed)))
            let claimed = kind == .verification ? ["user-1", "user-2", "nobody"][seed % 3] : nil
            var harness = AuthenticationHarness(
                kind, claimed: claimed, policy: policy, challenge: LivenessChallenge.allCases[seed % 3])
            // What a success must rest on, counted apart from the machine: frames since the last change of person.
            var usable: [FrameEvidence] = []
            var isOver = false
            for _ in 0..<80 {
                let next = scene.next()
                let decision = harness.feed(next)
                if isOver { #expect(decision == .failed(.cancelled), "nothing counts after the end") }
                guard !isOver else { continue }
                if decision.reason == .personChanged { usable = [] } else if next.probe != nil { usable.append(next) }
                if case .pending = decision { #expect(harness.machine.success == nil) } else { isOver = true }
                if case .completed = decision {
                    successes += 1
                    check(harness, usable, policy, claimed)
                }
            }
            #expect(isOver, "sixty frames decide every session")
        }
        #expect(successes > 0, "a property of successes that never come is none")
    }

    private func check(
        _ harness: AuthenticationHarness, _ usable: [FrameEvidence], _ policy: LivenessPolicy, _ claimed: String?
    ) {
        let name = harness.machine.success?.person.externalID
        let hits = usable.compactMap(\.probe).compactMap(harness.gallery.compare).count { comparison in
            guard let match = comparison.match, match.person?.externalID == name else { return false }
            return match.score >= comparison.threshold
        }
        #expect(hits >= 3)
        #expect(claimed == nil || name == claimed)
        #expect(harness.machine.liveness.isVerified == (policy != .off))
        #expect(harness.machine.liveness.challenge == nil)
        guard policy.needsPassive else { return }
        let logits = usable.compactMap(\.livenessLogit).map(Double.init)
        #expect(logits.count >= 5)
        // The nets are asked until the mean suffices: some first part of the opinions must have had it.
        let means = logits.indices.dropFirst(4).map { logits[...$0].reduce(0, +) / Double($0 + 1) }
        #expect(means.contains { $0 >= -1.5 })
    }

    @Test(
        "an enrollment never mixes people and completes only with all samples and life",
        arguments: LivenessPolicy.allCases)
    func enrollment(policy: LivenessPolicy) {
        var successes = 0
        for seed in 0..<60 {
            var scene = Scene(random: SeededGenerator(seed: UInt64(seed) + 1000))
            let samples = 1 + seed % 5
            var harness = EnrollmentHarness(
                policy: policy, samples: samples, spacing: .milliseconds(300),
                challenge: LivenessChallenge.allCases[seed % 3])
            var isOver = false
            for _ in 0..<120 {
                let gap = Duration.milliseconds(Int.random(in: 10...400, using: &scene.random))
                let before = harness.machine.samples.count
                let decision = harness.feed(scene.next(), after: gap)
                if isOver { #expect(decision == .failed(.cancelled)) }
                guard !isOver else { continue }
                if case .pending(_, let accepted) = decision {
                    #expect(harness.machine.samples.count == before + (accepted ? 1 : 0))
                } else {
                    isOver = true
                }
                if case .completed = decision {
                    successes += 1
                    #expect(harness.machine.samples.count == samples)
                    #expect(harness.machine.liveness.isVerified == (policy != .off))
                }
            }
            for pair in zip(harness.machine.samples, harness.machine.samples.dropFirst()) {
                let cosine = TemplateMath.cosine(pair.0.template, pair.1.template)
                #expect((cosine ?? -1) > 0.5, "all samples show one person")
            }
        }
        #expect(successes > 0, "a property of successes that never come is none")
    }
}
