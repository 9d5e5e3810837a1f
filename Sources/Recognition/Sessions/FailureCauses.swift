import EdgeCore

extension LiveSession {
    /// Why the session ended without success, for the tenant's own records; `nil` where it did not, and where
    /// nobody came.
    var cause: FailureCause? {
        switch snapshot.state {
        case .pending, .active, .processing, .completed, .cancelled: return nil
        case .failed: break
        case .expired: guard machine.tally.seen > 0 else { return nil }
        }
        if isLockedOut { return .lockedOut }
        switch machine {
        case .enrollment(let machine): return machine.cause(snapshot.reason)
        case .authentication(let machine): return machine.cause(snapshot.reason)
        }
    }
}

extension EnrollmentMachine {
    func cause(_ reason: Reason?) -> FailureCause {
        if reason == .duplicatePerson { return .duplicate }
        if liveness.verdict == .clearlyBad { return .spoofing }
        if reason == .livenessFailed || liveness.isBlind { return .livenessFailed }
        return samples.isEmpty ? tally.census.mainObstacle ?? .timeout : .timeout
    }
}

extension AuthenticationMachine {
    func cause(_ reason: Reason?) -> FailureCause {
        if liveness.verdict == .clearlyBad { return .spoofing }
        if liveness.verdict == .contradicted { return .livenessFailed }
        let isOutOfTime = ranOutOfTime || reason == .expired
        guard tally.used >= settings.minFrames else {
            return tally.census.mainObstacle ?? (isOutOfTime ? .timeout : .noMatch)
        }
        if liveness.isDoubtful || liveness.isBlind { return .livenessFailed }
        if liveness.challenge != nil { return unansweredCause(reason) }
        switch liveness.verdict {
        case .satisfied: return reason == .expired ? .timeout : .noMatch
        case .pending, .clearlyBad, .contradicted: return isOutOfTime ? .timeout : .noMatch
        }
    }

    /// Before the challenge is answered a session is decided by its frames, its time, or another person's coming.
    private func unansweredCause(_ reason: Reason?) -> FailureCause {
        if reason == .expired { return .timeout }
        return ranOutOfTime || reason == .frameLimit ? .livenessFailed : .noMatch
    }
}

extension FrameCensus {
    /// Counts why a frame gave no probe.
    mutating func note(obstacle: Reason?) {
        switch obstacle {
        case nil: break
        case .faceNone: noFace += 1
        case .faceMultiple: multipleFaces += 1
        case .faceOccluded: occluded += 1
        case .imageBlurred: blurred += 1
        case .imageDark: dark += 1
        case .imageBright: bright += 1
        case .some: otherwiseRefused += 1
        }
    }

    /// Counts a frame that was used, and sums up its measures.
    mutating func note(used evidence: FrameEvidence) {
        guard evidence.quality.isFinite else { return }
        quality += evidence.quality
        switch evidence.quality {
        case ..<0.4: lowQuality += 1
        case ..<0.7: mediumQuality += 1
        default: highQuality += 1
        }
        if let face = evidence.face, face.width.isFinite { faceWidth += Double(face.width) }
        guard let sharp = evidence.score(of: .sharpness), let range = evidence.score(of: .dynamicRange) else { return }
        measured += 1
        sharpness += sharp
        contrast += range
    }
}

extension FrameEvidence {
    fileprivate func score(of name: QualityMeasure.Name) -> Double? {
        measures.first { $0.name == name }.flatMap { $0.score.isFinite ? $0.score : nil }
    }
}
