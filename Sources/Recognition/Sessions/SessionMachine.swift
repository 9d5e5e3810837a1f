import EdgeCore

/// The machine of one session, whichever kind it is.
enum SessionMachine: Sendable {
    case enrollment(EnrollmentMachine)
    case authentication(AuthenticationMachine)

    var nextPlan: AnalysisPlan {
        switch self {
        case .enrollment(let machine): machine.nextPlan
        case .authentication(let machine): machine.nextPlan
        }
    }
    var tally: FrameTally {
        switch self {
        case .enrollment(let machine): machine.tally
        case .authentication(let machine): machine.tally
        }
    }
    var liveness: LivenessJudge {
        switch self {
        case .enrollment(let machine): machine.liveness
        case .authentication(let machine): machine.liveness
        }
    }
    /// Whether an end without success counts as a failed attempt.
    var isMiss: Bool {
        switch self {
        case .enrollment: false
        case .authentication(let machine): machine.isMiss
        }
    }

    /// Whether the passive scores may be seen: in an authentication they would tell an attack from a wrong face, and how
    /// to make a better one.
    var showsLiveness: Bool {
        switch self {
        case .enrollment: true
        case .authentication(let machine): machine.success != nil
        }
    }

    /// Takes one frame; `comparison` is what the gallery said about it already.
    mutating func apply(
        _ facts: FrameFacts, comparison: AuthenticationMachine.Comparison?, gallery: SessionGallery
    ) -> FrameDecision {
        switch self {
        case .enrollment(var machine):
            let decision = machine.apply(facts, isSomebodyElse: gallery.isSomebodyElse)
            self = .enrollment(machine)
            return decision
        case .authentication(var machine):
            let decision = machine.apply(facts, comparison: comparison, compare: gallery.compare)
            self = .authentication(machine)
            return decision
        }
    }

    /// The decision that is due when no frame comes.
    mutating func decideOverdue(at instant: FrameClock.Instant) -> FrameDecision? {
        guard case .authentication(var machine) = self else { return nil }
        let decision = machine.decideOverdue(at: instant)
        self = .authentication(machine)
        return decision
    }

    /// Writes what the session may show of its evidence.
    func describe(in snapshot: inout SessionSnapshot) {
        snapshot.framesProcessed = tally.seen
        snapshot.acceptedFrames = tally.used
        snapshot.qualityScore = tally.quality
        snapshot.livenessScore = showsLiveness ? liveness.score : nil
        snapshot.livenessVerified = showsLiveness && liveness.isVerified
        snapshot.challenge = snapshot.state.isOpen ? liveness.challenge : nil
        snapshot.blinks = liveness.blinks
        snapshot.headTurns = liveness.headTurns
        guard case .authentication(let machine) = self else { return }
        snapshot.decisionWindow = machine.settings.decisionTimeout
        snapshot.ranOutOfTime = machine.ranOutOfTime
        if let success = machine.success {
            snapshot.matchedPerson = success.person
            snapshot.similarityScore = success.similarity
        }
    }
}

/// The gallery as one session may ask it: its tenant's, and for its own purpose.
struct SessionGallery: Sendable {
    let gallery: GallerySnapshot
    let thresholds: ThresholdTable
    let configuration: SessionConfiguration
    let kind: SessionKind
    let externalUserID: String?
    /// Stands in for a claimed user whom nobody knows, so that the work is the same.
    let decoy: FaceTemplate
    /// Who is on the way to disk and so not in `gallery` yet.
    var enrolling: [GalleryRecord] = []

    /// Compares a probe as the session's kind asks.
    func compare(_ probe: FaceTemplate) -> AuthenticationMachine.Comparison? {
        switch kind {
        case .enrollment: nil
        case .verification: verification(probe)
        case .identification: .init(match: gallery.search(probe), threshold: identificationThreshold)
        }
    }

    /// Whether another person of the tenant has this face.
    func isSomebodyElse(_ probe: FaceTemplate) -> Bool {
        let threshold = identificationThreshold
        if let match = gallery.search(probe, skipping: externalUserID), match.score >= threshold { return true }
        let own = externalUserID.map(ExternalIDKey.init)
        return enrolling.contains { other in
            ExternalIDKey(other.person.externalID) != own
                && other.templates.contains { (TemplateMath.cosine($0, probe) ?? -1) >= threshold }
        }
    }

    private func verification(_ probe: FaceTemplate) -> AuthenticationMachine.Comparison {
        let claimed = externalUserID.flatMap { gallery.compare(probe, externalID: $0) }
        let match = claimed ?? ProbeMatch(person: nil, score: TemplateMath.cosine(decoy, probe) ?? -1, runnerUp: nil)
        return .init(match: match, threshold: thresholds.threshold(fmr: configuration.verificationFMR))
    }

    private var identificationThreshold: Double {
        thresholds.identificationThreshold(
            fmr: configuration.identificationFMR, people: gallery.count, total: configuration.galleryFMR)
    }
}
