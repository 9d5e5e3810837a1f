import EdgeCore
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What counts as alive.
struct LivenessSettings: Sendable {
    var policy: LivenessPolicy
    /// The mean passive logit at and above which a face counts as live.
    var threshold: Double
    /// Opinions before the mean says anything.
    var minOpinions = 5
    /// The mean below which there is no doubt.
    var clearlyBad = -4.0
}

/// Gathers the evidence of life of one session and one person.
struct LivenessJudge: Sendable {
    /// How the evidence stands.
    enum Verdict: Equatable {
        case satisfied
        case pending(Reason)
        /// The passive mean is beyond doubt.
        case clearlyBad
    }

    private let settings: LivenessSettings
    private let drawn: LivenessChallenge
    private var sum = 0.0
    /// Frames on which the passive nets had an opinion.
    private(set) var opinions = 0
    private var challengeMachine: ChallengeMachine?

    init(settings: LivenessSettings, challenge: LivenessChallenge, samePersonThreshold: Double) {
        self.settings = settings
        drawn = challenge
        if settings.policy.needsActive {
            challengeMachine = ChallengeMachine(challenge: challenge, samePersonThreshold: samePersonThreshold)
        }
    }

    /// The challenge that still has to be answered.
    var challenge: LivenessChallenge? { challengeMachine.flatMap { $0.isSatisfied ? nil : drawn } }
    /// Blinks that answered the challenge; `nil` where none is asked for.
    var blinks: Int? { answers(to: [.blink]) }
    /// Turns of the head that answered the challenge; `nil` where none is asked for.
    var headTurns: Int? { answers(to: [.turnLeft, .turnRight]) }
    /// Mean passive logit; `nil` without an opinion.
    var mean: Double? { opinions > 0 ? sum / Double(opinions) : nil }
    /// Mean passive score 0…1.
    var score: Double? { mean.map(Self.probability) }
    /// Whether the policy's evidence is there; never under the policy `off`, which asks for none.
    var isVerified: Bool { settings.policy != .off && verdict == .satisfied }
    /// The passive nets have seen enough, and do not say that this is a live face.
    var isDoubtful: Bool {
        guard settings.policy.needsPassive, opinions >= settings.minOpinions, let mean else { return false }
        return mean < settings.threshold
    }
    /// Whether the passive nets still have something to say.
    var wantsPassive: Bool { settings.policy.needsPassive && !isPassiveSatisfied }
    /// The head and the eyes are being moved on request: a turned face or closed eyes are then no fault.
    var excusesMovement: Bool { challenge != nil }

    var verdict: Verdict {
        if settings.policy.needsPassive, opinions >= settings.minOpinions, let mean, mean < settings.clearlyBad {
            return .clearlyBad
        }
        if challenge != nil { return .pending(.livenessChallenge) }
        return wantsPassive ? .pending(.livenessPending) : .satisfied
    }

    /// The logit as a share, 0…1.
    static func probability(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

    /// A frame of whatever kind: the challenge is watched on every one.
    mutating func watch(_ facts: FrameFacts) { challengeMachine?.apply(facts.evidence, at: facts.instant) }

    /// A frame that passed the gate and shows the session's person.
    mutating func addOpinion(of evidence: FrameEvidence) {
        guard wantsPassive, let logit = evidence.livenessLogit, logit.isFinite else { return }
        sum += Double(logit)
        opinions += 1
    }

    /// Starts again: what was seen belonged to somebody else.
    mutating func reset() {
        sum = 0
        opinions = 0
        challengeMachine?.reset()
    }

    private func answers(to challenges: [LivenessChallenge]) -> Int? {
        guard let challengeMachine, challenges.contains(drawn) else { return nil }
        return challengeMachine.isSatisfied ? 1 : 0
    }

    private var isPassiveSatisfied: Bool {
        guard opinions >= settings.minOpinions, let mean else { return false }
        return mean >= settings.threshold
    }
}
