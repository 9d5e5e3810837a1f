import EdgeCore

extension Components {
    static let webhookSchemas: [(key: String, value: Schema)] = [
        ("WebhookEvent", webhookEvent), ("WebhookEndpoint", webhookEndpoint), ("WebhookDelivery", webhookDelivery),
        ("WebhookEventLog", webhookEventLog), ("WebhookFailure", webhookFailure),
        ("WebhookEndpointStats", webhookEndpointStats), ("WebhookStats", webhookStats),
        ("ClientWebhookLog", clientWebhookLog),
    ]

    private static let webhookEvent = Schema.object([
        .required("id", .uuid), .required("event_name", .anyText), .required("description", .anyText),
        .required("is_active", .boolean), .required("payload_schema", .openObject.note("JSON Schema of `data`.")),
        .required("aliases", .list(.anyText).note("Other names that subscribe to it.")),
        .required("created_at", .dateTime), .required("updated_at", .dateTime),
    ])

    private static let webhookEndpoint = Schema.object([
        .required("id", .uuid), .required("client", .uuid), .required("name", .anyText), .required("url", .anyText),
        .required("status", .choice(EndpointStatus.self)), .required("subscribed_events", .list(.anyText)),
        .required("max_retries", .count), .required("retry_delay_seconds", .count),
        .required("total_deliveries", .count), .required("successful_deliveries", .count),
        .required("failed_deliveries", .count), .required("metadata", .openObject),
        .required("created_at", .dateTime), .required("updated_at", .dateTime),
        .required("last_delivery_at", Schema.dateTime.orNull),
        .optional("secret_token", Schema.anyText.orNull.note("Only in the answer that made the endpoint; keep it.")),
    ])

    private static let attempt = Schema.object([
        .required("attempt_number", .count), .required("at", .dateTime),
        .required("response_status_code", Schema.count.orNull), .required("error_code", Schema.anyText.orNull),
        .required("response_time_ms", Schema.number(0...Double.infinity).orNull),
    ])

    private static let webhookDelivery = Schema.object([
        .required("id", .uuid), .required("endpoint", .uuid), .required("endpoint_url", .anyText),
        .required("event", .uuid.note("The value of the header `webhook-id`.")), .required("event_name", .anyText),
        .required("event_data", Schema.openObject.orNull.note("`null` once forgotten with the person.")),
        .required("status", .choice(DeliveryStatus.self)), .required("http_method", .choice(["POST"])),
        .required("headers", .openObject.note("As sent, without signatures.")),
        .required("response_status_code", Schema.count.orNull), .required("response_headers", .openObject),
        .required("response_body", .anyText.note("The first 1000 characters.")),
        .required("response_time_ms", Schema.number(0...Double.infinity).orNull),
        .required("attempt_number", .count), .required("max_attempts", .count),
        .required("next_retry_at", Schema.dateTime.orNull), .required("error_message", .anyText),
        .required("error_code", .anyText),
        .required("attempts", .list(.object(attempt.properties)).note("The newest 20, oldest first.")),
        .required("created_at", .dateTime), .required("delivered_at", Schema.dateTime.orNull),
        .required("completed_at", Schema.dateTime.orNull),
    ])

    private static let webhookEventLog = Schema.object([
        .required("id", .uuid), .required("client", .uuid), .required("event_name", .anyText),
        .required("event_source", .anyText),
        .required("event_data", Schema.openObject.orNull.note("`null` once forgotten with the person.")),
        .required("total_endpoints", .count), .required("successful_deliveries", .count),
        .required("failed_deliveries", .count), .required("metadata", .openObject),
        .required("success_rate", .number(0...100)), .required("created_at", .dateTime),
    ])

    private static let webhookFailure = Schema.object([
        .required("event_name", .anyText), .required("endpoint__url", .anyText),
        .required("response_status_code", Schema.count.orNull), .required("error_message", .anyText),
        .required("created_at", .dateTime),
    ])

    private static let counts: [Schema.Property] = [
        .required("total_deliveries", .count), .required("successful_deliveries", .count),
        .required("failed_deliveries", .count), .required("pending_deliveries", .count),
        .required("success_rate", Schema.number(0...100).note("Percent of the deliveries that came to an end.")),
        .required("recent_failures", .list(.component("WebhookFailure"))),
    ]

    private static let webhookEndpointStats = Schema.object(
        counts + [.required("avg_delivery_time_ms", Schema.number(0...Double.infinity).orNull)])

    private static let webhookStats = Schema.object(
        counts + [
            .required("total_events", .count),
            .required("avg_delivery_time", Schema.number(0...Double.infinity).orNull.note("Milliseconds.")),
            .required("events_by_type", .openObject.note("How often each event happened.")),
        ])

    private static let clientWebhookLog = Schema.object([
        .required("id", .uuid), .required("client", .uuid), .required("event_type", .anyText),
        .required("payload", Schema.openObject.orNull), .required("status", .choice(LogStatus.self)),
        .required("response_status_code", Schema.count.orNull), .required("response_body", .anyText),
        .required("error_message", .anyText), .required("attempt_count", .count), .required("max_attempts", .count),
        .required("next_retry_at", Schema.dateTime.orNull), .required("created_at", .dateTime),
        .required("delivered_at", Schema.dateTime.orNull),
    ])

    /// The older list knows no `abandoned`.
    private enum LogStatus: String, CaseIterable { case pending, success, failed, retrying }
}
