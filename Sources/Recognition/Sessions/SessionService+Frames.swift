public import EdgeCore
import FoundationEssentials

/// The way of a frame through a session.
extension SessionService {
    /// Analyses one uploaded picture and moves the session on; the outcome is on disk before this returns.
    public func submit(
        _ picture: [UInt8], to lookup: SessionLookup, of client: ClientID
    ) async throws(EdgeError) -> FrameAnswer {
        let id = try await openID(lookup, of: client)
        guard live[id]?.snapshot.frameSource == .upload else { throw EdgeError(.sessionSourceMismatch) }
        let image = try decoder.inspect(picture)
        let received = clock.instant
        activity.note(received)
        defer { activity.note(clock.instant) }
        if try await isLocked(id) { return try await endLocked(id) }
        guard var session = live[id] else { throw EdgeError(.sessionClosed) }
        let frame = Frame(image: image, capturedAt: received, sequence: session.nextSequence, origin: .upload)
        session.nextSequence += 1
        live[id] = session
        let evidence = try await analyze(frame, plan: session.machine.nextPlan, for: id)
        return try await take(FrameFacts(evidence: evidence, instant: received), for: id)
    }

    private func analyze(
        _ frame: Frame, plan: AnalysisPlan, for id: SessionID
    ) async throws(EdgeError) -> FrameEvidence {
        try uploads.enter(id)
        defer { uploads.leave(id) }
        return try await analyzer.analyze(frame, plan: plan)
    }

    /// Brings one frame's evidence to one session.
    func take(_ facts: FrameFacts, for id: SessionID) async throws(EdgeError) -> FrameAnswer {
        await expireIfDue(id)
        guard let session = live[id] else { throw EdgeError(.sessionClosed) }
        let comparison = await Self.compare(facts.evidence, gallery(of: session))
        let now = clock.wall
        return try await settle(id) { session in
            let gallery = self.gallery(of: session)
            let decision = session.machine.apply(facts, comparison: comparison, gallery: gallery)
            if facts.evidence.faceCount > 0, session.snapshot.firstFaceAt == nil { session.snapshot.firstFaceAt = now }
            session.follow(decision, at: now)
            return session.answer(to: facts, decision)
        }
    }

    /// The gallery as this session may ask it now.
    func gallery(of session: LiveSession) -> SessionGallery {
        SessionGallery(
            gallery: board.snapshot(of: session.snapshot.client), thresholds: thresholds,
            configuration: configuration, kind: session.snapshot.kind,
            externalUserID: session.snapshot.externalUserID, decoy: session.decoy,
            enrolling: enrolling.values.filter { $0.client == session.snapshot.client })
    }

    /// Away from the actor: a search of a large gallery must not hold up other sessions.
    private static func compare(
        _ evidence: FrameEvidence, _ gallery: SessionGallery
    ) async -> AuthenticationMachine.Comparison? {
        evidence.probe.flatMap(gallery.compare)
    }
}

extension LiveSession {
    /// The session after a decision of its machine.
    mutating func follow(_ decision: FrameDecision, at now: Date) {
        switch decision {
        case .pending(let reason, _):
            snapshot.state = .processing
            snapshot.reason = reason
        case .completed(let reason): snapshot.close(.completed, reason, at: now)
        case .failed(let reason): snapshot.close(.failed, reason, at: now)
        }
        machine.describe(in: &snapshot)
    }

    /// What the caller is told about one frame.
    func answer(to facts: FrameFacts, _ decision: FrameDecision) -> FrameAnswer {
        let evidence = facts.evidence
        var answer = FrameAnswer(
            session: snapshot, accepted: decision.accepted, reason: decision.reason, measures: evidence.measures,
            qualityScore: evidence.face == nil ? nil : evidence.quality,
            livenessScore: machine.showsLiveness
                ? evidence.livenessLogit.map { LivenessJudge.probability(Double($0)) } : nil,
            face: evidence.face, frameSize: (evidence.frameWidth, evidence.frameHeight))
        answer.eyeAspectRatio = evidence.eyeAspectRatio.map(Double.init)
        answer.mesh = evidence.mesh
        return answer
    }
}
