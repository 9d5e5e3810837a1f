import EdgeCore
import FoundationEssentials
import Hummingbird

/// What happened, and how it was told.
extension WebhookRoutes {
    /// How far back figures go unless it is said.
    private static let standardPeriod: TimeInterval = 30 * 86_400

    func addLogs(to routes: inout RouteBuilder) {
        routes.add(Self.deliveries, listDeliveries)
        routes.add(Self.failedDeliveries, listFailedDeliveries)
        routes.add(Self.delivery, showDelivery)
        routes.add(Self.retrying, retry)
        routes.add(Self.eventLogs, listEventLogs)
        routes.add(Self.eventLog, showEventLog)
        routes.add(Self.figures, showFigures)
        routes.add(Self.retryingAll, retryAll)
        routes.add(Self.clearing, clear)
        routes.add(Self.clientLogs, listClientLogs)
        routes.add(Self.failedClientLogs, listFailedClientLogs)
        routes.add(Self.clientLog, showClientLog)
    }

    private func listDeliveries(_ call: APICall) async throws -> Response {
        let page = try await services.webhooks.webhookDeliveries(of: call.client().id, call.page)
        return .json(try Page.body(page, of: call, WebhookBody.delivery))
    }

    private func listFailedDeliveries(_ call: APICall) async throws -> Response {
        let dead = try await services.webhooks.deadWebhookDeliveries(of: call.client().id, limit: 100)
        return .json(JSONValue.array(dead.map { .object(WebhookBody.delivery($0)) }).bytes)
    }

    private func showDelivery(_ call: APICall) async throws -> Response {
        .json(WebhookBody.delivery(try await services.webhooks.webhookDelivery(call.id(), of: call.client().id)))
    }

    private func retry(_ call: APICall) async throws -> Response {
        do {
            let delivery = try await services.webhooks.retryWebhookDelivery(call.id(), of: call.client().id)
            return .json([
                "message": "Delivery queued for retry.", "delivery": .object(WebhookBody.delivery(delivery)),
            ])
        } catch  where error.code == .deliveryState {
            throw RequestFailure(error: error, extra: ["error": .string(error.detail)])
        }
    }

    private func listEventLogs(_ call: APICall) async throws -> Response {
        let page = try await services.webhooks.webhookEvents(
            of: call.client().id, name: call.query.text("event_name"), call.page)
        return .json(try Page.body(page, of: call, WebhookBody.eventLog))
    }

    private func showEventLog(_ call: APICall) async throws -> Response {
        .json(WebhookBody.eventLog(try await services.webhooks.webhookEvent(call.id(), of: call.client().id)))
    }

    private func showFigures(_ call: APICall) async throws -> Response {
        // What happens in this very second belongs to it.
        let end = call.query.date("end_date") ?? services.clock.wall.addingTimeInterval(1)
        let start = call.query.date("start_date") ?? end.addingTimeInterval(-Self.standardPeriod)
        let statistics = try await services.webhooks.webhookStatistics(
            of: call.client().id, in: min(start, end)..<end)
        var body: JSONObject = ["total_events": .integer(Int64(statistics.events))]
        body.merge(WebhookBody.counts(statistics))
        body["avg_delivery_time"] = .rounded(statistics.averageResponseTime, places: 2)
        body["events_by_type"] = .object(
            JSONObject(unique: statistics.eventsByName.map { ($0.name, .integer(Int64($0.count))) }))
        return .json(body)
    }

    private func retryAll(_ call: APICall) async throws -> Response {
        let count = try await services.webhooks.retryDeadWebhookDeliveries(of: call.client().id, limit: 50)
        return .json([
            "message": .string("\(count) deliveries queued for retry."), "retry_count": .integer(Int64(count)),
        ])
    }

    private func clear(_ call: APICall) async throws -> Response {
        let days = call.query.integer("days") ?? 90
        let limit = services.clock.wall.addingTimeInterval(Double(-days) * 86_400)
        let cleared = try await services.webhooks.clearWebhookEvents(of: call.client().id, before: limit)
        return .json([
            "message": .string("Events older than \(days) days removed."),
            "deleted_event_logs": .integer(Int64(cleared.events)),
            "deleted_deliveries": .integer(Int64(cleared.deliveries)),
        ])
    }

    private func listClientLogs(_ call: APICall) async throws -> Response {
        let page = try await services.webhooks.webhookDeliveries(of: call.client().id, call.page)
        return .json(try Page.body(page, of: call, WebhookBody.clientLog))
    }

    private func listFailedClientLogs(_ call: APICall) async throws -> Response {
        let dead = try await services.webhooks.deadWebhookDeliveries(of: call.client().id, limit: 50)
        return .json(JSONValue.array(dead.map { .object(WebhookBody.clientLog($0)) }).bytes)
    }

    private func showClientLog(_ call: APICall) async throws -> Response {
        .json(WebhookBody.clientLog(try await services.webhooks.webhookDelivery(call.id(), of: call.client().id)))
    }
}
