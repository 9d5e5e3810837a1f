import EdgeCore
import FoundationEssentials
import Hummingbird

extension AnalyticsRoutes {
    func systemMetrics(_ call: APICall) async throws -> Response {
        let span = TimeSpan(
            from: call.query.date("start") ?? TimeSpan(lastDays: 7, until: now).from, to: call.query.date("end"))
        var metrics = try await metrics(of: try call.tenantFilter(), try call.insightView(), in: span)
        if let name = call.query.text("metric_name") { metrics.removeAll { $0.name.rawValue != name } }
        if let type = call.query.text("metric_type") { metrics.removeAll { $0.name.type.rawValue != type } }
        if let limit = call.query.integer("limit") { metrics = Array(metrics.prefix(limit)) }
        return .json(try Page.body(PageOf(call.page, of: metrics), of: call) { $0.body })
    }

    func monitoring(_ call: APICall) async throws -> Response {
        let client = try call.client().id
        let metrics = try await metrics(
            of: client, try call.insightView(), in: TimeSpan(lastDays: 7, until: now))
        let days = try await insight.figures.figures(of: client, in: TimeSpan(lastDays: 30, until: now), by: .day)
        let people = try await insight.figures.people(of: client, risk: nil, limit: 5).items
        return .json([
            "system_metrics": .array(metrics.prefix(10).map { .object($0.body) }),
            "behavior_insights": .array(people.map { .object(FigureBody.person($0)) }),
            "face_recognition": .array(days.prefix(7).map { .object(FigureBody.recognition($0)) }),
            "model_performance": .array(insight.device.modelMeasures.prefix(5).map { .object(FigureBody.measure($0)) }),
            "data_quality": .array(days.prefix(5).map { .object(FigureBody.quality($0)) }),
        ])
    }

    func daily(_ call: APICall) async throws -> Response {
        let report = try await report(of: try call.client(), on: call.query.day("date") ?? now)
        return .json(["success": true, "report": .object(report), "generated_at": .offsetDate(now)])
    }

    func summary(_ call: APICall) async throws -> Response {
        let summary = try await summary(of: try call.client(), days: call.query.integer("days") ?? 30)
        return .json(["success": true, "summary": .object(summary), "generated_at": .offsetDate(now)])
    }

    func overview(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let yesterday = UTCDay.start(now).addingTimeInterval(-UTCDay.seconds)
        return .json([
            "success": true,
            "overview": [
                "today": .object(try await report(of: client, on: now)),
                "yesterday": .object(try await report(of: client, on: yesterday)),
                "last_7_days": .object(try await summary(of: client, days: 7)),
                "last_30_days": .object(try await summary(of: client, days: 30)),
            ],
            "generated_at": .offsetDate(now),
        ])
    }

    private func report(of client: ClientRecord, on day: Date) async throws(EdgeError) -> JSONObject {
        let span = TimeSpan(days: day, through: day)
        let figures = try await insight.figures.figures(of: client.id, in: span)
        let usage = try await insight.usage.callCount(of: client.id, in: span)
        return ReportBody.daily(figures, on: UTCDay.start(day), of: client, usage)
    }

    private func summary(of client: ClientRecord, days: Int) async throws(EdgeError) -> JSONObject {
        let span = TimeSpan(lastDays: days, until: now)
        let figures = try await insight.figures.figures(of: client.id, in: span)
        let usage = try await insight.usage.callCount(of: client.id, in: span)
        return ReportBody.summary(figures, days: days, from: span.from ?? now, to: now, usage)
    }

    /// One value for each metric and hour, the latest first.
    private func metrics(
        of client: ClientID?, _ view: InsightView, in span: TimeSpan
    ) async throws(EdgeError) -> [HourlyMetric] {
        var metrics: [HourlyMetric] = []
        for hour in try await insight.figures.figures(of: client, in: span, by: .hour) {
            metrics += MetricName.allCases.compactMap { name in
                name.value(in: hour.figures).map { HourlyMetric(name: name, value: $0, hour: hour.start) }
            }
        }
        var events = SecurityFilter(view)
        events.span = span
        for hour in try await insight.security.eventCounts(events, by: .hour) {
            metrics.append(HourlyMetric(name: .securityEvent, value: Double(hour.count), hour: hour.start))
        }
        return metrics.sorted { ($0.hour, $1.name.rawValue) > ($1.hour, $0.name.rawValue) }
    }
}

/// One metric in one hour.
struct HourlyMetric: Sendable {
    let name: MetricName
    let value: Double
    /// The beginning of the hour.
    let hour: Date

    var body: JSONObject {
        [
            "id": .uuid(id), "metric_name": .string(name.rawValue), "metric_type": .string(name.type.rawValue),
            "value": .rounded(value, places: 4), "unit": .string(name.unit), "tags": ["period": "hour"],
            "timestamp": .date(hour),
        ]
    }

    private var id: UUID {
        let number = MetricName.allCases.firstIndex(of: name) ?? 0
        return NumberedID.metric.uuid(Int64(hour.timeIntervalSince1970 / 3600) * 16 + Int64(number))
    }
}

extension JSONValue {
    /// As the reference writes it in its reports: with `+00:00` where other answers have `Z`.
    static func offsetDate(_ date: Date) -> JSONValue { .string("\(WireDate.text(date).dropLast())+00:00") }
}
