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
    /// What the infrared camera must agree on; `nil` where it has no say.
    var infrared: InfraredSettings?
}

/// Gathers the evidence of life of one session and one person.
struct LivenessJudge: Sendable {
    /// How the evidence stands.
    enum Verdict: Equatable {
        case satisfied
        case pending(Reason)
        /// The passive mean is beyond doubt.
        case clearlyBad
        /// The infrared camera does not see what the colour camera sees.
        case contradicted
    }

    private let settings: LivenessSettings
    private let drawn: LivenessChallenge
    private var sum = 0.0
    /// Frames on which the passive nets had an opinion.
    private(set) var opinions = 0
    private var challengeMachine: ChallengeMachine?
    private(set) var infrared: InfraredJudge?

    init(settings: LivenessSettings, challenge: LivenessChallenge, samePersonThreshold: Double) {
        self.settings = settings
        drawn = challenge
        infrared = settings.infrared.map(InfraredJudge.init)
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
    /// Whether the infrared camera still has something to say.
    var wantsInfrared: Bool {
        switch infrared?.verdict {
        case .pending: true
        case .passed, .refused, nil: false
        }
    }
    /// The infrared camera was asked, and nothing was ever to be seen in it.
    var isBlind: Bool { infrared?.isBlind ?? false }
    /// The head and the eyes are being moved on request: a turned face or closed eyes are then no fault.
    var excusesMovement: Bool { challenge != nil }

    var verdict: Verdict {
        if settings.policy.needsPassive, opinions >= settings.minOpinions, let mean, mean < settings.clearlyBad {
            return .clearlyBad
        }
        if case .refused = infrared?.verdict { return .contradicted }
        if challenge != nil { return .pending(.livenessChallenge) }
        if isBlind { return .pending(.infraredMissing) }
        return wantsPassive || wantsInfrared ? .pending(.livenessPending) : .satisfied
    }

    /// The logit as a share, 0…1.
    static func probability(_ logit: Double) -> Double { 1 / (1 + exp(-logit)) }

    /// A frame of whatever kind: the challenge is watched on every one.
    mutating func watch(_ facts: FrameFacts) { challengeMachine?.apply(facts.evidence, at: facts.instant) }

    /// A frame that passed the gate and shows the session's person.
    mutating func addOpinion(of facts: FrameFacts) {
        if let look = facts.infrared, let place = facts.evidence.place { infrared?.apply(look, beside: place) }
        guard wantsPassive, let logit = facts.evidence.livenessLogit, logit.isFinite else { return }
        sum += Double(logit)
        opinions += 1
    }

    /// Starts again: what was seen belonged to somebody else.
    mutating func reset() {
        sum = 0
        opinions = 0
        challengeMachine?.reset()
        infrared = settings.infrared.map(InfraredJudge.init)
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
