import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Webhook deliveries and events over HTTP")
struct WebhookLogTests {
    private let api = TestAPI()

    private func client(_ name: String = "one") throws -> ClientID { try #require(api.clients.named(name)).id }

    @discardableResult
    private func put(
        _ status: DeliveryStatus, named event: String = "user.created", of client: String = "one",
        at moment: Date? = nil
    ) throws -> WebhookDelivery {
        var delivery = WebhookDelivery(
            id: DeliveryID(), event: EventID(), endpoint: EndpointID(), client: try self.client(client),
            url: "https://a.example/", eventName: event, dataJSON: #"{"user_id":"E-1"}"#, maximumAttempts: 10,
            createdAt: moment ?? api.clock.wall)
        delivery.status = status
        if !status.isOpen { delivery.nextAttemptAt = nil }
        if status.isDead {
            delivery.errorCode = "TIMEOUT"
            delivery.errorMessage = "The receiver did not answer in time."
            delivery.attempts = [
                DeliveryAttempt(
                    number: 1, at: api.clock.wall, statusCode: nil, errorCode: "TIMEOUT", responseTime: nil)
            ]
        }
        if status == .success {
            delivery.statusCode = 200
            delivery.responseHeaders = [("content-type", "text/plain")]
            delivery.responseBody = "thanks"
            delivery.responseTime = 12.5
        }
        api.webhooks.put(delivery)
        return delivery
    }

    @Test("a delivery has the reference's members, and no signature")
    func members() async throws {
        let delivery = try put(.success)
        try await api.test { caller in
            let answer = try await caller.get("/api/webhooks/deliveries/\(delivery.id)/")
            #expect(answer.status == 200)
            for name in [
                "id", "endpoint", "event_name", "event_data", "status", "http_method", "headers",
                "response_status_code", "response_headers", "response_body", "response_time_ms", "attempt_number",
                "max_attempts", "next_retry_at", "error_message", "error_code", "created_at", "delivered_at",
                "completed_at",
            ] { #expect(answer[name] != nil, "\(name)") }
            #expect(answer["event_data"] == ["user_id": "E-1"] && answer["response_time_ms"] == 12.5)
            #expect(answer["response_headers"] == ["content-type": "text/plain"])
            let headers = try #require(answer["headers"]?.objectValue)
            #expect(headers["webhook-id"] == .string(delivery.event.description))
            #expect(!headers.members.contains { $0.key.lowercased().contains("signature") })
        }
    }

    @Test("deliveries come in pages, newest first; `failed/` is a plain list of what never arrived")
    func lists() async throws {
        for _ in 0..<21 { try put(.success) }
        let failed = try put(.failed)
        let abandoned = try put(.abandoned)
        try put(.retrying)
        try await api.test { caller in
            let first = try await caller.get("/api/webhooks/deliveries/")
            #expect(first["count"] == 24)
            #expect(try first.list("results").count == 20)
            #expect(try await caller.get("/api/webhooks/deliveries/?page=2").list("results").count == 4)
            #expect(try await caller.get("/api/webhooks/deliveries/?page=3").status == 404)
            let dead = try await caller.get("/api/webhooks/deliveries/failed/").list()
            #expect(dead.map { $0["id"] } == [.string(abandoned.id.description), .string(failed.id.description)])
            #expect(dead.first?["error_code"] == "TIMEOUT")
        }
    }

    @Test("what failed can be retried, and nothing else")
    func retry() async throws {
        let dead = try put(.abandoned)
        let sent = try put(.success)
        try await api.test { caller in
            let answer = try await caller.post("/api/webhooks/deliveries/\(dead.id)/retry/", [:])
            #expect(answer.status == 200)
            #expect(answer["delivery"]?.objectValue?["status"] == "pending")
            let refused = try await caller.post("/api/webhooks/deliveries/\(sent.id)/retry/", [:])
            #expect(refused.status == 409 && refused["error"] == "Only failed deliveries can be retried.")
            #expect(refused["code"] == "webhook.delivery.state")
            let all = try await caller.post("/api/webhooks/retry-failed/", [:])
            #expect(all.status == 200 && all["retry_count"] == 0)
        }
    }

    @Test("events are found by name and by id")
    func events() async throws {
        let created = try put(.success, named: "user.created")
        try put(.failed, named: "user.updated")
        try await api.test { caller in
            #expect(try await caller.get("/api/webhooks/event-logs/")["count"] == 2)
            let named = try await caller.get("/api/webhooks/event-logs/?event_name=user.created")
            #expect(try named.list("results").map { $0["id"] } == [.string(created.event.description)])
            let one = try await caller.get("/api/webhooks/event-logs/\(created.event)/")
            #expect(one["success_rate"] == 100 && one["total_endpoints"] == 1 && one["event_name"] == "user.created")
            #expect(one["event_data"] == ["user_id": "E-1"] && one["metadata"] == ["forgotten": false])
            #expect(try await caller.get("/api/webhooks/event-logs/?event_name=none")["count"] == 0)
        }
    }

    @Test("figures are of the last thirty days unless the question names others; a bad date is told")
    func figures() async throws {
        try put(.success)
        try put(.failed)
        try put(.success, at: api.clock.wall.addingTimeInterval(-40 * 86_400))
        let day = String(api.clock.wall.addingTimeInterval(-50 * 86_400).formatted(.iso8601))
        try await api.test { caller in
            let recent = try await caller.get("/api/webhooks/stats/")
            #expect(recent["total_deliveries"] == 2 && recent["success_rate"] == 50)
            #expect(recent["events_by_type"] == ["user.created": 2] && recent["total_events"] == 2)
            #expect(try recent.list("recent_failures").first?["endpoint__url"] == "https://a.example/")
            let longer = try await caller.get("/api/webhooks/stats/?start_date=\(day)")
            #expect(longer["total_deliveries"] == 3)
            let backwards = try await caller.get("/api/webhooks/stats/?end_date=\(day)&start_date=2099-01-01T00:00:00Z")
            #expect(backwards.status == 200 && backwards["total_events"] == 0)
            #expect(try await caller.get("/api/webhooks/stats/?start_date=yesterday").status == 400)
        }
    }

    @Test(
        "logs are cleared by age in days, from 0 to 3650",
        arguments: [
            ("", 90, 200), ("?days=0", 0, 200), ("?days=3650", 3650, 200), ("?days=-1", 0, 400), ("?days=x", 0, 400),
            ("?days=3651", 0, 400),
        ])
    func clearing(query: String, days: Int, status: Int) async throws {
        try await api.test { caller in
            let answer = try await caller.delete("/api/webhooks/clear-logs/\(query)")
            #expect(answer.status == status)
            let limit = api.webhooks.state.withLock(\.clearedBefore)
            guard status == 200 else { return #expect(limit == nil) }
            #expect(answer["deleted_event_logs"] == 1 && answer["deleted_deliveries"] == 2)
            #expect(limit == api.clock.wall.addingTimeInterval(Double(-days) * 86_400))
        }
    }

    @Test("the older list of the client's group tells the same deliveries and knows no `abandoned`")
    func olderForm() async throws {
        let dead = try put(.abandoned)
        try put(.pending)
        try await api.test { caller in
            #expect(try await caller.get("/api/clients/webhook-logs/")["count"] == 2)
            let one = try await caller.get("/api/clients/webhook-logs/\(dead.id)/")
            #expect(one["status"] == "failed" && one["event_type"] == "user.created" && one["attempt_count"] == 0)
            #expect(one["payload"] == ["user_id": "E-1"])
            #expect(try await caller.get("/api/clients/webhook-logs/failed/").list().count == 1)
        }
    }

    @Test("another tenant's deliveries and events are not found")
    func tenants() async throws {
        let theirs = try put(.failed, of: "two")
        let things = [
            "/api/webhooks/deliveries/\(theirs.id)/", "/api/webhooks/event-logs/\(theirs.event)/",
            "/api/clients/webhook-logs/\(theirs.id)/",
        ]
        let lists = ["/api/webhooks/deliveries/", "/api/webhooks/event-logs/", "/api/clients/webhook-logs/"]
        try await api.test { caller in
            for thing in things {
                let own = try await caller.get(thing, as: "two")
                let foreign = try await caller.get(thing)
                #expect(own.status == 200 && foreign.status == 404)
            }
            for list in lists {
                let foreign = try await caller.get(list)
                #expect(foreign["count"] == 0)
            }
            let retry = try await caller.post("/api/webhooks/deliveries/\(theirs.id)/retry/", [:])
            #expect(retry.status == 404)
            let dead = try await caller.get("/api/webhooks/deliveries/failed/")
            #expect(dead.text == "[]")
        }
    }
}
