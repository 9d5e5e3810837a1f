import EdgeCore
import FoundationEssentials
import Synchronization

/// Webhooks in memory with the promises of the store: one tenant never sees another's.
final class FakeWebhooks: WebhookRegistry, WebhookJournal {
    struct State {
        var endpoints: [WebhookEndpoint] = []
        var deliveries: [WebhookDelivery] = []
        var events: [WebhookEvent] = []
        var drafts: [WebhookEndpointDraft] = []
        var changes: [WebhookEndpointChange] = []
        var periods: [Range<Date>] = []
        var clearedBefore: Date?
        var made = 0
    }

    let state = Mutex(State())
    let clock: any EdgeClock

    init(clock: any EdgeClock) { self.clock = clock }

    func webhookEndpoints(
        of client: ClientID, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookEndpoint> {
        Self.page(page, state.withLock { state in state.endpoints.filter { $0.client == client } })
    }

    func webhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError) -> WebhookEndpoint {
        let found = state.withLock { state in state.endpoints.first { $0.id == id && $0.client == client } }
        guard let found else { throw EdgeError(.recordUnknown) }
        return found
    }

    func createWebhookEndpoint(
        _ draft: WebhookEndpointDraft, of client: ClientID
    ) async throws(EdgeError) -> (endpoint: WebhookEndpoint, secret: Redacted<String>) {
        let endpoint = WebhookEndpoint(id: EndpointID(), client: client, draft: draft, createdAt: clock.wall)
        let isNew = state.withLock { state in
            state.drafts.append(draft)
            guard !state.endpoints.contains(where: { $0.client == client && $0.name == draft.name }) else {
                return false
            }
            state.endpoints.append(endpoint)
            return true
        }
        guard isNew else { throw EdgeError(.endpointExists, field: "name") }
        return (endpoint, draft.secret ?? freshSecret())
    }

    func changeWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, _ change: WebhookEndpointChange
    ) async throws(EdgeError) -> WebhookEndpoint {
        var endpoint = try await webhookEndpoint(id, of: client)
        endpoint.name = change.name ?? endpoint.name
        endpoint.url = change.url ?? endpoint.url
        endpoint.status = change.status ?? endpoint.status
        endpoint.subscribedEvents = change.subscribedEvents ?? endpoint.subscribedEvents
        endpoint.maximumRetries = change.maximumRetries ?? endpoint.maximumRetries
        endpoint.retryDelay = change.retryDelay ?? endpoint.retryDelay
        endpoint.metadataJSON = change.metadataJSON ?? endpoint.metadataJSON
        let changed = endpoint
        state.withLock { state in
            state.changes.append(change)
            state.endpoints = state.endpoints.map { $0.id == id ? changed : $0 }
        }
        return changed
    }

    func removeWebhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError) {
        _ = try await webhookEndpoint(id, of: client)
        state.withLock { $0.endpoints.removeAll { $0.id == id } }
    }

    func regenerateWebhookSecret(of id: EndpointID, of client: ClientID) async throws(EdgeError) -> Redacted<String> {
        _ = try await webhookEndpoint(id, of: client)
        return freshSecret()
    }

    func testWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, type: String, dataJSON: String
    ) async throws(EdgeError) -> WebhookDelivery {
        let endpoint = try await webhookEndpoint(id, of: client)
        var delivery = WebhookDelivery(
            id: DeliveryID(), event: EventID(), endpoint: id, client: client, url: endpoint.url,
            eventName: "test.\(type)", dataJSON: dataJSON, maximumAttempts: endpoint.maximumRetries + 1,
            createdAt: clock.wall)
        if endpoint.status != .active {
            delivery.status = .abandoned
            delivery.nextAttemptAt = nil
        }
        put(delivery)
        return delivery
    }

    func webhookStatistics(of id: EndpointID, of client: ClientID) async throws(EdgeError) -> WebhookStatistics {
        _ = try await webhookEndpoint(id, of: client)
        return statistics(of: client) { $0.endpoint == id }
    }

    /// Adds a delivery and its event, or replaces it.
    func put(_ delivery: WebhookDelivery) {
        let event = WebhookEvent(
            id: delivery.event, client: delivery.client, name: delivery.eventName, source: "test",
            dataJSON: delivery.dataJSON, totalEndpoints: 1, successfulDeliveries: delivery.status == .success ? 1 : 0,
            failedDeliveries: delivery.status.isDead ? 1 : 0, createdAt: delivery.createdAt)
        state.withLock { state in
            state.deliveries.removeAll { $0.id == delivery.id }
            state.events.removeAll { $0.id == event.id }
            state.deliveries.append(delivery)
            state.events.append(event)
        }
    }

    private func freshSecret() -> Redacted<String> {
        state.withLock { state in
            state.made += 1
            return Redacted("whsec_made-\(state.made)")
        }
    }

    static func page<Item>(_ page: PageRequest, _ oldestFirst: [Item]) -> PageOf<Item> {
        PageOf(
            total: oldestFirst.count,
            items: Array(oldestFirst.reversed().dropFirst(page.offset).prefix(PageRequest.size)))
    }

    private func statistics(
        of client: ClientID, where isMeant: (WebhookDelivery) -> Bool
    ) -> WebhookStatistics {
        let state = state.withLock { $0 }
        let meant = state.deliveries.filter { $0.client == client && isMeant($0) }
        var statistics = WebhookStatistics()
        statistics.total = meant.count
        statistics.successful = meant.count { $0.status == .success }
        statistics.failed = meant.count { $0.status.isDead }
        statistics.pending = meant.count { $0.status.isOpen }
        statistics.recentFailures = meant.filter { $0.status.isDead }
        return statistics
    }
}

extension FakeWebhooks {
    func webhookDeliveries(
        of client: ClientID, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookDelivery> {
        Self.page(page, state.withLock { state in state.deliveries.filter { $0.client == client } })
    }

    func deadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> [WebhookDelivery] {
        state.withLock { state in
            Array(state.deliveries.filter { $0.client == client && $0.status.isDead }.reversed().prefix(limit))
        }
    }

    func webhookDelivery(_ id: DeliveryID, of client: ClientID) async throws(EdgeError) -> WebhookDelivery {
        let found = state.withLock { state in state.deliveries.first { $0.id == id && $0.client == client } }
        guard let found else { throw EdgeError(.recordUnknown) }
        return found
    }

    func retryWebhookDelivery(_ id: DeliveryID, of client: ClientID) async throws(EdgeError) -> WebhookDelivery {
        var delivery = try await webhookDelivery(id, of: client)
        guard delivery.status.isDead || delivery.status == .retrying else { throw EdgeError(.deliveryState) }
        delivery.status = .pending
        put(delivery)
        return delivery
    }

    func retryDeadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> Int {
        let dead = try await deadWebhookDeliveries(of: client, limit: limit)
        for delivery in dead { _ = try await retryWebhookDelivery(delivery.id, of: client) }
        return dead.count
    }

    func webhookEvents(
        of client: ClientID, name: String?, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookEvent> {
        Self.page(
            page,
            state.withLock { state in
                state.events.filter { $0.client == client && (name == nil || $0.name == name) }
            })
    }

    func webhookEvent(_ id: EventID, of client: ClientID) async throws(EdgeError) -> WebhookEvent {
        let found = state.withLock { state in state.events.first { $0.id == id && $0.client == client } }
        guard let found else { throw EdgeError(.recordUnknown) }
        return found
    }

    func webhookStatistics(
        of client: ClientID, in period: Range<Date>
    ) async throws(EdgeError) -> WebhookStatistics {
        state.withLock { $0.periods.append(period) }
        var statistics = statistics(of: client) { period.contains($0.createdAt) }
        let names = state.withLock { state in
            state.events.filter { $0.client == client && period.contains($0.createdAt) }.map(\.name)
        }
        statistics.events = names.count
        statistics.eventsByName = Set(names).sorted().map { name in (name, names.count { $0 == name }) }
        return statistics
    }

    func clearWebhookEvents(
        of client: ClientID, before moment: Date
    ) async throws(EdgeError) -> (events: Int, deliveries: Int) {
        state.withLock { state in
            state.clearedBefore = moment
            return (1, 2)
        }
    }
}
