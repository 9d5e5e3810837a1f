import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Webhook endpoints, secrets and logs on disk")
struct WebhookRecordTests {
    @Test("addresses, secrets, metadata, events and answers stand on disk only sealed")
    func secrecy() async throws {
        let fixture = try await WebhookFixture()
        var draft = WebhookEndpointDraft(name: "plain endpoint name", url: "https://canary-host.example/T0/canary-path")
        draft.metadataJSON = #"{"note":"canary-metadata"}"#
        let (_, secret) = try await fixture.store.createWebhookEndpoint(draft, of: fixture.client)
        try await fixture.happen(.userCreated(PersonID(), externalID: "canary-user"))
        let echo = DeliveryResult(
            verdict: .dead, statusCode: 500, responseHeaders: [("x", "canary-header")], responseBody: "canary-body",
            errorMessage: "canary-message")
        try await fixture.finish(echo)
        #expect(try await fixture.deliveries().first?.responseBody == "canary-body")
        #expect(try await fixture.deliveries().first?.errorMessage == "canary-message")
        for isOpen in [true, false] {
            if !isOpen { await fixture.store.close() }
            #expect(try fixture.base.onDisk(Data("plain endpoint name".utf8)))
            for canary in ["canary", secret.reveal(), String(secret.reveal().dropFirst(6))] {
                #expect(try !fixture.base.onDisk(Data(canary.utf8)))
            }
        }
    }

    @Test("a secret is whsec_ and base64 of 33 bytes; one that the client chose stays as it is")
    func secrets() async throws {
        let fixture = try await WebhookFixture()
        var draft = WebhookEndpointDraft(name: "a", url: "https://a.example")
        let made = try await fixture.store.createWebhookEndpoint(draft, of: fixture.client).secret.reveal()
        #expect(made.hasPrefix("whsec_") && Data(base64Encoded: String(made.dropFirst(6)))?.count == 33)
        draft.name = "b"
        draft.secret = Redacted("a secret of my own")
        #expect(
            try await fixture.store.createWebhookEndpoint(draft, of: fixture.client).secret.reveal()
                == "a secret of my own")
    }

    @Test("after a change of secrets the old one signs along for a day, the new one first")
    func rotation() async throws {
        let fixture = try await WebhookFixture()
        let (endpoint, first) = try await fixture.store.createWebhookEndpoint(
            WebhookEndpointDraft(name: "a", url: "https://a.example"), of: fixture.client)
        try await fixture.happen(3)
        let second = try await fixture.store.regenerateWebhookSecret(of: endpoint.id, of: fixture.client)
        let both = try #require(try await fixture.take(1).first)
        #expect(both.secrets.map { $0.reveal() } == [second.reveal(), first.reveal()])
        fixture.clock.advance(by: .seconds(3600))
        let third = try await fixture.store.regenerateWebhookSecret(of: endpoint.id, of: fixture.client)
        let three = try #require(try await fixture.take(1).first)
        #expect(three.secrets.map { $0.reveal() } == [third.reveal(), second.reveal(), first.reveal()])
        fixture.clock.advance(by: .seconds(86_400))
        let one = try #require(try await fixture.take(1).first)
        #expect(one.secrets.map { $0.reveal() } == [third.reveal()])
        let lines = try await fixture.store.newest(1)
        #expect(lines.first?.detailsJSON.contains("secret_token") == true)
        #expect(lines.first?.detailsJSON.contains(third.reveal()) == false)
    }

    @Test("names are taken once for each client, and a client has so many endpoints and no more")
    func names() async throws {
        var limits = WebhookLimits()
        limits.endpointsPerClient = 2
        let fixture = try await WebhookFixture(limits: limits)
        let first = try await fixture.endpoint("a")
        await expect(.endpointExists) { try await fixture.endpoint("a") }
        try await fixture.endpoint("b")
        await expect(.quotaReached) { try await fixture.endpoint("c") }
        var change = WebhookEndpointChange()
        change.name = "b"
        await expect(.endpointExists) {
            try await fixture.store.changeWebhookEndpoint(first, of: fixture.client, change)
        }
        change.name = "a"
        #expect(try await fixture.store.changeWebhookEndpoint(first, of: fixture.client, change).name == "a")
        let neighbour = try await fixture.store.createClient(name: "two").client.id
        _ = try await fixture.store.createWebhookEndpoint(
            WebhookEndpointDraft(name: "a", url: "https://a.example"), of: neighbour)
    }

    @Test("another tenant's endpoints, deliveries and events are as if they were not there")
    func tenants() async throws {
        let fixture = try await WebhookFixture()
        let store = fixture.store
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(1)
        try await fixture.finish(.dead)
        let delivery = try #require(try await fixture.deliveries().first)
        let other = try await store.createClient(name: "two").client.id
        await expect(.recordUnknown) { try await store.webhookEndpoint(endpoint, of: other) }
        await expect(.recordUnknown) {
            try await store.changeWebhookEndpoint(endpoint, of: other, WebhookEndpointChange())
        }
        await expect(.recordUnknown) { try await store.removeWebhookEndpoint(endpoint, of: other) }
        await expect(.recordUnknown) { try await store.regenerateWebhookSecret(of: endpoint, of: other) }
        await expect(.recordUnknown) {
            try await store.testWebhookEndpoint(endpoint, of: other, type: "x", dataJSON: "{}")
        }
        await expect(.recordUnknown) { try await store.webhookStatistics(of: endpoint, of: other) }
        await expect(.recordUnknown) { try await store.webhookDelivery(delivery.id, of: other) }
        await expect(.recordUnknown) { try await store.retryWebhookDelivery(delivery.id, of: other) }
        await expect(.recordUnknown) { try await store.webhookEvent(delivery.event, of: other) }
        #expect(try await store.retryDeadWebhookDeliveries(of: other, limit: 50) == 0)
        #expect(try await store.clearWebhookEvents(of: other, before: .distantFuture).events == 0)
        #expect(try await store.webhookDeliveries(of: other, PageRequest()).total == 0)
        #expect(try await fixture.deliveries().map(\.status) == [.abandoned])
    }

    @Test("a test event goes to its endpoint alone, whatever that has subscribed to")
    func testEvent() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint("a", ["user.deleted"])
        try await fixture.endpoint("b")
        try await fixture.allow([])
        let queued = try await fixture.store.testWebhookEndpoint(
            endpoint, of: fixture.client, type: "user.enrolled", dataJSON: #"{"n":1}"#)
        #expect(queued.eventName == "test.user.enrolled" && queued.status == .pending && queued.dataJSON == #"{"n":1}"#)
        #expect(try await fixture.take().map(\.endpoint) == [endpoint])
        var change = WebhookEndpointChange()
        change.status = .inactive
        _ = try await fixture.store.changeWebhookEndpoint(endpoint, of: fixture.client, change)
        let refused = try await fixture.store.testWebhookEndpoint(
            endpoint, of: fixture.client, type: "user.enrolled", dataJSON: "{}")
        #expect(refused.status == .abandoned && refused.errorCode == "ENDPOINT_INACTIVE")
    }

    @Test("a replay counts the attempts anew and keeps the log; counts of the endpoint follow")
    func replay() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint { $0.maximumRetries = 0 }
        try await fixture.happen(1)
        try await fixture.finish(.retry(5))
        let dead = try #require(try await fixture.deliveries().first)
        #expect(dead.status == .abandoned)
        var change = WebhookEndpointChange()
        change.maximumRetries = 4
        _ = try await fixture.store.changeWebhookEndpoint(endpoint, of: fixture.client, change)
        fixture.clock.advance(by: .seconds(100))
        let again = try await fixture.store.retryWebhookDelivery(dead.id, of: fixture.client)
        #expect(again.status == .pending && again.attempt == 0 && again.maximumAttempts == 5)
        #expect(again.nextAttemptAt == fixture.clock.wall)
        await expect(.deliveryState) { try await fixture.store.retryWebhookDelivery(dead.id, of: fixture.client) }
        let shipment = try #require(try await fixture.take().first)
        #expect(shipment.attempt == 1 && shipment.firstQueuedAt == fixture.clock.wall)
        try await fixture.record(.delivered, of: shipment.delivery)
        let counts = try await fixture.store.webhookEndpoint(endpoint, of: fixture.client)
        #expect(counts.successfulDeliveries == 1 && counts.failedDeliveries == 0 && counts.totalDeliveries == 1)
        #expect(try await fixture.deliveries().first?.attempts.map(\.statusCode) == [503, 200])
    }

    @Test("figures count what happened in the period, and clearing leaves what waits")
    func figures() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(1)
        try await fixture.finish(.delivered)
        fixture.clock.advance(by: .seconds(3600))
        let start = fixture.clock.wall
        try await fixture.happen(.userUpdated(PersonID(), externalID: "E"))
        try await fixture.finish(.dead)
        try await fixture.happen(1)
        let end = start.addingTimeInterval(1)
        let recent = try await fixture.store.webhookStatistics(of: fixture.client, in: start..<end)
        #expect(recent.total == 2 && recent.failed == 1 && recent.pending == 1 && recent.successful == 0)
        #expect(recent.eventsByName.map(\.name) == ["user.created", "user.updated"] && recent.events == 2)
        #expect(recent.recentFailures.map(\.eventName) == ["user.updated"])
        let all = try await fixture.store.webhookStatistics(of: endpoint, of: fixture.client)
        #expect(all.total == 3 && all.averageResponseTime == 12 && all.successRate == 50)
        let cleared = try await fixture.store.clearWebhookEvents(of: fixture.client, before: end)
        #expect(cleared.events == 2 && cleared.deliveries == 2)
        #expect(try await fixture.deliveries().map(\.status) == [.pending])
    }

    @Test("a removed client's events and endpoints go with it")
    func removedClient() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint()
        try await fixture.happen(2)
        try await fixture.store.deleteClient(fixture.client)
        let rows = try await fixture.store.read { db in
            try Int.fetchOne(
                db,
                sql: """
                    SELECT (SELECT count(*) FROM webhook_events) + (SELECT count(*) FROM webhook_endpoints)
                        + (SELECT count(*) FROM webhook_deliveries)
                    """)
        }
        #expect(rows == 0)
        #expect(try await fixture.take().isEmpty)
    }

    private func expect(
        _ code: ErrorCode, _ body: () async throws -> some Any, at place: SourceLocation = #_sourceLocation
    ) async {
        let error = await #expect(throws: EdgeError.self, sourceLocation: place) { _ = try await body() }
        #expect(error?.code == code, sourceLocation: place)
    }
}
