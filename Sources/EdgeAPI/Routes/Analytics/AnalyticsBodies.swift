import EdgeCore
import FoundationEssentials

/// An authentication as a line of the log.
enum AttemptBody {
    static func body(_ attempt: AttemptRecord) -> JSONObject {
        let session = attempt.session
        let ended = JSONValue.date(session.completedAt ?? session.createdAt)
        var body: JSONObject = ["id": .id(session.id), "user": .id(attempt.person?.id)]
        if let name = attempt.person?.displayName { body["user_full_name"] = .string(name) }
        body.merge([
            "attempted_email": .text(session.externalUserID.flatMap { WireURL.isEmail($0) ? $0 : nil }),
            "auth_method": "face", "success": .bool(session.state == .completed),
            "failure_reason": .text(session.cause?.rawValue),
            "similarity_score": .rounded(session.similarityScore, places: 4),
            "liveness_score": .rounded(session.livenessScore, places: 4),
            "quality_score": .rounded(session.qualityScore, places: 4),
            "response_time": .rounded(attempt.milliseconds, places: 1), "ip_address": .text(attempt.address),
            "user_agent": .text(attempt.userAgent), "device_fingerprint": .null, "location": .null,
            "risk_score": .rounded(attempt.risk, places: 4),
            "risk_factors": .array(factors(session).map(JSONValue.string)), "session_id": .id(session.id),
            "timestamp": ended, "created_at": ended,
        ])
        return body
    }

    /// The short form of the dashboard.
    static func activity(_ attempt: AttemptRecord) -> JSONObject {
        [
            "timestamp": .date(attempt.session.completedAt ?? attempt.session.createdAt),
            "success": .bool(attempt.session.state == .completed), "auth_method": "face",
            "failure_reason": .text(attempt.session.cause?.rawValue),
        ]
    }

    private static func factors(_ session: SessionSnapshot) -> [String] {
        switch session.cause {
        case .noMatch: ["face_not_recognized"]
        case .livenessFailed, .spoofing: ["liveness_failed"]
        case .quality: ["poor_quality"]
        case .obstacles: ["obstacles_detected"]
        case .noFace, .multipleFaces, .lockedOut, .timeout, .duplicate, .systemError: []
        case nil: session.livenessScore.map { $0 < 0.6 ? ["low_liveness"] : [] } ?? []
        }
    }
}

/// A security event as an alert.
enum AlertBody {
    static func body(_ event: SecurityEventRecord) -> JSONObject {
        let (title, about) = text(event.type)
        return [
            "id": .id(event.id), "user": .id(event.person), "alert_type": .string(AlertType(event.type).rawValue),
            "severity": .string(event.severity.rawValue), "title": .string(title), "description": .string(about),
            "ip_address": .text(event.address), "context_data": .object(JSONObject.stored(event.detailsJSON)),
            "acknowledged": .bool(event.isResolved), "acknowledged_by": .null,
            "acknowledged_at": .date(event.resolvedAt), "resolved": .bool(event.isResolved), "resolved_by": .null,
            "resolved_at": .date(event.resolvedAt), "resolution_notes": .null, "created_at": .date(event.createdAt),
        ]
    }

    private static func text(_ type: SecurityEventType) -> (title: String, about: String) {
        switch type {
        case .loginAttempt: ("Log-in refused", "Somebody tried to log in and was refused.")
        case .failedAuthentication:
            ("Authentication failed", "A face was not the claimed one, or a user is locked out after misses.")
        case .multipleFaces: ("Several faces", "More than one face was in view.")
        case .livenessCheckFailed: ("No life shown", "A session ended since nobody showed to be alive.")
        case .obstacleDetected: ("Face covered", "Something covered the face.")
        case .spoofingAttempt: ("Spoofing", "What was shown to the camera was no live face.")
        case .unusualActivity: ("Unusual", "Something happened that should not, such as a face enrolled twice.")
        case .systemError: ("Fault", "Something on this device or around it failed.")
        }
    }
}

/// The dashboard and the statistics of a tenant.
enum DashboardBody {
    static func dashboard(
        _ figures: SessionFigures, alerts: Int, latest: [AttemptRecord], _ period: DashboardPeriod, from: Date, to: Date
    ) -> JSONObject {
        [
            "auth_stats": [
                "total_attempts": .whole(figures.attempts), "successful_attempts": .whole(figures.successes),
                "avg_similarity": .rounded(figures.similarity, places: 4),
                "avg_liveness": .rounded(figures.authenticationLiveness, places: 4),
                "avg_quality": .rounded(figures.authenticationQuality, places: 4),
                "success_rate": .rounded(figures.successRate ?? 0, places: 2),
            ],
            "alert_count": .whole(alerts),
            "recent_activities": .array(latest.prefix(10).map { .object(AttemptBody.activity($0)) }),
            "performance_metrics": [
                "avg_response_time": .rounded(figures.meanMilliseconds, places: 1),
                "min_response_time": .rounded(figures.minMilliseconds, places: 1),
                "max_response_time": .rounded(figures.maxMilliseconds, places: 1),
            ],
            "risk_analysis": [
                "avg_risk_score": .rounded(figures.risk, places: 4), "high_risk_attempts": .whole(figures.highRisk),
            ],
            "period": .string(period.rawValue), "date_range": ["from": .date(from), "to": .date(to)],
        ]
    }

    static func statistics(
        of client: ClientRecord, _ figures: SessionFigures, enrolled: Int, alerts: Int, risk: RiskLevel, now: Date
    ) -> JSONObject {
        [
            "total_attempts": .whole(figures.attempts), "successful_attempts": .whole(figures.successes),
            "failed_attempts": .whole(figures.failures),
            "success_rate": .rounded(figures.successRate ?? 0, places: 2), "face_enrolled": .whole(enrolled),
            "last_login": .date(client.lastActivityAt), "account_created": .date(client.createdAt),
            "authentication_methods": ["face"],
            "avg_scores": [
                "similarity": .rounded(figures.similarity, places: 4),
                "liveness": .rounded(figures.authenticationLiveness, places: 4),
                "quality": .rounded(figures.authenticationQuality, places: 4),
            ],
            "security_status": [
                "active_alerts": .whole(alerts), "risk_level": .string(risk.rawValue),
                "last_security_scan": .date(now),
            ],
        ]
    }
}
