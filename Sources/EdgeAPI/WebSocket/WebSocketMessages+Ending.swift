import EdgeCore
import FoundationEssentials

/// The last messages of a session, however it came to its end.
extension WebSocketMessages {
    /// What is said before the connection is closed; `answer` is the one that ended the session.
    static func ending(_ answer: FrameAnswer, at now: Date) -> [JSONObject] {
        let session = answer.session
        let last =
            switch session.kind {
            case .enrollment: enrollmentEnding(answer)
            case .verification, .identification: authenticationEnding(answer, at: now)
            }
        guard session.reason == .frameLimit else { return [last] }
        return [error(Reason.frameLimit.message, code: 429), last]
    }

    private static func enrollmentEnding(_ answer: FrameAnswer) -> JSONObject {
        let session = answer.session
        var body: JSONObject = [
            "type": session.state == .completed ? "enrollment_complete" : "enrollment_failed"
        ]
        body.merge(facts(of: answer))
        guard session.state == .completed else { return failedEnrollment(body, session) }
        body.merge([
            "similarity_with_old_photo": .null, "similarity_samples": 0, "similarity_method": .null,
            "encrypted_data": .null,
        ])
        return body
    }

    /// Whose face it is stays untold: the reference names the other person.
    private static func failedEnrollment(_ facts: JSONObject, _ session: SessionSnapshot) -> JSONObject {
        var body = facts
        if body["error_code"] == nil {
            let reason = session.reason?.rawValue ?? "enrollment.failed"
            body["error_code"] = .string(reason.uppercased().replacing(".", with: "_"))
        }
        body["details"] = [
            "reason": .text(session.reason?.rawValue), "similarity_score": .null, "conflicting_user": .null,
        ]
        return body
    }

    private static func authenticationEnding(_ answer: FrameAnswer, at now: Date) -> JSONObject {
        let session = answer.session
        let isTimeout = session.ranOutOfTime || session.state == .expired
        var body: JSONObject = ["type": isTimeout ? "authentication_timeout" : "authentication_complete"]
        body.merge(facts(of: answer))
        let person = session.state == .completed ? session.matchedPerson : nil
        body["authenticated"] = .bool(person != nil)
        if let person {
            body.merge([
                "user_id": .string(person.externalID),
                "confidence": .rounded(session.similarityScore, places: 4),
                "encrypted_data": .null,
            ])
        }
        if isTimeout {
            body.merge([
                "timeout": true, "elapsed_time": .rounded(elapsed(session, at: now), places: 3),
                "is_live": .bool(session.livenessVerified), "blink_count": count(session.blinks),
            ])
        }
        return body
    }

    /// The result as HTTP tells it, and what the reference's messages have beside.
    private static func facts(of answer: FrameAnswer) -> JSONObject {
        let session = answer.session
        var body = SessionBody.result(session)
        body.merge([
            "blinks_detected": count(session.blinks),
            "motion_verified": session.headTurns.map { .bool($0 > 0) } ?? .null,
            "visual_data": visualData(answer),
        ])
        return body
    }
}
