import EdgeCore

/// The bodies that tell about a session.
enum SessionBody {
    /// The answer to the creation of a session.
    static func created(_ session: SessionSnapshot) -> JSONObject {
        var body: JSONObject = [:]
        if let token = session.token { body["session_token"] = .string(token.rawValue) }
        body["session_id"] = .string(session.id.description)
        if let enrollment = session.enrollmentID { body["enrollment_id"] = .string(enrollment.description) }
        body["status"] = .string(session.state.rawValue)
        if session.kind == .enrollment {
            body["target_samples"] = .integer(Int64(session.targetFrames))
        } else {
            body["session_type"] = .string(session.kind.rawValue)
        }
        body.merge([
            "expires_at": .date(session.expiresAt),
            "message": .string(
                session.kind == .enrollment
                    ? "Enrollment session created. Stream frames to continue."
                    : "Authentication session created. Stream frames to continue."),
            "frame_source": .string(session.frameSource.rawValue),
        ])
        if let camera = session.camera { body["camera"] = .string(camera) }
        body.merge(challenge(session))
        return body
    }

    /// A session as a resource; what an answer to a frame says about it comes along.
    static func resource(
        _ session: SessionSnapshot, client: ClientRecord, token: SessionToken?, person: PersonRecord?, _ origin: String
    ) -> JSONObject {
        var body: JSONObject = ["id": .string(session.id.description)]
        if let token { body["session_token"] = .string(token.rawValue) }
        body.merge([
            "client": .string(client.id.description),
            "client_id": .string(client.publicID),
            "client_user": .text(person?.id.description),
            "client_user_info": person.map { UserBody.brief($0, origin) } ?? .null,
            "ip_address": .text(session.address), "user_agent": .text(session.userAgent),
            "status": .string(session.state.rawValue),
            "session_type": .string(session.kind.rawValue),
            "frame_source": .string(session.frameSource.rawValue),
            "created_at": .date(session.createdAt),
            "expires_at": .date(session.expiresAt),
            "completed_at": .date(session.completedAt),
            "metadata": .stored(session.metadataJSON),
        ])
        if let camera = session.camera { body["camera"] = .string(camera) }
        if session.kind == .enrollment {
            body["user_id"] = .text(session.externalUserID)
            body["enrollment_status"] = .string(session.state.rawValue)
        }
        body.merge(result(session))
        return body
    }

    /// Where a session stands, in the form of an answer to a frame.
    static func result(_ session: SessionSnapshot) -> JSONObject {
        var body = session.state.isOpen ? open(session) : ended(session)
        body.merge(progress(session))
        body.merge(challenge(session))
        return body
    }

    private static func open(_ session: SessionSnapshot) -> JSONObject {
        let reason = session.reason
        return [
            // A door must not open for `success` before there is a decision.
            "success": .bool(session.kind == .enrollment),
            "session_status": .string(session.state.rawValue),
            "requires_more_frames": true,
            "reason": .text(reason?.rawValue),
            "message": .string(reason?.message ?? "Waiting for frames."),
        ]
    }

    private static func ended(_ session: SessionSnapshot) -> JSONObject {
        session.kind == .enrollment ? endedEnrollment(session) : endedAuthentication(session)
    }

    private static func endedEnrollment(_ session: SessionSnapshot) -> JSONObject {
        let reason = session.reason ?? fallbackReason(session)
        var body: JSONObject = [
            "success": .bool(session.state == .completed),
            "session_status": .string(session.state.rawValue),
            "enrollment_complete": .bool(session.state == .completed),
            "requires_more_frames": false,
        ]
        if let enrollment = session.enrollmentID { body["enrollment_id"] = .string(enrollment.description) }
        if reason == .duplicatePerson {
            body.merge(["error": "duplicate_face", "error_code": "DUPLICATE_FACE_DETECTED"])
        } else if session.state != .completed {
            body["error"] = .string(reason.message)
        }
        if session.state == .completed, let person = session.matchedPerson { body["user"] = user(person) }
        body.merge(["reason": .string(reason.rawValue), "message": .string(reason.message)])
        return body
    }

    private static func endedAuthentication(_ session: SessionSnapshot) -> JSONObject {
        let reason = publicReason(session)
        var body: JSONObject = ["success": false]
        if session.state == .completed, let person = session.matchedPerson {
            body.merge([
                "success": true, "session_status": "completed", "result": "success", "matched_user": user(person),
                "client_user_id": .string(person.id.description),
                "similarity_score": .rounded(session.similarityScore, places: 4),
            ])
        } else {
            // The guide calls a decided "no" completed; the time that ran out is not a decision.
            let isDecided = session.state == .failed || session.state == .completed
            body.merge([
                "session_status": .string(isDecided ? "completed" : session.state.rawValue), "result": "failure",
                "error": .string(isDecided ? "User not recognized or liveness check failed." : reason.message),
            ])
        }
        body.merge([
            "requires_more_frames": false, "reason": .string(reason.rawValue), "message": .string(reason.message),
        ])
        return body
    }

    /// The person, under the guide's name for the id and under the reference's.
    private static func user(_ person: MatchedPerson) -> JSONValue {
        [
            "user_id": .string(person.externalID), "id": .string(person.id.description),
            "external_user_id": .string(person.externalID),
            "display_name": .string(person.displayName ?? person.externalID), "is_enrolled": true,
        ]
    }

    private static func progress(_ session: SessionSnapshot) -> JSONObject {
        var body: JSONObject = ["session_id": .string(session.id.description)]
        if session.kind == .enrollment {
            body["enrollment_progress"] = .rounded(session.progressPercent, places: 1)
        }
        body.merge([
            "frames_processed": .integer(Int64(session.framesProcessed)),
            "completed_samples": .integer(Int64(session.acceptedFrames)),
            "target_samples": .integer(Int64(session.targetFrames)),
            "liveness_verified": .bool(session.livenessVerified),
            "liveness_score": .rounded(session.livenessScore, places: 4),
            "quality_score": .rounded(session.qualityScore, places: 4),
        ])
        return body
    }

    private static func challenge(_ session: SessionSnapshot) -> JSONObject {
        guard session.state.isOpen, let challenge = session.challenge else { return [:] }
        return ["challenge": .string(challenge.rawValue), "instruction": .string(challenge.instruction)]
    }

    /// Why an authentication ended, without anything that tells an unknown user from a wrong face or an attack.
    private static func publicReason(_ session: SessionSnapshot) -> Reason {
        guard session.state == .failed, session.reason != .frameLimit, session.reason != .infraredMissing else {
            return session.reason ?? fallbackReason(session)
        }
        return .notRecognized
    }

    /// Why a session ended that does not say so itself.
    private static func fallbackReason(_ session: SessionSnapshot) -> Reason {
        switch session.state {
        case .expired: .expired
        case .cancelled: .cancelled
        case .completed: session.kind == .enrollment ? .enrollmentCompleted : .authenticated
        case .failed, .pending, .active, .processing:
            session.kind == .enrollment ? .livenessFailed : .notRecognized
        }
    }
}
