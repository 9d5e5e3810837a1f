import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import Store
@testable import StoreTesting

/// A store with one client and what webhook tests ask of it again and again.
struct WebhookFixture {
    let base: StoreFixture
    let store: EdgeStore
    let client: ClientID

    init(limits: WebhookLimits = WebhookLimits()) async throws {
        base = try StoreFixture()
        store = try await base.open(webhooks: limits)
        client = try await store.createClient(name: "kiosk").client.id
    }

    var clock: ManualClock { base.clock }

    /// Makes an endpoint for `events`, all without any.
    @discardableResult
    func endpoint(
        _ name: String = "hook", _ events: [String] = [], change: (inout WebhookEndpointDraft) -> Void = { _ in }
    ) async throws -> EndpointID {
        var draft = WebhookEndpointDraft(name: name, url: "https://\(name).example/in")
        draft.subscribedEvents = events
        change(&draft)
        return try await store.createWebhookEndpoint(draft, of: client).endpoint.id
    }

    /// Lets something happen.
    func happen(_ happening: Happening, to client: ClientID? = nil) async throws {
        try await store.write { [store] db in
            try store.emit(happening, of: client ?? self.client, at: store.clock.wall, db)
        }
    }

    /// Makes a user known, `count` times.
    func happen(_ count: Int) async throws {
        for number in 0..<count { try await happen(.userCreated(PersonID(), externalID: "E-\(number)")) }
    }

    /// Names of the events, oldest first.
    func names() async throws -> [String] {
        try await store.webhookEvents(of: client, name: nil, PageRequest()).items.map(\.name).reversed()
    }

    /// The newest page of deliveries, oldest first.
    func deliveries() async throws -> [WebhookDelivery] {
        try await store.webhookDeliveries(of: client, PageRequest()).items.reversed()
    }

    func take(_ limit: Int = 100) async throws -> [WebhookShipment] {
        try await store.takeDue(at: clock.wall, limit: limit)
    }

    func record(_ result: DeliveryResult, of delivery: DeliveryID) async throws {
        try await store.record(result, of: delivery, at: clock.wall)
    }

    /// Sends all that is due with this result.
    func finish(_ result: DeliveryResult) async throws {
        while true {
            let due = try await take()
            if due.isEmpty { return }
            for shipment in due { try await record(result, of: shipment.delivery) }
        }
    }

    func allow(_ events: [String]) async throws {
        _ = try await store.updateClient(client) { client throws(EdgeError) in client.features.webhookEvents = events }
    }
}

extension StoreFixture {
    func open(webhooks: WebhookLimits) async throws -> EdgeStore {
        try await open(sealer: vault, secrets: vault, webhooks: webhooks)
    }

    func open(
        sealer: any Sealer, secrets: any SecretKeeper, webhooks: WebhookLimits
    ) async throws -> EdgeStore {
        var options = StoreOptions()
        options.webhooks = webhooks
        return try await open(sealer: sealer, secrets: secrets, options: options)
    }
}
