import EdgeCore
import HTTPTypes

/// The catalogue of events, and endpoints.
extension WebhookRoutes {
    static let catalogue = operation(
        .get, "/events", "events_list", "The events that this device emits, by name",
        [.page(of: "WebhookEvent")]
    ).asks(.optional("is_active", .boolean), .page)

    static let catalogueEntry = operation(
        .get, "/events/{id}", "events_retrieve", "One event of the catalogue", [.ok(.component("WebhookEvent"))]
    ).ofUUID()

    static let listing = operation(
        .get, "/endpoints", "endpoints_list", "The client's endpoints", [.page(of: "WebhookEndpoint")]
    ).asks(.page)

    static let creating = operation(
        .post, "/endpoints", "endpoints_create", "Make an endpoint",
        [.created(.component("WebhookEndpoint"), "The endpoint with its secret, which is told here only.")]
    ).takes(.object(members)).with { $0.creates = true }
        .details(
            """
            The endpoint belongs to the client that asks, whatever `client` says. Deliveries are signed as Standard \
            Webhooks 1.0 has it (`webhook-id`, `webhook-timestamp`, `webhook-signature`) and with `X-FR-Signature`.
            """)

    static let showing = operation(
        .get, "/endpoints/{id}", "endpoints_retrieve", "One endpoint, without its secret",
        [.ok(.component("WebhookEndpoint"))]
    ).ofUUID()

    static let replacing = operation(
        .put, "/endpoints/{id}", "endpoints_update", "Change an endpoint; what is not named stays",
        [.ok(.component("WebhookEndpoint")), taken]
    ).ofUUID().takes(.object(members))

    static let changing = operation(
        .patch, "/endpoints/{id}", "endpoints_partial_update", "Change some of an endpoint",
        [.ok(.component("WebhookEndpoint")), taken]
    ).ofUUID().takes(.object(members.map(\.asOptional)))

    static let removing = operation(
        .delete, "/endpoints/{id}", "endpoints_destroy", "Remove an endpoint with its deliveries", [.noContent]
    ).ofUUID()

    static let regenerating = operation(
        .post, "/endpoints/{id}/regenerate_secret", "endpoints_regenerate_secret_create",
        "Make a fresh secret; the one before it signs along for a day",
        [.ok(.object([.required("message", .anyText), .required("secret_token", .anyText)]))]
    ).ofUUID()

    static let testing = operation(
        .post, "/endpoints/{id}/test", "endpoints_test_create", "Queue a test event for this endpoint alone",
        [
            .ok(
                .object([
                    .required("message", .anyText), .required("event", .anyText), .required("endpoint", .anyText),
                    .required("delivery_id", .uuid), .required("delivery_status", .choice(DeliveryStatus.self)),
                ]))
        ]
    ).ofUUID().takes(
        .object([
            .optional("test_event_type", .choice(testTypes).note("`user.enrolled` when not said.")),
            .optional("test_data", .openObject.note("The event's `data`; an example of the type when not said.")),
        ]), required: false)

    static let endpointFigures = operation(
        .get, "/endpoints/{id}/stats", "endpoints_stats_retrieve", "How deliveries to the endpoint went",
        [.ok(.component("WebhookEndpointStats"))]
    ).ofUUID()

    static let taken = Operation.Answer.error(.conflict, "Another endpoint of the client has this name.")

    /// Names that the reference's clients test with, then all that this device emits.
    static let testTypes =
        ["user.authentication.success", "user.authentication.failed"] + WebhookEventKind.allCases.map(\.rawValue)

    /// Every name that can ever be told; another one would be silence that looks like success.
    private static let subscribable = ["*"] + WebhookEventKind.allCases.flatMap { [$0.rawValue] + $0.aliases }

    private static let members: [Schema.Property] = [
        .required("name", Schema.text(1...100).note("Unique among the client's endpoints.")),
        .required("url", Schema.uri.note("http or https, without credentials.")),
        .optional("status", .choice(EndpointStatus.self)),
        .optional(
            "subscribed_events",
            Schema.list(.choice(subscribable), maximum: 100)
                .note("Names of the catalogue, aliases, or `*`; empty means all.")),
        .optional(
            "secret_token",
            Schema.text(16...200).orNull.note("A secret of your own; made for you when not said. Never shown again.")),
        .optional(
            "max_retries",
            Schema.integer(WebhookEndpoint.retryRange)
                .note("Attempts after the first one; \(WebhookEndpoint.standardRetries) when not said.")),
        .optional(
            "retry_delay_seconds",
            Schema.integer(WebhookEndpoint.retryDelayRange)
                .note("The least pause between two attempts; the schedule's own when 0 or not said.")),
        .optional("metadata", .openObject.note("Your own facts; never used for a request.")),
    ]

    static func operation(
        _ method: HTTPRequest.Method, _ path: String, _ id: String, _ summary: String, _ answers: [Operation.Answer]
    ) -> Operation {
        Operation(
            method, "/api/webhooks\(path)", id: "webhooks_\(id)", tag: .webhooks, summary, access: .tenant,
            answers: answers)
    }
}
