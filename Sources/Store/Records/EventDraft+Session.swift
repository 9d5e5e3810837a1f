import EdgeCore
import FoundationEssentials

/// Sessions as events tell them: the members that the reference API has, and ours.
extension SessionSnapshot {
    var openedDraft: EventDraft {
        draft(
            .sessionCreated,
            [
                "session_id": .text(id.description), "session_type": .text(kind.rawValue),
                "user_id": .text(externalUserID), "enrollment_id": .text(enrollmentID?.description),
                "frame_source": .text(frameSource.rawValue), "created_at": .moment(createdAt),
                "expires_at": .moment(expiresAt),
            ], nil)
    }

    func endedDrafts(_ person: PersonID?, _ numbers: EnrollmentNumbers?) -> [EventDraft] {
        switch state {
        case .completed: kind == .enrollment ? enrolledDrafts(person, numbers) : recognizedDrafts(person)
        case .failed:
            [draft(kind == .enrollment ? .enrollmentFailed : .authenticationFailed, refusal, person)]
                + lifelessDrafts(person)
        case .expired: [cutOff(.sessionExpired, .expired, person)]
        case .cancelled: [cutOff(.sessionCancelled, .cancelled, person)]
        // Not an end.
        case .pending, .active, .processing: []
        }
    }

    private func draft(_ kind: WebhookEventKind, _ data: PayloadValue, _ person: PersonID?) -> EventDraft {
        EventDraft(kind: kind, source: "session", data: data, person: person, externalID: externalUserID)
    }

    private func enrolledDrafts(_ person: PersonID?, _ numbers: EnrollmentNumbers?) -> [EventDraft] {
        guard let person, let externalUserID else { return [] }
        let data: PayloadValue = [
            "user_id": .text(externalUserID), "client_user_id": .text(person.description),
            "enrollment_id": .text(enrollmentID?.description), "session_id": .text(id.description),
            "session_token": .text(token?.rawValue),
            "enrollment_data": [
                "status": "active", "quality_score": .score(qualityScore), "liveness_score": .score(livenessScore),
                "anti_spoofing_score": .score(livenessScore), "sample_number": .integer(numbers?.sample ?? 1),
                "total_samples": .integer(numbers?.total ?? acceptedFrames), "face_image_url": .null,
                "completed_at": .moment(completedAt ?? createdAt),
            ],
            "session_data": sessionData,
        ]
        return [draft(.enrollmentCompleted, data, person), Happening.user(.userEnrolled, person, externalUserID)]
    }

    private func recognizedDrafts(_ person: PersonID?) -> [EventDraft] {
        guard let person, let matchedPerson else { return [] }
        let isHigh = (similarityScore ?? 0) >= 0.85
        let data: PayloadValue = [
            "user_id": .text(matchedPerson.externalID), "client_user_id": .text(person.description),
            "session_id": .text(id.description), "session_token": .text(token?.rawValue),
            "authentication_data": .object(
                scores(similarityScore) + [
                    PayloadValue.Member("confidence", .score(similarityScore)),
                    PayloadValue.Member("authentication_level", isHigh ? "high" : "medium"),
                ]),
            "user_data": [
                "external_user_id": .text(matchedPerson.externalID), "is_enrolled": true, "profile_image_url": .null,
            ],
            "session_data": sessionData,
        ]
        return [
            EventDraft(
                kind: .authenticationSuccess, source: "session", data: data, person: person,
                externalID: matchedPerson.externalID)
        ]
    }

    private var refusal: PayloadValue {
        if kind == .enrollment {
            let reason = reason ?? .livenessFailed
            return [
                "user_id": .text(externalUserID), "enrollment_id": .text(enrollmentID?.description),
                "session_id": .text(id.description), "session_token": .text(token?.rawValue),
                "error": .text(reason.message), "error_code": .text(reason.rawValue),
                "failure_reason": .text(cause?.rawValue), "session_data": sessionData,
            ]
        }
        // Without the similarity: nobody shall climb towards a face.
        return [
            "session_id": .text(id.description), "session_token": .text(token?.rawValue),
            "user_id": .text(externalUserID), "error": "User not recognized or liveness check failed.",
            "failure_reason": .text(cause?.rawValue), "authentication_data": .object(scores(nil)),
            "session_data": sessionData,
        ]
    }

    private func lifelessDrafts(_ person: PersonID?) -> [EventDraft] {
        guard cause == .livenessFailed || cause == .spoofing else { return [] }
        let data: PayloadValue = [
            "session_id": .text(id.description), "session_token": .text(token?.rawValue),
            "user_id": .text(externalUserID), "liveness_score": .score(livenessScore),
            "anti_spoofing_score": .score(livenessScore), "session_data": sessionData,
        ]
        let failed = draft(.livenessFailed, data, person)
        return cause == .spoofing ? [failed, draft(.spoofingDetected, data, person)] : [failed]
    }

    private func cutOff(_ kind: WebhookEventKind, _ reason: Reason, _ person: PersonID?) -> EventDraft {
        draft(
            kind,
            [
                "session_id": .text(id.description), "session_type": .text(self.kind.rawValue),
                "user_id": .text(externalUserID), "reason": .text((self.reason ?? reason).rawValue),
            ], person)
    }

    private func scores(_ similarity: Double?) -> [PayloadValue.Member] {
        [
            PayloadValue.Member("similarity_score", .score(similarity)),
            PayloadValue.Member("quality_score", .score(qualityScore)),
            PayloadValue.Member("liveness_score", .score(livenessScore)),
            PayloadValue.Member("anti_spoofing_score", .score(livenessScore)),
            PayloadValue.Member("liveness_verified", .flag(livenessVerified)),
        ]
    }

    private var sessionData: PayloadValue {
        [
            "session_type": .text(kind.rawValue), "started_at": .moment(createdAt),
            "completed_at": completedAt.map(PayloadValue.moment) ?? .null,
            "frames_processed": .integer(framesProcessed), "liveness_blinks": .integer(blinks),
            "liveness_motion_events": .integer(headTurns),
        ]
    }
}

extension PayloadValue {
    /// A point in time as ISO 8601 in UTC.
    static func moment(_ date: Date) -> PayloadValue { .text(date.formatted(.iso8601)) }
}
