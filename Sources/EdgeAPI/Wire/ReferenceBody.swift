import EdgeCore

/// What the reference's clients read in an answer to a frame beside the guide's members.
///
/// Measures that the device does not take are `null` or empty and never made up: there is no separate spoofing score, no
/// preview picture, and no detector of obstacles but the quality gate.
enum ReferenceBody {
    static func members(of answer: FrameAnswer) -> JSONObject {
        let session = answer.session
        var body: JSONObject = ["session_feedback": .string(answer.reason.message), "anti_spoofing_score": .null]
        let obstacles: JSONValue = answer.reason == .faceOccluded ? ["face_covering"] : []
        if session.kind == .enrollment {
            body.merge([
                "can_complete_enrollment": .bool(session.state == .completed), "preview_image": .null,
                "obstacles": obstacles, "attempted_frame": .integer(Int64(session.framesProcessed)),
            ])
        } else {
            body.merge(authentication(session))
        }
        if session.state.isOpen, !answer.accepted {
            body.merge(["obstacles_detected": obstacles, "obstacle_confidence": [:]])
        }
        return body
    }

    private static func authentication(_ session: SessionSnapshot) -> JSONObject {
        var body: JSONObject = [
            "min_frames_required": .integer(Int64(session.targetFrames)),
            "liveness_blinks": .integer(Int64(session.blinks ?? 0)),
            "liveness_motion_events": .integer(Int64(session.headTurns ?? 0)),
        ]
        guard !session.state.isOpen else {
            // How close a frame came is told after success only.
            body["similarity_score"] = .null
            return body
        }
        body.merge(["match_fallback_used": false, "session_token": .text(session.token?.rawValue)])
        if session.state == .completed, let similarity = session.similarityScore {
            body["authentication_metadata"] = [
                "algorithm_used": "session_based", "confidence_level": level(similarity),
                "liveness_method": session.livenessVerified ? "session" : .null,
            ]
        }
        return body
    }

    /// The reference's levels, for its own scale of similarity.
    private static func level(_ similarity: Double) -> JSONValue {
        similarity >= 0.8 ? "high" : similarity >= 0.6 ? "medium" : "low"
    }
}
