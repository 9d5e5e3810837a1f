import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("The outbox of webhook deliveries")
struct OutboxTests {
    @Test("a delivery is handed out once, and again after a crash")
    func once() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint()
        try await fixture.happen(2)
        let first = try await fixture.take()
        #expect(first.count == 2)
        #expect(try await fixture.take().isEmpty)
        #expect(try await fixture.store.nextDue() == nil)
        try await fixture.record(.delivered, of: first[0].delivery)
        await fixture.store.close()
        let reopened = try await fixture.base.open(webhooks: WebhookLimits())
        let again = try await reopened.takeDue(at: fixture.clock.wall, limit: 10)
        #expect(again.map(\.delivery) == [first[1].delivery])
        #expect(again.first?.body == first[1].body && again.first?.attempt == 1)
        await reopened.close()
    }

    @Test("what goes over the wire has the reference's members, and is the same in every attempt")
    func wire() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint()
        try await fixture.happen(.userCreated(PersonID(), externalID: "E-\"ü\""))
        let first = try #require(try await fixture.take().first)
        let body = try #require(JSONSerialization.jsonObject(with: Data(first.body)) as? [String: Any])
        let publicID = try #require(try await fixture.store.client(fixture.client)).publicID
        #expect(body["event"] as? String == "user.created" && body["type"] as? String == "user.created")
        #expect(body["client_id"] as? String == publicID && first.clientPublicID == publicID)
        #expect(body["delivery_id"] as? String == first.delivery.description)
        #expect(body["event_id"] as? String == first.event.description)
        #expect((body["data"] as? [String: Any])?["user_id"] as? String == "E-\"ü\"")
        #expect((body["timestamp"] as? String)?.hasSuffix("Z") == true)
        #expect(!first.body.contains(UInt8(ascii: "\n")))
        try await fixture.record(.retry(60), of: first.delivery)
        fixture.clock.advance(by: .seconds(60))
        let second = try #require(try await fixture.take().first)
        #expect(second.body == first.body && second.event == first.event)
        #expect(second.attempt == 2 && second.maximumAttempts == 10 && second.firstQueuedAt == first.firstQueuedAt)
    }

    @Test("a failed attempt waits as long as the sender says, and at least as long as the endpoint wants")
    func retry() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint { $0.retryDelay = 30 }
        try await fixture.happen(1)
        let shipment = try #require(try await fixture.take().first)
        try await fixture.record(.retry(5), of: shipment.delivery)
        let due = fixture.clock.wall.addingTimeInterval(30)
        #expect(try await fixture.store.nextDue() == due)
        #expect(try await fixture.take().isEmpty)
        let waiting = try await fixture.store.webhookDelivery(shipment.delivery, of: fixture.client)
        #expect(waiting.status == .retrying && waiting.attempt == 1 && waiting.nextAttemptAt == due)
        #expect(waiting.statusCode == 503 && waiting.responseBody == "later" && waiting.responseTime == 3)
        fixture.clock.advance(by: .seconds(30))
        try await fixture.record(.retry(600), of: try #require(try await fixture.take().first).delivery)
        #expect(try await fixture.store.nextDue() == fixture.clock.wall.addingTimeInterval(600))
        fixture.clock.advance(by: .seconds(600))
        try await fixture.record(.delivered, of: try #require(try await fixture.take().first).delivery)
        let done = try await fixture.store.webhookDelivery(shipment.delivery, of: fixture.client)
        #expect(done.status == .success && done.deliveredAt == fixture.clock.wall && done.completedAt != nil)
        #expect(done.attempts.map(\.number) == [1, 2, 3] && done.attempts.map(\.statusCode) == [503, 503, 200])
        #expect(done.responseHeaders.first?.0 == "content-type" && done.responseBody == "thanks")
        #expect(try await fixture.store.nextDue() == nil)
    }

    @Test("after the last attempt a delivery is abandoned, whatever the sender would like")
    func lastAttempt() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint { $0.maximumRetries = 1 }
        try await fixture.happen(1)
        for _ in 0..<2 { try await fixture.finish(.retry(0)) }
        let delivery = try #require(try await fixture.deliveries().first)
        #expect(delivery.status == .abandoned && delivery.attempt == 2 && delivery.maximumAttempts == 2)
        let counts = try await fixture.store.webhookEndpoint(endpoint, of: fixture.client)
        #expect(counts.failedDeliveries == 1 && counts.lastDeliveryAt == fixture.clock.wall)
    }

    @Test("410 ends the endpoint, calls off what waits for it, and tells the other endpoints and the audit trail")
    func gone() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint("gone", ["user.created"])
        let other = try await fixture.endpoint("other", ["webhook.endpoint.disabled"])
        try await fixture.happen(6)
        let sent = try await fixture.take()
        try await fixture.record(.gone, of: sent[0].delivery)
        try await fixture.record(.retry(5), of: sent[1].delivery)
        let ended = try await fixture.store.webhookEndpoint(endpoint, of: fixture.client)
        #expect(ended.status == .failed && ended.failedDeliveries == 6)
        let deliveries = try await fixture.deliveries()
        #expect(deliveries.filter { $0.endpoint == endpoint && $0.status == .failed }.count == 1)
        #expect(deliveries.filter { $0.errorCode == "ENDPOINT_DISABLED" && $0.status == .abandoned }.count == 5)
        #expect(try await fixture.take().map(\.endpoint) == [other])
        #expect(try await fixture.store.newest(1).first?.action == "webhook.endpoint.disabled")
        #expect(try await fixture.store.verifyAuditChain().firstBroken == nil)
    }

    @Test("a paused endpoint's deliveries wait, and go when it is active again; so do those of a suspended client")
    func paused() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(1)
        var change = WebhookEndpointChange()
        change.status = .inactive
        _ = try await fixture.store.changeWebhookEndpoint(endpoint, of: fixture.client, change)
        #expect(try await fixture.store.nextDue() == nil)
        #expect(try await fixture.take().isEmpty)
        change.status = .active
        _ = try await fixture.store.changeWebhookEndpoint(endpoint, of: fixture.client, change)
        #expect(try await fixture.store.nextDue() == fixture.clock.wall)
        _ = try await fixture.store.updateClient(fixture.client) { $0.status = .suspended }
        #expect(try await fixture.take().isEmpty)
        _ = try await fixture.store.updateClient(fixture.client) { $0.status = .active }
        #expect(try await fixture.take().count == 1)
    }

    @Test("endpoints take turns, and one that is slow has only a few under way")
    func turns() async throws {
        let fixture = try await WebhookFixture()
        let slow = try await fixture.endpoint("slow", ["user.created"])
        try await fixture.happen(20)
        let quick = try await fixture.endpoint("quick")
        try await fixture.happen(2)
        #expect(try await fixture.take(2).map(\.endpoint) == [slow, quick])
        let rest = try await fixture.take()
        #expect(rest.filter { $0.endpoint == slow }.count == 3)
        #expect(rest.filter { $0.endpoint == quick }.count == 1)
        #expect(try await fixture.take().isEmpty)
        // Nothing falls due for an endpoint that has all it may have, or a sender would ask without end.
        #expect(try await fixture.store.nextDue() == nil)
        let one = try #require(rest.first { $0.endpoint == slow })
        try await fixture.record(.delivered, of: one.delivery)
        #expect(try await fixture.take().map(\.endpoint) == [slow])
    }

    @Test("whoever listens hears of the beginning, of a new delivery and of a replay")
    func wakeUps() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint()
        var wakeUps = fixture.store.wakeUps.makeAsyncIterator()
        #expect(await wakeUps.next() != nil)
        try await fixture.happen(1)
        #expect(await wakeUps.next() != nil)
        let shipment = try #require(try await fixture.take().first)
        try await fixture.record(.dead, of: shipment.delivery)
        #expect(await wakeUps.next() != nil)
        _ = try await fixture.store.retryWebhookDelivery(shipment.delivery, of: fixture.client)
        #expect(await wakeUps.next() != nil)
    }

    @Test("a result for a delivery that is gone with its endpoint is passed over")
    func removedUnderWay() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(1)
        let shipment = try #require(try await fixture.take().first)
        try await fixture.store.removeWebhookEndpoint(endpoint, of: fixture.client)
        try await fixture.record(.delivered, of: shipment.delivery)
        #expect(try await fixture.deliveries().isEmpty)
        #expect(try await fixture.names() == ["user.created"])
    }

    @Test("a record that somebody changed on disk is called off and holds up nothing else")
    func damaged() async throws {
        let fixture = try await WebhookFixture()
        let broken = try await fixture.endpoint("broken", ["user.created"])
        let whole = try await fixture.endpoint("whole")
        try await fixture.happen(1)
        try await fixture.happen(.userUpdated(PersonID(), externalID: "E"))
        try await fixture.store.write { db in
            try db.execute(
                sql: "UPDATE webhook_endpoints SET sealed = zeroblob(length(sealed)) WHERE id = ?",
                arguments: [broken.column])
            try db.execute(
                sql: "UPDATE webhook_events SET data = zeroblob(length(data)) WHERE name = 'user.created'")
        }
        let due = try await fixture.take()
        #expect(due.map(\.endpoint) == [whole] && due.map(\.eventName) == ["user.updated"])
        #expect(try await fixture.store.nextDue() == nil)
        let called = try await fixture.store.read { db in
            try String.fetchAll(db, sql: "SELECT error_code FROM webhook_deliveries WHERE status = 'abandoned'")
        }
        #expect(called == ["RECORD_UNREADABLE", "RECORD_UNREADABLE"])
    }
}
