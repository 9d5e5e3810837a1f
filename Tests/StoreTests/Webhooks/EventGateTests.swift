import EdgeCore
import EdgeTesting
import Foundation
import GRDB
import Testing

@testable import Store
@testable import StoreTesting

@Suite("Who is told of an event, and for how long it is known")
struct EventGateTests {
    @Test(
        "an event is recorded when the client's features name it, by its name, an alias or a star",
        arguments: [
            (["*"], 1), (["authentication.success"], 1), (["recognition.success"], 1),
            (["user.authentication.success"], 1), (["authentication.failed"], 0), ([], 0), (["recognition"], 0),
        ])
    func features(allowed: [String], count: Int) async throws {
        let fixture = try await WebhookFixture()
        try await fixture.allow(allowed)
        try await fixture.happen(try recognized(fixture))
        #expect(try await fixture.names().count == count)
    }

    @Test("an inactive client's events are not recorded")
    func inactiveClient() async throws {
        let fixture = try await WebhookFixture()
        _ = try await fixture.store.updateClient(fixture.client) { client throws(EdgeError) in
            client.status = .suspended
        }
        try await fixture.happen(1)
        #expect(try await fixture.names().isEmpty)
    }

    @Test("only endpoints that are active and ask for the event are told; the event is known all the same")
    func subscriptions() async throws {
        let fixture = try await WebhookFixture()
        let all = try await fixture.endpoint("all")
        let alias = try await fixture.endpoint("alias", ["recognition.success"])
        let star = try await fixture.endpoint("star", ["enrollment.failed", "*"])
        try await fixture.endpoint("other", ["user.created", "authentication"])
        try await fixture.endpoint("paused") { $0.status = .inactive }
        try await fixture.happen(try recognized(fixture))
        #expect(try await fixture.deliveries().map(\.endpoint) == [all, alias, star])
        #expect(
            try await fixture.store.webhookEvents(of: fixture.client, name: nil, PageRequest()).items.first?
                .totalEndpoints == 3)
        let quiet = try await WebhookFixture()
        try await quiet.happen(1)
        #expect(try await quiet.names() == ["user.created"])
        #expect(try await quiet.deliveries().isEmpty)
    }

    @Test("a removed person's events are forgotten, what waits is called off, and not a byte is left")
    func erasure() async throws {
        let fixture = try await WebhookFixture()
        let (store, client) = (fixture.store, fixture.client)
        try await fixture.endpoint()
        try await fixture.base.enroll("Quill-1", of: client, in: store, seed: 1)
        try await fixture.base.enroll("E-2", of: client, in: store, seed: 2)
        let miss = fixture.base.session(.verification, of: client, user: "Quill-1")
        try await store.begin(miss)
        _ = try await store.finish(fixture.base.miss(miss))
        let sent = try await fixture.take(1)
        let echo = DeliveryResult(verdict: .delivered, statusCode: 200, responseBody: "welcome Quill-1")
        try await fixture.record(echo, of: try #require(sent.first).delivery)
        let sealed = try await sealedBytes(store)
        _ = try await store.removePerson(externalID: "Quill-1", of: client)
        let events = try await store.webhookEvents(of: client, name: nil, PageRequest()).items
        for event in events where event.name != "user.deleted" {
            #expect((event.dataJSON == nil) == (event.dataJSON?.contains("E-2") != true))
        }
        #expect(events.filter { $0.dataJSON == nil }.count >= 5)
        #expect(events.first?.name == "user.deleted")
        let called = try await fixture.deliveries().filter { $0.errorCode == "PERSON_REMOVED" }
        #expect(called.count >= 4 && called.allSatisfy { $0.status == .abandoned && $0.dataJSON == nil })
        #expect(try await fixture.deliveries().first?.responseBody == "")
        let left = try await sealedBytes(store)
        let gone = sealed.subtracting(left)
        #expect(gone.count >= 10)
        for bytes in gone { #expect(try !fixture.base.onDisk(bytes)) }
        for shipment in try await fixture.take() {
            #expect(!String(decoding: shipment.body, as: UTF8.self).contains("Quill-1"))
        }
        let first = try #require(called.first)
        let failure = await #expect(throws: EdgeError.self) {
            _ = try await store.retryWebhookDelivery(first.id, of: client)
        }
        #expect(failure?.code == .deliveryState)
    }

    @Test("what was under way to a person's receiver when the person was removed is not sent again")
    func erasedUnderWay() async throws {
        let fixture = try await WebhookFixture()
        try await fixture.endpoint("hook", ["user.enrolled"])
        try await fixture.base.enroll("Quill-1", of: fixture.client, in: fixture.store)
        let sent = try #require(try await fixture.take().first)
        _ = try await fixture.store.removePerson(externalID: "Quill-1", of: fixture.client)
        try await fixture.record(.retry(5), of: sent.delivery)
        let delivery = try await fixture.store.webhookDelivery(sent.delivery, of: fixture.client)
        #expect(delivery.status == .abandoned && delivery.errorCode == "PERSON_REMOVED" && delivery.responseBody == "")
        #expect(try await fixture.store.nextDue() == nil)
        let counts = try await fixture.store.webhookEndpoint(sent.endpoint, of: fixture.client)
        #expect(counts.failedDeliveries == 1 && counts.totalDeliveries == 1)
    }

    @Test("after thirty days events go, and what still waits is called off and stays to be seen")
    func retention() async throws {
        let fixture = try await WebhookFixture()
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(2)
        let sent = try await fixture.take(1)
        try await fixture.record(.delivered, of: try #require(sent.first).delivery)
        fixture.clock.advance(by: .seconds(31 * 86_400))
        try await fixture.happen(1)
        let deliveries = try await fixture.deliveries()
        #expect(deliveries.map(\.status) == [.abandoned, .pending])
        #expect(deliveries.first?.errorCode == "EXPIRED")
        #expect(try await fixture.names().count == 2)
        #expect(try await fixture.store.webhookEndpoint(endpoint, of: fixture.client).failedDeliveries == 1)
        fixture.clock.advance(by: .seconds(31 * 86_400))
        // Looked for by the sender too, so that a quiet device forgets as well.
        _ = try await fixture.take()
        #expect(try await fixture.deliveries().map(\.errorCode) == ["EXPIRED"])
    }

    @Test("beyond the limit the oldest finished events go, never one that waits")
    func eventQuota() async throws {
        var limits = WebhookLimits()
        limits.eventsPerClient = 8
        let fixture = try await WebhookFixture(limits: limits)
        try await fixture.endpoint("hook", ["user.created"])
        try await fixture.happen(3)
        for _ in 0..<20 { try await fixture.happen(.userUpdated(PersonID(), externalID: "E")) }
        let names = try await fixture.names()
        #expect(names.count == 8)
        #expect(names.prefix(4) == ["user.created", "user.created", "user.created", "user.updated"])
    }

    @Test("when too many wait, an event is kept and its delivery is abandoned with the reason")
    func openQuota() async throws {
        var limits = WebhookLimits()
        limits.openPerClient = 2
        let fixture = try await WebhookFixture(limits: limits)
        let endpoint = try await fixture.endpoint()
        try await fixture.happen(3)
        let deliveries = try await fixture.deliveries()
        #expect(deliveries.map(\.status) == [.pending, .pending, .abandoned])
        #expect(deliveries.last?.errorCode == "QUEUE_FULL" && deliveries.last?.errorMessage?.isEmpty == false)
        #expect(try await fixture.store.webhookEndpoint(endpoint, of: fixture.client).failedDeliveries == 1)
        try await fixture.finish(.delivered)
        #expect(try await fixture.store.retryDeadWebhookDeliveries(of: fixture.client, limit: 50) == 1)
        try await fixture.finish(.delivered)
        #expect(try await fixture.deliveries().allSatisfy { $0.status == .success })
    }

    private func recognized(_ fixture: WebhookFixture) throws -> Happening {
        var session = fixture.base.outcome(fixture.base.session(.verification, of: fixture.client)).session
        let person = PersonID()
        session.matchedPerson = MatchedPerson(id: person, externalID: "Quill-1")
        return .sessionEnded(session, person: person)
    }

    /// Every key and sealed record of events and answers.
    private func sealedBytes(_ store: EdgeStore) async throws -> Set<Data> {
        try await store.read { db in
            try Set(
                Data.fetchAll(
                    db,
                    sql: """
                        SELECT subject_key FROM webhook_events WHERE subject_key IS NOT NULL
                        UNION SELECT data FROM webhook_events WHERE data IS NOT NULL
                        UNION SELECT reply FROM webhook_deliveries WHERE reply IS NOT NULL
                        """))
        }
    }
}
