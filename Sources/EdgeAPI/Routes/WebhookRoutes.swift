import EdgeCore
import FoundationEssentials
import Hummingbird

/// Which events there are, and who is told of them.
struct WebhookRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.catalogue, listEvents)
        routes.add(Self.catalogueEntry, showEvent)
        routes.add(Self.listing, list)
        routes.add(Self.creating, create)
        routes.add(Self.showing, show)
        routes.add(Self.replacing, change)
        routes.add(Self.changing, change)
        routes.add(Self.removing, remove)
        routes.add(Self.regenerating, regenerate)
        routes.add(Self.testing, test)
        routes.add(Self.endpointFigures, showEndpointFigures)
        addLogs(to: &routes)
    }

    private func listEvents(_ call: APICall) async throws -> Response {
        let isActive = call.query.flag("is_active") ?? true
        let all = isActive ? WebhookEventKind.allCases.sorted { $0.rawValue < $1.rawValue } : []
        let items = Array(all.dropFirst(call.page.offset).prefix(PageRequest.size))
        return .json(try Page.body(PageOf(total: all.count, items: items), of: call, WebhookBody.catalogueEntry))
    }

    private func showEvent(_ call: APICall) async throws -> Response {
        let id: EventID = try call.id()
        guard let kind = WebhookEventKind.allCases.first(where: { $0.catalogueID == id.rawValue }) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(try WebhookBody.catalogueEntry(kind))
    }

    private func list(_ call: APICall) async throws -> Response {
        let page = try await services.webhooks.webhookEndpoints(of: call.client().id, call.page)
        return .json(try Page.body(page, of: call, WebhookBody.endpoint))
    }

    private func create(_ call: APICall) async throws -> Response {
        let (endpoint, secret) = try await services.webhooks.createWebhookEndpoint(
            draft(call.body), of: call.client().id)
        var body = WebhookBody.endpoint(endpoint)
        body["secret_token"] = .string(secret.reveal())
        return .json(body, status: .created)
    }

    private func show(_ call: APICall) async throws -> Response {
        .json(WebhookBody.endpoint(try await services.webhooks.webhookEndpoint(call.id(), of: call.client().id)))
    }

    /// PUT and PATCH: the schema says what must be there; what is not there stays.
    private func change(_ call: APICall) async throws -> Response {
        var change = WebhookEndpointChange()
        change.name = call.body.text("name")
        change.url = call.body.text("url")
        change.status = call.body.text("status").flatMap(EndpointStatus.init(rawValue:))
        change.subscribedEvents = call.body.texts("subscribed_events")
        change.secret = call.body.text("secret_token").map { Redacted($0) }
        change.maximumRetries = call.body.integer("max_retries")
        change.retryDelay = call.body.integer("retry_delay_seconds")
        change.metadataJSON = call.body.objectText("metadata")
        let endpoint = try await services.webhooks.changeWebhookEndpoint(call.id(), of: call.client().id, change)
        return .json(WebhookBody.endpoint(endpoint))
    }

    private func remove(_ call: APICall) async throws -> Response {
        try await services.webhooks.removeWebhookEndpoint(call.id(), of: call.client().id)
        return Response(status: .noContent)
    }

    private func regenerate(_ call: APICall) async throws -> Response {
        let secret = try await services.webhooks.regenerateWebhookSecret(of: call.id(), of: call.client().id)
        return .json([
            "message": "Secret regenerated. The one before it signs along for a day.",
            "secret_token": .string(secret.reveal()),
        ])
    }

    private func test(_ call: APICall) async throws -> Response {
        let type = call.body.text("test_event_type") ?? WebhookEventKind.userEnrolled.rawValue
        let sample = WebhookEventKind(name: type)?.samplePayload.jsonText ?? "{}"
        let delivery = try await services.webhooks.testWebhookEndpoint(
            call.id(), of: call.client().id, type: type, dataJSON: try Self.testData(call) ?? sample)
        return .json([
            "message": delivery.status.isOpen ? "Test event queued." : "The endpoint is not active: nothing is sent.",
            "event": .string(delivery.eventName), "endpoint": .string(delivery.url),
            "delivery_id": .string(delivery.id.description), "delivery_status": .string(delivery.status.rawValue),
        ])
    }

    private func showEndpointFigures(_ call: APICall) async throws -> Response {
        let statistics = try await services.webhooks.webhookStatistics(
            of: call.id() as EndpointID, of: call.client().id)
        var body = WebhookBody.counts(statistics)
        body["avg_delivery_time_ms"] = .rounded(statistics.averageResponseTime, places: 2)
        return .json(body)
    }

    private func draft(_ body: Fields) throws -> WebhookEndpointDraft {
        var draft = WebhookEndpointDraft(name: try body.requiredText("name"), url: try body.requiredText("url"))
        draft.status = body.text("status").flatMap(EndpointStatus.init(rawValue:)) ?? draft.status
        draft.subscribedEvents = body.texts("subscribed_events") ?? draft.subscribedEvents
        draft.secret = body.text("secret_token").map { Redacted($0) }
        draft.maximumRetries = body.integer("max_retries") ?? draft.maximumRetries
        draft.retryDelay = body.integer("retry_delay_seconds") ?? draft.retryDelay
        draft.metadataJSON = body.objectText("metadata") ?? draft.metadataJSON
        return draft
    }

    /// The largest `test_data`, bytes of JSON text: an event of ours has a tenth of it.
    static let maximumTestData = 4096

    private static func testData(_ call: APICall) throws(EdgeError) -> String? {
        guard let text = call.body.objectText("test_data") else { return nil }
        guard text.utf8.count <= maximumTestData else {
            throw EdgeError(
                .requestTooLarge, "test_data is larger than \(maximumTestData) bytes.", field: "test_data")
        }
        return text
    }
}
