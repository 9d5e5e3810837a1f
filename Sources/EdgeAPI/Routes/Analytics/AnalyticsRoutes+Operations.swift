import EdgeCore
import HTTPTypes

extension AnalyticsRoutes {
    static let authLogs = people(
        "auth-logs", id: "auth_logs_list", "Authentications that came to an end", .page(of: "AuthenticationLog")
    )
    .asks(
        .optional("success", .boolean),
        .optional("auth_method", .choice(["face", "password", "2fa", "social"])), .dateFrom, .dateTo, .page)
    static let authLog = people(
        "auth-logs/{id}", id: "auth_logs_retrieve", "One authentication", .ok(.component("AuthenticationLog"))
    ).ofUUID()

    static let alerts = people(
        "security-alerts", id: "security_alerts_list", "Security events of severity medium and above",
        .page(of: "SecurityAlert")
    ).asks(
        .optional("severity", .choice(AlertSeverity.self)), .optional("alert_type", .choice(AlertType.self)),
        .optional("resolved", .boolean), .page)
    static let alert = people(
        "security-alerts/{id}", id: "security_alerts_retrieve", "One of them", .ok(.component("SecurityAlert"))
    ).ofUUID()

    static let dashboard = people(
        "dashboard", id: "dashboard_retrieve", "The last days at a glance", .ok(.component("Dashboard"))
    )
    .asks(
        .optional(
            "period",
            Schema.text(1...20).note("`7_days`, `30_days`, `90_days` or `1_year`; everything else is `30_days`.")))
    static let statistics = people(
        "statistics", id: "statistics_retrieve", "All that was ever counted", .ok(.component("Statistics")))

    static let systemMetrics = device(
        "system-metrics", id: "system_metrics_list", "Figures for each hour", .page(of: "SystemMetric")
    ).asks(
        .optional("metric_name", .text()), .optional("metric_type", .choice(MetricType.self)),
        .optional("start", Schema.dateTime.note("The last seven days when not said.")),
        .optional("end", Schema.dateTime.note("This moment is not included.")),
        .optional("limit", Schema.integer(1...10_000).note("At most so many in all pages together.")), .page)

    static let userBehavior = people(
        "user-behavior", id: "user_behavior_retrieve", "What the authentications of each user came to",
        .ok(.component("UserBehaviorList"))
    ).asks(.optional("risk_level", .choice(RiskLevel.self)))

    static let recognitionStats = people(
        "face-recognition-stats", id: "face_recognition_stats_retrieve", "Figures for each UTC day with any",
        .ok(.component("FaceRecognitionDays"))
    ).asks(.dateFrom, .dateTo)

    static let modelPerformance = device(
        "model-performance", id: "model_performance_list", "Rates that were measured for the models",
        .page(of: "ModelPerformance")
    ).asks(.optional("environment", .text()), .optional("model", .text()), .page)

    static let dataQuality = device(
        "data-quality", id: "data_quality_list", "What the frames of each UTC day were like", .page(of: "DataQuality")
    ).asks(.dateFrom, .dateTo, .page)

    static let monitoring = people(
        "monitoring/overview", id: "monitoring_overview_retrieve", "The newest of five lists",
        .ok(.component("MonitoringOverview")))

    static let daily = people(
        "api/daily", id: "api_daily_retrieve", "The report of one UTC day", .ok(.component("DailyReportAnswer"))
    ).asks(.optional("date", Schema.date.note("Today when not said."))).with { $0.saysError = true }

    static let summary = people(
        "api/summary", id: "api_summary_retrieve", "The report of the last UTC days, today included",
        .ok(.component("PeriodSummaryAnswer"))
    ).asks(.optional("days", Schema.integer(1...365).note("30 when not said."))).with { $0.saysError = true }

    static let overview = people(
        "api/overview", id: "api_overview_retrieve", "Today, yesterday, the last 7 and the last 30 days",
        .ok(.component("AnalyticsOverview")))

    /// About people: for their own tenant only.
    private static func people(
        _ path: String, id: String, _ summary: String, _ answer: Operation.Answer
    ) -> Operation {
        operation(path, id: id, summary, answer, access: .tenant)
    }

    /// About the device: for technicians too, who get the figures of all tenants together.
    private static func device(
        _ path: String, id: String, _ summary: String, _ answer: Operation.Answer
    ) -> Operation {
        operation(path, id: id, summary, answer, access: .insight)
    }

    private static func operation(
        _ path: String, id: String, _ summary: String, _ answer: Operation.Answer, access: Access
    ) -> Operation {
        Operation(
            .get, "/api/analytics/\(path)", id: "analytics_\(id)", tag: .analytics, summary, access: access,
            answers: [answer]
        ).with { $0.feature = .analytics }
    }
}
