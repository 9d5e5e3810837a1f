import EdgeCore
import FoundationEssentials

/// The messages of the WebSocket to its client, under the reference's names.
///
/// A member whose measure does not exist here is `null`, never a made-up number: `quality_threshold` (the gate has a limit
/// for each measure, none for the whole), `frame_similarity`, `current_avg_similarity` and `similarity_with_old_photo`
/// (no old photo is kept), and what counts blinks or movements in a session that asks for none. `encrypted_data` is `null`
/// for good: the reference encrypts without authentication under the API key. Our own members stand beside.
enum WebSocketMessages {
    static let pong: JSONObject = ["type": "pong"]

    /// The first message; after a disconnect it says how far the session has come.
    static func established(_ session: SessionSnapshot, token: SessionToken, at now: Date) -> JSONObject {
        var body: JSONObject = [
            "type": "connection_established",
            "session_token": .string(token.rawValue),
            "session_id": .string(session.id.description),
            "session_type": .string(session.kind.rawValue),
            "status": .string(session.state.rawValue),
            "timeout": .rounded(timeout(of: session), places: 3),
            "elapsed_time": .rounded(elapsed(session, at: now), places: 3),
            "expires_at": .date(session.expiresAt),
            "frame_source": .string(session.frameSource.rawValue),
            "message": .string(greeting(session)),
        ]
        body.merge(counts(session))
        body.merge(movements(session))
        body["liveness_verified"] = .bool(session.livenessVerified)
        body.merge(challenge(session))
        return body
    }

    /// Something went wrong that does not end the connection, unless a close follows.
    static func error(_ text: String, code: UInt16 = 4000) -> JSONObject {
        ["type": "error", "error": .string(text), "code": .integer(Int64(code))]
    }

    /// The same for a failure of ours, with its stable code.
    static func error(_ error: EdgeError) -> JSONObject {
        let isPicture = [ErrorCode.imageCorrupt, .imageUnsupported, .imageEmpty, .imageTooSmall, .imageTooLarge]
            .contains(error.code)
        var body = self.error(isPicture ? "Unable to decode image payload" : error.detail, code: code(of: error))
        body.merge(["detail": .string(error.detail), "error_code": .string(error.code.rawValue)])
        return body
    }

    /// The last message to a connection that is refused.
    static func refusal(_ error: EdgeError, session: SessionSnapshot?) -> JSONObject {
        var body = self.error(error.detail, code: WebSocketClose.refusing(error).code)
        body["error_code"] = .string(error.code.rawValue)
        if let session {
            body["session_status"] = .string(session.state.rawValue)
            body["session_id"] = .string(session.id.description)
        }
        return body
    }

    /// What an error message says about a failure, in the reference's numbers.
    static func code(of error: EdgeError) -> UInt16 {
        switch error.code.kind {
        case .limited: 429
        case .invalid, .tooLarge, .unsupported: 4000
        case .notFound, .unauthorized, .forbidden, .gone, .conflict, .unavailable, .failed:
            WebSocketClose.refusing(error).code
        }
    }

    /// How long an authentication may take, seconds; `nil` for an enrollment.
    static func timeout(of session: SessionSnapshot) -> Double? {
        guard session.kind != .enrollment else { return nil }
        if let window = session.decisionWindow { return window / .seconds(1) }
        return session.expiresAt.timeIntervalSince(session.createdAt)
    }

    /// How much of the timeout is over, seconds: it starts with the first face where there is a window for the decision.
    static func elapsed(_ session: SessionSnapshot, at now: Date) -> Double {
        let start = session.decisionWindow == nil ? session.createdAt : session.firstFaceAt ?? now
        return max(now.timeIntervalSince(start), 0)
    }

    /// How far the session has come.
    static func counts(_ session: SessionSnapshot) -> JSONObject {
        var body: JSONObject = [
            "frames_processed": .integer(Int64(session.framesProcessed)),
            "completed_samples": .integer(Int64(session.acceptedFrames)),
        ]
        let target = JSONValue.integer(Int64(session.targetFrames))
        body[session.kind == .enrollment ? "target_samples" : "min_frames_required"] = target
        if session.kind == .enrollment {
            body["enrollment_progress"] = .rounded(session.progressPercent, places: 1)
        }
        return body
    }

    /// The movements that the session's challenge asks for and what was seen of them.
    static func movements(_ session: SessionSnapshot) -> JSONObject {
        [
            "blinks_detected": count(session.blinks),
            "blinks_required": session.blinks == nil ? 0 : 1,
            "blinks_ok": .bool(session.blinks != 0),
            "motion_score": session.headTurns.map { .number($0 > 0 ? 1 : 0) } ?? .null,
            "motion_events": count(session.headTurns),
            "motion_required": session.headTurns == nil ? 0 : 1,
            "motion_ok": .bool(session.headTurns != 0),
        ]
    }

    /// What the person is asked to do now.
    static func challenge(_ session: SessionSnapshot) -> JSONObject {
        guard session.state.isOpen, let challenge = session.challenge else { return [:] }
        return ["challenge": .string(challenge.rawValue), "instruction": .string(challenge.instruction)]
    }

    static func count(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }

    private static func greeting(_ session: SessionSnapshot) -> String {
        if session.frameSource == .camera { return "Connected. The device's own camera supplies the frames." }
        return session.framesProcessed > 0
            ? "Connected. The session goes on where it stands." : "Connected. Send frames to continue."
    }
}
