import EdgeCore
import FoundationEssentials
import Hummingbird

/// What happened on this device, worked out from its sessions and events when it is asked for.
struct AnalyticsRoutes: Sendable {
    let services: APIServices

    var insight: InsightServices { services.insight }
    var now: Date { services.clock.wall }

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.authLogs, authLogs)
        routes.add(Self.authLog, authLog)
        routes.add(Self.alerts, alerts)
        routes.add(Self.alert, alert)
        routes.add(Self.dashboard, dashboard)
        routes.add(Self.statistics, statistics)
        routes.add(Self.systemMetrics, systemMetrics)
        routes.add(Self.userBehavior, userBehavior)
        routes.add(Self.recognitionStats, recognitionStats)
        routes.add(Self.modelPerformance, modelPerformance)
        routes.add(Self.dataQuality, dataQuality)
        routes.add(Self.monitoring, monitoring)
        routes.add(Self.daily, daily)
        routes.add(Self.summary, summary)
        routes.add(Self.overview, overview)
    }

    private func authLogs(_ call: APICall) async throws -> Response {
        let filter = AttemptFilter(client: try call.client().id, succeeded: call.query.flag("success"), span: call.days)
        // Every attempt here is one by face.
        let isFace = call.query.text("auth_method").map { $0 == "face" } ?? true
        let page =
            isFace ? try await insight.figures.attempts(filter, page: call.page) : PageOf(total: 0, items: [])
        return .json(try Page.body(page, of: call, AttemptBody.body))
    }

    private func authLog(_ call: APICall) async throws -> Response {
        guard let found = try await insight.figures.attempt(try call.id(), of: try call.client().id) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(AttemptBody.body(found))
    }

    private func alerts(_ call: APICall) async throws -> Response {
        var filter = SecurityFilter(try call.insightView())
        filter.severities =
            call.query.text("severity").flatMap(AlertSeverity.init(rawValue:))?.events ?? AlertSeverity.alerting
        filter.types = call.query.text("alert_type").flatMap(AlertType.init(rawValue:))?.events
        filter.isResolved = call.query.flag("resolved")
        let page = try await insight.security.events(filter, page: call.page)
        return .json(try Page.body(page, of: call, AlertBody.body))
    }

    private func alert(_ call: APICall) async throws -> Response {
        let found = try await insight.security.event(try call.id(), try call.insightView())
        guard let found, AlertSeverity.alerting.contains(found.severity) else { throw EdgeError(.recordUnknown) }
        return .json(AlertBody.body(found))
    }

    private func dashboard(_ call: APICall) async throws -> Response {
        let client = try call.client()
        let period = call.query.text("period").flatMap(DashboardPeriod.init(rawValue:)) ?? .month
        let span = TimeSpan(lastDays: period.days, until: now)
        var alerts = SecurityFilter(try call.insightView())
        alerts.severities = AlertSeverity.alerting
        alerts.span = span
        let latest = try await insight.figures.attempts(
            AttemptFilter(client: client.id, span: span), page: PageRequest())
        return .json(
            DashboardBody.dashboard(
                try await insight.figures.figures(of: client.id, in: span),
                alerts: try await insight.security.eventCount(alerts), latest: latest.items, period,
                from: span.from ?? now, to: now))
    }

    private func statistics(_ call: APICall) async throws -> Response {
        let client = try call.client()
        var alerts = SecurityFilter(try call.insightView())
        alerts.severities = AlertSeverity.alerting
        alerts.isResolved = false
        alerts.span = TimeSpan(lastDays: 30, until: now)
        let week = TimeSpan(lastDays: 7, until: now)
        return .json(
            DashboardBody.statistics(
                of: client, try await insight.figures.figures(of: client.id, in: TimeSpan()),
                enrolled: try await insight.figures.totals(of: client.id).enrolledPeople,
                alerts: try await insight.security.eventCount(alerts),
                risk: RiskLevel(meanRisk: try await insight.figures.figures(of: client.id, in: week).risk), now: now))
    }

    private func userBehavior(_ call: APICall) async throws -> Response {
        let risk = call.query.text("risk_level").flatMap(RiskLevel.init(rawValue:))
        let people = try await insight.figures.people(of: try call.client().id, risk: risk, limit: 1000)
        return .json([
            "count": .whole(people.total), "results": .array(people.items.map { .object(FigureBody.person($0)) }),
        ])
    }

    private func recognitionStats(_ call: APICall) async throws -> Response {
        let days = try await insight.figures.figures(of: try call.client().id, in: call.days, by: .day)
        return .json([
            "count": .whole(days.count), "results": .array(days.map { .object(FigureBody.recognition($0)) }),
        ])
    }

    private func dataQuality(_ call: APICall) async throws -> Response {
        let days = try await insight.figures.figures(of: try call.tenantFilter(), in: call.days, by: .day)
        return .json(try Page.body(PageOf(call.page, of: days), of: call, FigureBody.quality))
    }

    private func modelPerformance(_ call: APICall) async throws -> Response {
        let (model, environment) = (call.query.text("model"), call.query.text("environment"))
        let measures = insight.device.modelMeasures.filter { measure in
            (model == nil || model == measure.model)
                && (environment == nil || environment == FigureBody.environment)
        }
        return .json(try Page.body(PageOf(call.page, of: measures), of: call, FigureBody.measure))
    }
}
