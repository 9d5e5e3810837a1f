import EdgeCore

/// Decides an enrollment: which frames become samples, and when there is enough of everything.
///
/// It reads no clock and touches nothing: facts in, decision out.
struct EnrollmentMachine: Sendable {
    /// What an enrollment asks for.
    struct Settings: Sendable {
        var targetSamples = 3
        /// Between two samples; zero for uploads.
        var sampleSpacing: Duration = .zero
        /// Cosine at and above which two frames show one person.
        var samePersonThreshold: Double
        var liveness: LivenessSettings
        /// Opinions after which a mean below the threshold is a decision.
        var livenessPatience = 8
        var duplicatePolicy: DuplicatePolicy = .refuse
        /// Whether the aligned face of each sample is kept beside its template.
        var keepsCrops = false
    }

    /// One accepted sample.
    struct Sample: Sendable {
        var template: FaceTemplate
        var quality: Double
        var crop: FaceCrop?
    }

    let settings: Settings
    private(set) var samples: [Sample] = []
    private(set) var tally = FrameTally()
    private(set) var liveness: LivenessJudge
    /// The face was found among other people, and the policy let it pass.
    private(set) var hasDuplicate = false
    private(set) var isDecided = false
    private var person = RunningTemplate()
    private var lastSampleAt: FrameClock.Instant?

    init(settings: Settings, challenge: LivenessChallenge) {
        self.settings = settings
        liveness = LivenessJudge(
            settings: settings.liveness, challenge: challenge, samePersonThreshold: settings.samePersonThreshold)
    }

    /// What the next frame has to be analysed for.
    var nextPlan: AnalysisPlan {
        AnalysisPlan(
            demand: .enrollment, wantsMesh: true, wantsLiveness: liveness.wantsPassive, wantsTemplate: true,
            deadline: nil, followsMovement: liveness.excusesMovement, wantsCrop: settings.keepsCrops)
    }

    /// Takes one frame; `isSomebodyElse` looks a template up among the tenant's other people.
    mutating func apply(_ facts: FrameFacts, isSomebodyElse: (FaceTemplate) -> Bool) -> FrameDecision {
        guard !isDecided else { return .failed(.cancelled) }
        let isRepeated = tally.isRepeated(facts.evidence)
        if !isRepeated { liveness.watch(facts) }
        if let obstacle = facts.evidence.obstacle { return .pending(excused(obstacle), accepted: false) }
        guard let probe = facts.evidence.probe else { return .pending(.livenessPending, accepted: false) }
        if let similarity = person.similarity(to: probe), similarity < settings.samePersonThreshold {
            return .pending(.personChanged, accepted: false)
        }
        guard person.mean == nil || person.similarity(to: probe) != nil else {
            return .pending(.personChanged, accepted: false)
        }
        guard !isRepeated else { return .pending(.frameRepeated, accepted: false) }
        liveness.addOpinion(of: facts)
        if isRefusedAsDead { return end(.failed(.livenessFailed)) }
        let taken = takeSample(probe, facts)
        guard samples.count >= settings.targetSamples else { return taken }
        if case .pending(let reason) = liveness.verdict {
            return .pending(reason, accepted: taken.accepted)
        }
        return complete(isSomebodyElse)
    }

    /// The mean of all samples.
    var fused: FaceTemplate? { person.mean }

    private func excused(_ obstacle: Reason) -> Reason {
        guard liveness.excusesMovement, obstacle == .eyesClosed || obstacle == .faceTurned else { return obstacle }
        return .livenessChallenge
    }

    private var isRefusedAsDead: Bool {
        if liveness.verdict == .clearlyBad || liveness.verdict == .contradicted { return true }
        guard liveness.opinions >= settings.livenessPatience, let mean = liveness.mean else { return false }
        return mean < settings.liveness.threshold
    }

    private mutating func takeSample(_ probe: FaceTemplate, _ facts: FrameFacts) -> FrameDecision {
        guard samples.count < settings.targetSamples else { return .pending(.livenessPending, accepted: false) }
        if let lastSampleAt, lastSampleAt.duration(to: facts.instant) < settings.sampleSpacing {
            return .pending(.frameTooSoon, accepted: false)
        }
        samples.append(Sample(template: probe, quality: facts.evidence.quality, crop: facts.evidence.crop))
        person.add(probe)
        tally.use(facts.evidence)
        lastSampleAt = facts.instant
        return .pending(.frameAccepted, accepted: true)
    }

    private mutating func complete(_ isSomebodyElse: (FaceTemplate) -> Bool) -> FrameDecision {
        if settings.duplicatePolicy != .allow, let fused, isSomebodyElse(fused) {
            guard settings.duplicatePolicy == .warn else { return end(.failed(.duplicatePerson)) }
            hasDuplicate = true
        }
        return end(.completed(.enrollmentCompleted))
    }

    private mutating func end(_ decision: FrameDecision) -> FrameDecision {
        isDecided = true
        return decision
    }
}
