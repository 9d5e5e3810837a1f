import EdgeCore
import HTTPTypes

/// Deliveries, events that happened, and figures.
extension WebhookRoutes {
    static let deliveries = operation(
        .get, "/deliveries", "deliveries_list", "Deliveries", [.page(of: "WebhookDelivery")]
    ).asks(.page)

    static let delivery = operation(
        .get, "/deliveries/{id}", "deliveries_retrieve", "One delivery", [.ok(.component("WebhookDelivery"))]
    ).ofUUID()

    static let failedDeliveries = operation(
        .get, "/deliveries/failed", "deliveries_failed_list",
        "The newest 100 deliveries that came to an end without reaching their receiver",
        [.ok(.list(.component("WebhookDelivery"), maximum: 100))])

    static let retrying = operation(
        .post, "/deliveries/{id}/retry", "deliveries_retry_create", "Let a delivery that failed begin anew",
        [
            .ok(.object([.required("message", .anyText), .required("delivery", .component("WebhookDelivery"))])),
            .error(.conflict, "It did not fail, or its data were forgotten with their person."),
        ]
    ).ofUUID()

    static let eventLogs = operation(
        .get, "/event-logs", "event_logs_list", "What happened", [.page(of: "WebhookEventLog")]
    ).asks(.optional("event_name", .text(1...100)), .page)

    static let eventLog = operation(
        .get, "/event-logs/{id}", "event_logs_retrieve", "One thing that happened",
        [.ok(.component("WebhookEventLog"))]
    ).ofUUID()

    static let figures = operation(
        .get, "/stats", "stats_retrieve", "What happened and how deliveries went; the last 30 days when not said",
        [.ok(.component("WebhookStats"))]
    ).asks(.optional("start_date", .dateTime), .optional("end_date", .dateTime))

    static let retryingAll = operation(
        .post, "/retry-failed", "retry_failed_create",
        "Let the oldest 50 deliveries begin anew that failed and whose endpoint is active",
        [.ok(.object([.required("message", .anyText), .required("retry_count", .integer(0...50))]))])

    static let clearing = operation(
        .delete, "/clear-logs", "clear_logs_destroy", "Remove events older than some days; what waits stays",
        [
            .ok(
                .object([
                    .required("message", .anyText), .required("deleted_event_logs", .count),
                    .required("deleted_deliveries", .count),
                ]))
        ]
    ).asks(.optional("days", Schema.integer(0...3650).note("90 when not said.")))

    static let clientLogs = clientLog("", "list", "Deliveries, in the older form", [.page(of: "ClientWebhookLog")])
        .asks(.page)

    static let clientLog = clientLog(
        "/{id}", "retrieve", "One delivery, in the older form", [.ok(.component("ClientWebhookLog"))]
    ).ofUUID()

    static let failedClientLogs = clientLog(
        "/failed", "failed_list", "The newest 50 deliveries that failed, in the older form",
        [.ok(.list(.component("ClientWebhookLog"), maximum: 50))])

    private static func clientLog(
        _ path: String, _ id: String, _ summary: String, _ answers: [Operation.Answer]
    ) -> Operation {
        Operation(
            .get, "/api/clients/webhook-logs\(path)", id: "clients_webhook_logs_\(id)", tag: .webhooks, summary,
            access: .tenant, answers: answers)
    }
}
