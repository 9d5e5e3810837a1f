import EdgeCore

extension Components {
    static let analyticsSchemas: [(key: String, value: Schema)] = [
        ("AuthenticationLog", authenticationLog), ("SecurityAlert", securityAlert), ("Dashboard", dashboard),
        ("Statistics", statistics), ("SystemMetric", systemMetric), ("UserBehavior", userBehavior),
        ("UserBehaviorList", userBehaviorList), ("FaceRecognitionDay", recognitionDay),
        ("FaceRecognitionDays", recognitionDays), ("ModelPerformance", modelPerformance), ("DataQuality", dataQuality),
        ("MonitoringOverview", monitoringOverview), ("DailyReport", dailyReport),
        ("DailyReportAnswer", dailyReportAnswer), ("PeriodSummary", periodSummary),
        ("PeriodSummaryAnswer", periodSummaryAnswer), ("AnalyticsOverview", analyticsOverview),
    ]

    private static let score = Schema.share.orNull
    private static let cosine = Schema.number(-1...1).orNull
    private static let percent = Schema.number(0...100)
    private static let milliseconds = Schema.number(0...Double.infinity).orNull.note("Milliseconds.")
    private static let unknown = Schema.anyText.orNull.note("Always null: not known on this device.")
    private static let unknownNumber = Schema.number(0...Double.infinity).orNull
        .note("Always null: not measured on this device.")

    private static let authenticationLog = Schema.object([
        .required("id", .uuid), .required("user", Schema.uuid.orNull.note("Recognised, or else claimed.")),
        .optional("user_full_name", .anyText), .required("attempted_email", Schema.anyText.orNull),
        .required("auth_method", .choice(["face"])), .required("success", .boolean),
        .required("failure_reason", Schema.choice(FailureCause.self).orNull),
        .required("similarity_score", cosine), .required("liveness_score", score), .required("quality_score", score),
        .required("response_time", milliseconds.note("From the first face to the end, milliseconds.")),
        .required("ip_address", Schema.anyText.orNull), .required("user_agent", Schema.anyText.orNull),
        .required("device_fingerprint", unknown), .required("location", unknown),
        .required(
            "risk_score",
            score.note("1 minus the similarity; 1 for strangers and attacks; null where nobody was compared.")),
        .required("risk_factors", .list(.anyText)), .required("session_id", .uuid),
        .required("timestamp", .dateTime), .required("created_at", .dateTime),
    ])

    private static let securityAlert = Schema.object([
        .required("id", Schema.uuid.note("The security event's.")), .required("user", Schema.uuid.orNull),
        .required("alert_type", .choice(AlertType.self)), .required("severity", .choice(AlertSeverity.self)),
        .required("title", .anyText), .required("description", .anyText),
        .required("ip_address", Schema.anyText.orNull), .required("context_data", .openObject),
        .required("acknowledged", .boolean), .required("acknowledged_by", Schema.uuid.orNull),
        .required("acknowledged_at", Schema.dateTime.orNull), .required("resolved", .boolean),
        .required("resolved_by", Schema.uuid.orNull), .required("resolved_at", Schema.dateTime.orNull),
        .required("resolution_notes", Schema.anyText.orNull), .required("created_at", .dateTime),
    ])

    private static let dashboard = Schema.object([
        .required(
            "auth_stats",
            .object([
                .required("total_attempts", .count), .required("successful_attempts", .count),
                .required("avg_similarity", cosine), .required("avg_liveness", score), .required("avg_quality", score),
                .required("success_rate", percent),
            ])),
        .required("alert_count", .count),
        .required(
            "recent_activities",
            .list(
                .object([
                    .required("timestamp", .dateTime), .required("success", .boolean),
                    .required("auth_method", .choice(["face"])),
                    .required("failure_reason", Schema.choice(FailureCause.self).orNull),
                ]), maximum: 10)),
        .required(
            "performance_metrics",
            .object([
                .required("avg_response_time", milliseconds), .required("min_response_time", milliseconds),
                .required("max_response_time", milliseconds),
            ])),
        .required(
            "risk_analysis",
            .object([.required("avg_risk_score", score), .required("high_risk_attempts", .count)])),
        .required("period", .choice(DashboardPeriod.self)),
        .required("date_range", .object([.required("from", .dateTime), .required("to", .dateTime)])),
    ])

    private static let statistics = Schema.object([
        .required("total_attempts", .count), .required("successful_attempts", .count),
        .required("failed_attempts", .count), .required("success_rate", percent),
        .required("face_enrolled", Schema.count.note("People with templates.")),
        .required("last_login", Schema.dateTime.orNull.note("When the client's credentials were last used.")),
        .required("account_created", .dateTime), .required("authentication_methods", .list(.choice(["face"]))),
        .required(
            "avg_scores",
            .object([
                .required("similarity", cosine), .required("liveness", score), .required("quality", score),
            ])),
        .required(
            "security_status",
            .object([
                .required("active_alerts", Schema.count.note("Of the last 30 days, unresolved.")),
                .required("risk_level", Schema.choice(RiskLevel.self).note("From the mean risk of the last 7 days.")),
                .required("last_security_scan", Schema.dateTime.note("Now: it is worked out for each answer.")),
            ])),
    ])

    private static let systemMetric = Schema.object([
        .required("id", .uuid), .required("metric_name", .choice(MetricName.self)),
        .required("metric_type", .choice(MetricType.self)), .required("value", .number(0...Double.infinity)),
        .required("unit", .anyText), .required("tags", .openObject),
        .required("timestamp", Schema.dateTime.note("The beginning of the hour.")),
    ])

    private static let userBehavior = Schema.object([
        .required("client_user_id", .uuid), .required("external_user_id", .anyText),
        .required("display_name", .anyText), .required("auth_success_rate", percent),
        .required("total_attempts", .count), .required("successful_attempts", .count),
        .required("avg_similarity_score", cosine), .required("avg_liveness_score", score),
        .required("avg_quality_score", score), .required("last_activity", Schema.dateTime.orNull),
        .required("risk_level", .choice(RiskLevel.self)),
    ])

    private static let userBehaviorList = Schema.object([
        .required("count", .count),
        .required(
            "results",
            Schema.list(.component("UserBehavior"), maximum: 1000)
                .note("The thousand that were active last; `count` counts all.")),
    ])

    private static let recognitionDay = Schema.object([
        .required("date", .date), .required("hour", Schema.count.orNull.note("Always null: figures are for days.")),
        .required("total_attempts", .count), .required("successful_attempts", .count),
        .required("failed_attempts", .count), .required("failed_similarity", .count),
        .required("failed_liveness", .count), .required("failed_quality", .count),
        .required("failed_obstacles", .count), .required("failed_no_face", .count),
        .required("failed_multiple_faces", .count), .required("failed_system_error", .count),
        .required("avg_response_time", milliseconds), .required("avg_similarity_score", cosine),
        .required("avg_liveness_score", score), .required("avg_quality_score", score),
        .required("unique_users", .count), .required("new_enrollments", .count), .required("success_rate", percent),
    ]).note("Attempts that ran out of time, or whose user was locked out, are counted in `failed_attempts` only.")

    private static let recognitionDays = Schema.object([
        .required("count", .count), .required("results", .list(.component("FaceRecognitionDay"))),
    ])

    private static let modelPerformance = Schema.object([
        .required("id", .uuid), .required("model", .anyText), .required("model_name", .anyText),
        .required("accuracy", score), .required("precision", score), .required("recall", score),
        .required("f1_score", score), .required("false_acceptance_rate", score),
        .required("false_rejection_rate", score), .required("test_set_size", Schema.count.orNull),
        .required(
            "test_conditions",
            .object([.required("cosine", .number(-1...1)), .required("source", Schema.anyText.orNull)])),
        .required("environment", .anyText), .required("created_at", Schema.dateTime.orNull),
    ]).note("A rate that was measured for the model and ships with it; what was not measured is null.")

    private static let dataQuality = Schema.object([
        .required("id", .uuid), .required("date", .date), .required("avg_image_quality", score),
        .required("avg_face_size", Schema.number(0...Double.infinity).orNull.note("Width of the face, pixels.")),
        .required("avg_brightness", unknownNumber),
        .required("avg_contrast", Schema.number(0...100).orNull.note("`DynamicRange` of ISO/IEC 29794-5.")),
        .required("avg_sharpness", Schema.number(0...100).orNull.note("`Sharpness` of ISO/IEC 29794-5.")),
        .required("high_quality_samples", Schema.count.note("Used frames of a unified quality from 0.7 on.")),
        .required("medium_quality_samples", Schema.count.note("From 0.4 on.")),
        .required("low_quality_samples", .count), .required("blurry_images", .count),
        .required("over_exposed", .count), .required("under_exposed", .count),
        .required("obstacles_present", .count), .required("total_samples", Schema.count.note("Used frames.")),
        .required("quality_score", score), .required("created_at", .dateTime),
    ]).note("Of the frames of one UTC day's sessions; frames refused as blurred and so on are no samples.")

    private static let monitoringOverview = Schema.object([
        .required("system_metrics", .list(.component("SystemMetric"), maximum: 10)),
        .required("behavior_insights", .list(.component("UserBehavior"), maximum: 5)),
        .required("face_recognition", .list(.component("FaceRecognitionDay"), maximum: 7)),
        .required("model_performance", .list(.component("ModelPerformance"), maximum: 5)),
        .required("data_quality", .list(.component("DataQuality"), maximum: 5)),
    ])
}

extension Components {
    private static let enrollments = Schema.object([
        .required("completed", .count), .required("failed", .count), .required("total", .count),
    ])
    private static let authentications = Schema.object([
        .required("successful", .count), .required("failed", .count), .required("total", .count),
    ])

    private static func quality(similarity name: String) -> Schema {
        .object([
            .required("avg_enrollment_quality", score), .required("avg_liveness_score", score),
            .required("avg_anti_spoofing_score", score.note("The same measure: the passive nets'.")),
            .required(name, cosine),
        ])
    }

    private static let dailyReport = Schema.object([
        .required("date", .date), .required("client_id", .anyText), .required("enrollments", enrollments),
        .required("authentications", authentications),
        .required("quality_metrics", quality(similarity: "avg_authentication_similarity")),
        .required("total_frames_processed", .count),
        .required(
            "success_rates",
            .object([
                .required("enrollment_success_rate", percent), .required("authentication_success_rate", percent),
            ])),
        .required(
            "api_usage",
            .object([
                .required("calls", .count), .required("endpoints", .list(.choice(UsageRecord.Category.self))),
            ])),
    ])

    private static let dailyReportAnswer = Schema.object([
        .required("success", .boolean), .required("report", .component("DailyReport")),
        .required("generated_at", .dateTime),
    ])

    private static let periodSummary = Schema.object([
        .required("period", .anyText),
        .required("date_range", .object([.required("start", .dateTime), .required("end", .dateTime)])),
        .required("enrollments", enrollments), .required("authentications", authentications),
        .required("quality_metrics", quality(similarity: "avg_similarity_score")),
        .required("frames_processed", .count),
        .required(
            "api_usage", .object([.required("calls", .count), .required("unique_endpoints", .count)])),
    ])

    private static let periodSummaryAnswer = Schema.object([
        .required("success", .boolean), .required("summary", .component("PeriodSummary")),
        .required("generated_at", .dateTime),
    ])

    private static let analyticsOverview = Schema.object([
        .required("success", .boolean),
        .required(
            "overview",
            .object([
                .required("today", .component("DailyReport")), .required("yesterday", .component("DailyReport")),
                .required("last_7_days", .component("PeriodSummary")),
                .required("last_30_days", .component("PeriodSummary")),
            ])),
        .required("generated_at", .dateTime),
    ])
}
