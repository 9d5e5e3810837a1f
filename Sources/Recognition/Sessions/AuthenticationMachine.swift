import EdgeCore

/// Decides an authentication, 1:1 or 1:N, from the evidence of several frames.
///
/// It reads no clock and touches nothing. Until the decision nothing that it shows depends on how well a frame matched,
/// so that nobody can climb towards a stranger's face.
struct AuthenticationMachine: Sendable {
    /// What an authentication asks for.
    struct Settings: Sendable {
        var minFrames = 3
        var maxUsableFrames = 10
        /// Frames that count towards `maxFrames` need a face for cameras, which may wait for somebody to come.
        var countsOnlyFaces = false
        var maxFrames = 60
        /// From the first face to the decision; `nil` for uploads.
        var decisionTimeout: Duration?
        /// How far the best person must stand above the next one; 0 for 1:1.
        var margin = 0.0
        var samePersonThreshold: Double
        /// One session is one person's attempt: 1:1, where attempts are counted.
        var endsWithPerson = false
        var liveness: LivenessSettings
    }

    /// How a probe compares now, and from which cosine on that counts.
    struct Comparison: Sendable {
        var match: ProbeMatch?
        var threshold: Double
    }

    /// The person found, after success.
    struct Success: Sendable, Equatable {
        var person: MatchedPerson
        var similarity: Double
    }

    let settings: Settings
    private(set) var tally = FrameTally()
    private(set) var liveness: LivenessJudge
    private(set) var success: Success?
    private(set) var isDecided = false
    /// The decision was due before the evidence sufficed for one.
    private(set) var ranOutOfTime = false
    /// Frames compared since the session began, whoever they showed.
    private(set) var compared = 0
    private var person = RunningTemplate()
    private var candidate: MatchedPerson?
    private var hits = 0
    private var countedFrames = 0
    private var firstFaceAt: FrameClock.Instant?

    init(settings: Settings, challenge: LivenessChallenge) {
        self.settings = settings
        liveness = LivenessJudge(
            settings: settings.liveness, challenge: challenge, samePersonThreshold: settings.samePersonThreshold)
    }

    /// What the next frame has to be analysed for.
    var nextPlan: AnalysisPlan {
        AnalysisPlan(
            demand: .authentication, wantsMesh: true, wantsLiveness: liveness.wantsPassive, wantsTemplate: true,
            deadline: nil, followsMovement: liveness.excusesMovement)
    }

    /// Whether an end without success counts as a failed attempt: enough was compared to have guessed.
    var isMiss: Bool { success == nil && compared >= settings.minFrames }

    /// Takes one frame; `comparison` is this frame's own, `compare` is asked for the mean of all frames.
    mutating func apply(
        _ facts: FrameFacts, comparison: Comparison?, compare: (FaceTemplate) -> Comparison?
    ) -> FrameDecision {
        guard !isDecided else { return .failed(.cancelled) }
        let pending = observe(facts, comparison)
        guard !isDecided else { return pending }
        if let decided = decide(compare) { return decided }
        if let overdue = decideOverdue(at: facts.instant) { return overdue }
        guard countedFrames < settings.maxFrames else { return end(.failed(.frameLimit)) }
        return pending
    }

    /// The decision that is due when no frame comes; `nil` while there is time.
    mutating func decideOverdue(at instant: FrameClock.Instant) -> FrameDecision? {
        guard !isDecided, let timeout = settings.decisionTimeout, let firstFaceAt,
            firstFaceAt.duration(to: instant) >= timeout
        else { return nil }
        ranOutOfTime = true
        return end(.failed(failure))
    }

    private mutating func observe(_ facts: FrameFacts, _ comparison: Comparison?) -> FrameDecision {
        let evidence = facts.evidence
        if evidence.faceCount > 0 || !settings.countsOnlyFaces { countedFrames += 1 }
        if evidence.faceCount > 0, firstFaceAt == nil { firstFaceAt = facts.instant }
        let isRepeated = tally.isRepeated(evidence)
        if !isRepeated { liveness.watch(facts) }
        if let obstacle = evidence.obstacle { return .pending(excused(obstacle), accepted: false) }
        guard let probe = evidence.probe else { return .pending(waiting, accepted: false) }
        if person.mean != nil, (person.similarity(to: probe) ?? -1) < settings.samePersonThreshold {
            // Enough was compared to have guessed: the next face needs a session of its own, which counts as one.
            if settings.endsWithPerson, tally.used >= settings.minFrames { return end(.failed(.notRecognized)) }
            startAgain()
            return .pending(.personChanged, accepted: false)
        }
        // Last of all refusals: whoever sees nobody hears so, however often the empty picture comes.
        guard !isRepeated else { return .pending(.frameRepeated, accepted: false) }
        // A slow infrared camera shall not use up the frames: those between two of its pictures are left out.
        guard facts.infrared != nil || !liveness.wantsInfrared else { return .pending(waiting, accepted: false) }
        person.add(probe)
        tally.use(evidence)
        compared += 1
        liveness.addOpinion(of: facts)
        count(comparison)
        return .pending(waiting, accepted: true)
    }

    private mutating func count(_ comparison: Comparison?) {
        guard let found = hit(comparison) else { return }
        if candidate?.id != found.person.id { hits = 0 }
        candidate = found.person
        hits += 1
    }

    private func hit(_ comparison: Comparison?) -> Success? {
        guard let comparison, let match = comparison.match, let person = match.person,
            match.score >= comparison.threshold
        else { return nil }
        if let runnerUp = match.runnerUp, match.score - runnerUp < settings.margin { return nil }
        return Success(person: person, similarity: match.score)
    }

    private mutating func decide(_ compare: (FaceTemplate) -> Comparison?) -> FrameDecision? {
        // Nothing is decided before the challenge is answered: an early end would tell a stranger from a known face.
        guard liveness.challenge == nil else { return nil }
        let verdict = liveness.verdict
        if verdict == .clearlyBad || verdict == .contradicted { return end(.failed(.notRecognized)) }
        if hits >= settings.minFrames, verdict == .satisfied, let fused = person.mean,
            let found = hit(compare(fused)), found.person.id == candidate?.id
        {
            success = found
            return end(.completed(.authenticated))
        }
        // Early only for the living: a picture of a known face must not get more frames than one of a stranger.
        let isStranger = hits == 0 && verdict == .satisfied && tally.used >= settings.minFrames + 2
        guard isStranger || tally.used >= settings.maxUsableFrames else { return nil }
        return end(.failed(failure))
    }

    /// What a decision against says: nothing of the match, only whether the device itself could not see.
    private var failure: Reason { liveness.isBlind ? .infraredMissing : .notRecognized }

    /// What the session waits for; the same whether or not the frames matched.
    private var waiting: Reason {
        switch liveness.verdict {
        case .pending(let reason): reason
        case .satisfied: .matchPending
        // Not before its time: what is clear already is not told while the challenge is open.
        case .clearlyBad, .contradicted: liveness.challenge == nil ? .livenessPending : .livenessChallenge
        }
    }

    private func excused(_ obstacle: Reason) -> Reason {
        guard liveness.excusesMovement, obstacle == .eyesClosed || obstacle == .faceTurned else { return obstacle }
        return .livenessChallenge
    }

    private mutating func startAgain() {
        person = RunningTemplate()
        candidate = nil
        hits = 0
        tally.resetUsed()
        liveness.reset()
    }

    private mutating func end(_ decision: FrameDecision) -> FrameDecision {
        isDecided = true
        return decision
    }
}
