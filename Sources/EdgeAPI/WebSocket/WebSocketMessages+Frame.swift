import EdgeCore
import FoundationEssentials

/// The messages that answer one frame while the session is open.
extension WebSocketMessages {
    /// How a frame fared.
    private enum Standing {
        /// A face was seen that the session can go on with.
        case used
        /// There is something that the person should mend.
        case unusable
        /// Something covers the face: the reference has a message of its own for that.
        case obstructed
    }

    /// The answer to a frame.
    static func frame(_ answer: FrameAnswer, at now: Date) -> JSONObject {
        switch standing(of: answer) {
        case .used:
            answer.session.kind == .enrollment ? enrollment(answer) : authentication(answer, at: now)
        case .unusable: unusable(answer)
        case .obstructed: obstructed(answer)
        }
    }

    private static func standing(of answer: FrameAnswer) -> Standing {
        if answer.accepted { return .used }
        switch answer.reason {
        case .faceOccluded: return .obstructed
        case .frameAccepted, .frameTooSoon, .livenessPending, .livenessChallenge, .infraredMissing, .matchPending:
            return .used
        case .frameRepeated, .frameUndecodable, .faceNone, .faceMultiple, .faceTooSmall, .faceTooLarge, .faceCutOff,
            .faceTurned, .eyesClosed, .imageDark, .imageBright, .imageBlurred, .imageLowContrast, .personChanged,
            .livenessFailed, .enrollmentCompleted, .duplicatePerson, .authenticated, .notRecognized, .expired,
            .cancelled, .frameLimit:
            return .unusable
        }
    }

    private static func unusable(_ answer: FrameAnswer) -> JSONObject {
        var body: JSONObject = [
            "type": "frame_processed", "success": false, "error": .string(answer.reason.message),
        ]
        body.merge(counts(answer.session))
        body.merge(common(answer))
        return body
    }

    /// What covers the face is not told apart here: one word stands for the reference's mask, hat and hand.
    private static func obstructed(_ answer: FrameAnswer) -> JSONObject {
        var body: JSONObject = [
            "type": "frame_rejected", "success": false, "error": .string(answer.reason.message),
            "obstacles": ["face_covered"], "obstacle_confidence": [:],
        ]
        body.merge(counts(answer.session))
        body.merge(common(answer))
        return body
    }

    private static func enrollment(_ answer: FrameAnswer) -> JSONObject {
        let session = answer.session
        var body: JSONObject = ["type": "frame_processed", "success": true]
        body.merge(counts(session))
        body.merge(liveness(session))
        body.merge(movements(session))
        body.merge(quality(answer))
        body.merge(["frame_similarity": .null, "current_avg_similarity": .null, "similarity_samples": 0])
        body.merge(common(answer))
        let parts = [
            "Samples: \(session.acceptedFrames)/\(session.targetFrames)", answer.reason.message,
            session.challenge?.instruction,
        ]
        body["message"] = .string(parts.compactMap { $0 }.joined(separator: " | "))
        return body
    }

    /// Until the decision nothing in it depends on how well the face matched or how live it looks, as over HTTP.
    private static func authentication(_ answer: FrameAnswer, at now: Date) -> JSONObject {
        let session = answer.session
        var body: JSONObject = ["type": "frame_processed", "success": true]
        body.merge(counts(session))
        body.merge(liveness(session))
        body["is_live"] = .bool(session.livenessVerified)
        body.merge(movements(session))
        body.merge(quality(answer))
        body.merge([
            "elapsed_time": .rounded(elapsed(session, at: now), places: 3),
            "timeout": .rounded(timeout(of: session), places: 3),
        ])
        body.merge(common(answer))
        return body
    }

    static func liveness(_ session: SessionSnapshot) -> JSONObject {
        [
            "liveness_verified": .bool(session.livenessVerified),
            "liveness_score": .rounded(session.livenessScore, places: 4),
        ]
    }

    private static func quality(_ answer: FrameAnswer) -> JSONObject {
        [
            "no_obstacles": .bool(answer.reason != .faceOccluded), "obstacles": [],
            "quality_score": .rounded(answer.qualityScore, places: 4), "quality_threshold": .null,
        ]
    }

    /// What every answer to a frame ends with.
    private static func common(_ answer: FrameAnswer) -> JSONObject {
        var body: JSONObject = [
            "frame_accepted": .bool(answer.accepted),
            "reason": .string(answer.reason.rawValue),
            "message": .string(answer.reason.message),
            "session_status": .string(answer.session.state.rawValue),
            "visual_data": visualData(answer),
        ]
        body.merge(challenge(answer.session))
        return body
    }
}
