import EdgeCore

/// The bodies of the legacy API that no other group has.
enum LegacyBody {
    /// How an attempt ended, in the reference's words; those that cannot happen here are left out.
    enum AttemptResult: String, CaseIterable {
        case success, failed
        case noMatch = "no_match"
        case livenessFailed = "liveness_failed"
        case spoofingDetected = "spoofing_detected"
        case qualityTooLow = "quality_too_low"
    }

    static func session(_ session: SessionSnapshot, person: PersonRecord?, _ origin: String) -> JSONObject {
        [
            "id": .string(session.id.description), "session_token": .null,
            "session_type": .string(session.kind.rawValue), "status": .string(session.state.rawValue),
            "client_user_id": .text(person?.id.description),
            "external_user_id": .text(person?.externalID ?? session.externalUserID),
            "client_user_display_name": .text(person.map { $0.displayName ?? $0.externalID }),
            "client_user_profile_image": person.map { UserBody.address(of: .profile, $0, origin) } ?? .null,
            "ip_address": .text(session.address), "user_agent": .text(session.userAgent),
            "metadata": .stored(session.metadataJSON), "created_at": .date(session.createdAt),
            "completed_at": .date(session.completedAt), "expires_at": .date(session.expiresAt),
        ]
    }

    /// An authentication that has ended.
    static func attempt(_ session: SessionSnapshot) -> JSONObject {
        let similarity = session.state == .completed ? session.similarityScore : nil
        let person = session.state == .completed ? session.matchedPerson : nil
        return [
            "id": .string(session.id.description), "session_token": .null,
            "result": .string(result(of: session).rawValue), "similarity_score": .rounded(similarity, places: 4),
            "confidence_score": .rounded(similarity.map { min(max($0, 0), 1) }, places: 4),
            "face_quality_score": .rounded(session.qualityScore, places: 4),
            "liveness_score": .rounded(session.livenessScore, places: 4),
            "anti_spoofing_score": .rounded(session.livenessScore, places: 4),
            "matched_user_id": .text(person?.id.description), "matched_external_user_id": .text(person?.externalID),
            "ip_address": .text(session.address), "user_agent": .text(session.userAgent),
            "metadata": .stored(session.metadataJSON), "created_at": .date(session.completedAt ?? session.createdAt),
        ]
    }

    private static func result(of session: SessionSnapshot) -> AttemptResult {
        guard session.state != .completed else { return .success }
        switch session.cause {
        case .noMatch: return .noMatch
        case .livenessFailed: return .livenessFailed
        case .spoofing: return .spoofingDetected
        case .quality, .noFace, .multipleFaces, .obstacles: return .qualityTooLow
        case .lockedOut, .timeout, .duplicate, .systemError: return .failed
        case nil: return session.reason == .notRecognized ? .noMatch : .failed
        }
    }
}
