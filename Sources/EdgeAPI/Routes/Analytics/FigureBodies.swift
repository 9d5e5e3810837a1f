import EdgeCore
import FoundationEssentials

/// Figures of days, people and models.
enum FigureBody {
    /// Where the figures come from: a device at work.
    static let environment = "production"

    static func person(_ figures: PersonFigures) -> JSONObject {
        let rate = figures.attempts > 0 ? Double(figures.successes) * 100 / Double(figures.attempts) : 0
        return [
            "client_user_id": .id(figures.person.id), "external_user_id": .string(figures.person.externalID),
            "display_name": .string(figures.person.displayName ?? figures.person.externalID),
            "auth_success_rate": .rounded(rate, places: 2), "total_attempts": .whole(figures.attempts),
            "successful_attempts": .whole(figures.successes),
            "avg_similarity_score": .rounded(figures.similarity, places: 4),
            "avg_liveness_score": .rounded(figures.liveness, places: 4),
            "avg_quality_score": .rounded(figures.quality, places: 4), "last_activity": .date(figures.lastAt),
            "risk_level": .string(figures.risk.rawValue),
        ]
    }

    static func recognition(_ day: PeriodFigures) -> JSONObject {
        let figures = day.figures
        func failed(_ causes: FailureCause...) -> JSONValue {
            .whole(causes.reduce(0) { $0 + figures.causes[$1, default: 0] })
        }
        return [
            "date": .string(WireDate.dayText(day.start)), "hour": .null, "total_attempts": .whole(figures.attempts),
            "successful_attempts": .whole(figures.successes), "failed_attempts": .whole(figures.failures),
            "failed_similarity": failed(.noMatch), "failed_liveness": failed(.livenessFailed, .spoofing),
            "failed_quality": failed(.quality), "failed_obstacles": failed(.obstacles),
            "failed_no_face": failed(.noFace), "failed_multiple_faces": failed(.multipleFaces),
            "failed_system_error": failed(.systemError),
            "avg_response_time": .rounded(figures.meanMilliseconds, places: 1),
            "avg_similarity_score": .rounded(figures.similarity, places: 4),
            "avg_liveness_score": .rounded(figures.authenticationLiveness, places: 4),
            "avg_quality_score": .rounded(figures.authenticationQuality, places: 4),
            "unique_users": .whole(figures.people), "new_enrollments": .whole(figures.enrollmentsCompleted),
            "success_rate": .rounded(figures.successRate ?? 0, places: 2),
        ]
    }

    static func quality(_ day: PeriodFigures) -> JSONObject {
        let census = day.figures.census
        func mean(_ sum: Double, of count: Int, places: Int) -> JSONValue {
            .rounded(count > 0 ? sum / Double(count) : nil, places: places)
        }
        let number = Int64(day.start.timeIntervalSince1970 / UTCDay.seconds)
        let quality = mean(census.quality, of: census.used, places: 4)
        return [
            "id": .uuid(NumberedID.day.uuid(number)), "date": .string(WireDate.dayText(day.start)),
            "avg_image_quality": quality, "avg_face_size": mean(census.faceWidth, of: census.used, places: 1),
            "avg_brightness": .null, "avg_contrast": mean(census.contrast, of: census.measured, places: 1),
            "avg_sharpness": mean(census.sharpness, of: census.measured, places: 1),
            "high_quality_samples": .whole(census.highQuality),
            "medium_quality_samples": .whole(census.mediumQuality), "low_quality_samples": .whole(census.lowQuality),
            "blurry_images": .whole(census.blurred), "over_exposed": .whole(census.bright),
            "under_exposed": .whole(census.dark), "obstacles_present": .whole(census.occluded),
            "total_samples": .whole(census.used), "quality_score": quality,
            // Worked out when it is asked for; the day is what it belongs to.
            "created_at": .date(day.start),
        ]
    }

    static func measure(_ measure: ModelMeasure) -> JSONObject {
        let name = "\(measure.model) \(measure.version)"
        return [
            "id": .uuid(NumberedID.modelMeasure.uuid(named: "\(name) \(measure.cosine)")),
            "model": .string(measure.model), "model_name": .string(name), "accuracy": .null, "precision": .null,
            "recall": .null, "f1_score": .null, "false_acceptance_rate": .number(measure.falseMatchRate),
            "false_rejection_rate": .null, "test_set_size": .null,
            "test_conditions": ["cosine": .number(measure.cosine), "source": .text(measure.source)],
            "environment": .string(environment), "created_at": .null,
        ]
    }
}

/// The reports for a day and for some days.
enum ReportBody {
    typealias Usage = (calls: Int, categories: [UsageRecord.Category])

    static func daily(_ figures: SessionFigures, on day: Date, of client: ClientRecord, _ usage: Usage) -> JSONObject {
        [
            "date": .string(WireDate.dayText(day)), "client_id": .string(client.publicID),
            "enrollments": .object(enrollments(figures)), "authentications": .object(authentications(figures)),
            "quality_metrics": .object(quality(figures, similarity: "avg_authentication_similarity")),
            "total_frames_processed": .whole(figures.frames),
            "success_rates": [
                "enrollment_success_rate": .rounded(figures.enrollmentRate ?? 0, places: 2),
                "authentication_success_rate": .rounded(figures.successRate ?? 0, places: 2),
            ],
            "api_usage": [
                "calls": .whole(usage.calls),
                "endpoints": .array(usage.categories.map { .string($0.rawValue) }),
            ],
        ]
    }

    static func summary(
        _ figures: SessionFigures, days: Int, from: Date, to: Date, _ usage: Usage
    ) -> JSONObject {
        [
            "period": .string("\(days) day\(days == 1 ? "" : "s")"),
            "date_range": ["start": .offsetDate(from), "end": .offsetDate(to)],
            "enrollments": .object(enrollments(figures)), "authentications": .object(authentications(figures)),
            "quality_metrics": .object(quality(figures, similarity: "avg_similarity_score")),
            "frames_processed": .whole(figures.frames),
            "api_usage": ["calls": .whole(usage.calls), "unique_endpoints": .whole(usage.categories.count)],
        ]
    }

    private static func enrollments(_ figures: SessionFigures) -> JSONObject {
        [
            "completed": .whole(figures.enrollmentsCompleted), "failed": .whole(figures.enrollmentsFailed),
            "total": .whole(figures.enrollments),
        ]
    }

    private static func authentications(_ figures: SessionFigures) -> JSONObject {
        [
            "successful": .whole(figures.successes), "failed": .whole(figures.failures),
            "total": .whole(figures.attempts),
        ]
    }

    /// The passive nets tell live faces from spoofs: one measure under both names.
    private static func quality(_ figures: SessionFigures, similarity name: String) -> JSONObject {
        let liveness = JSONValue.rounded(figures.liveness, places: 4)
        var body: JSONObject = [
            "avg_enrollment_quality": .rounded(figures.enrollmentQuality, places: 4), "avg_liveness_score": liveness,
            "avg_anti_spoofing_score": liveness,
        ]
        body[name] = .rounded(figures.similarity, places: 4)
        return body
    }
}
