import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Audit and security routes")
struct AuditRouteTests {
    @Test("a line tells who, what and from where, under the reference's names")
    func line() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        try await api.test { caller in
            for path in ["/api/core/audit-logs/", "/api/audit-logs/"] {
                let list = try await caller.get(path)
                list.expect(AuditRoutes.lines)
                let row = try #require(try list.rows().first)
                #expect(row["id"] == "00000000-0000-8000-8000-000000000007")
                #expect(row["client_user"] == .string(world.person.id.description))
                #expect(row["client_user_name"] == "Ada")
                #expect(row["client_name"] == "one")
                #expect(row["resource_type"] == "session")
                #expect(row["resource_id"] == .string(world.session.description))
                #expect(row["ip_address"] == "192.0.2.7")
                #expect(row["user_agent"] == "kiosk/1")
                #expect(row["details"] == ["n": 1, "actor": "FR_1"])
                let one = try await caller.get("\(path)00000000-0000-8000-8000-000000000007/")
                one.expect(AuditRoutes.line)
                #expect(one.body == row)
                try await caller.get("\(path)00000000-0000-8000-8000-000000000008/").expect(
                    AuditRoutes.line, status: 404)
                try await caller.get("\(path)\(UUID())/").expect(AuditRoutes.line, status: 404)
                try await caller.get("\(path)7/").expect(AuditRoutes.line, status: 404)
            }
        }
    }

    @Test(
        "another tenant finds nothing, an administrator also what belongs to no tenant, a technician all without people"
    )
    func views() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        let two = try #require(api.clients.named("two")).id
        try await api.test { caller in
            #expect(try await caller.get("/api/core/audit-logs/", as: "two")["count"] == 0)
            try await caller.get("/api/core/audit-logs/00000000-0000-8000-8000-000000000007/", as: "two")
                .expect(AuditRoutes.line, status: 404)
            #expect(try await caller.get("/api/core/security-events/", as: "two")["count"] == 0)
            api.clients.edit("two") { $0.scope = .admin }
            #expect(try await caller.get("/api/core/audit-logs/", as: "two")["count"] == 0)
            #expect(try await caller.get("/api/core/security-events/", as: "two")["count"] == 1)
            for path in ["/api/core/audit-logs/", "/api/core/security-events/"] {
                let answer = try await caller.technician(path)
                #expect(answer.status == 200)
                #expect(!answer.text.contains(world.person.id.description))
                #expect(!answer.text.contains("Ada"))
            }
        }
        #expect(
            api.insight.state.withLock { $0.views } == [.tenant(two), .tenantAndDevice(two), .everything])
    }

    @Test("a technician with a client of their own sees no people either")
    func technicianClient() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        api.clients.edit("one") { $0.scope = .technician }
        try await api.test { caller in
            let answer = try await caller.get("/api/core/audit-logs/")
            #expect(answer["count"] == 1)
            #expect(!answer.text.contains(world.person.id.description))
            #expect(!answer.text.contains("Ada"))
            #expect(try await caller.get("/api/analytics/auth-logs/").status == 403)
            #expect(try await caller.get("/api/analytics/data-quality/").status == 200)
        }
    }

    @Test("kiosks and doors report events, and read neither them nor the trail")
    func kiosks() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        api.clients.edit("one") { $0.scope = .door }
        try await api.test { caller in
            let sent: JSONValue = ["event_type": "obstacle_detected", "details": ["n": 1, "who": "Ada"]]
            let answer = try await caller.post("/api/core/security/event/", sent)
            answer.expect(AuditRoutes.reporting)
            #expect(answer["success"] == true)
            for path in ["core/audit-logs", "core/security-events", "analytics/dashboard", "clients/usage"] {
                #expect(try await caller.get("/api/\(path)/").status == 403, "\(path)")
            }
        }
        let event = try #require(api.insight.state.withLock { $0.events.first })
        #expect(event.client == world.ours)
        #expect(event.severity == .medium)
        #expect(event.detailsJSON == #"{"n":1,"who":"Ada"}"#)
    }

    @Test("a report that names no known kind or severity is refused, and nothing is recorded")
    func badReports() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let bodies: [(JSONValue, String)] = [
                ([:], "event_type"), (["event_type": "earthquake"], "event_type"),
                (["event_type": .null], "event_type"),
                (["event_type": "login_attempt", "severity": "info"], "severity"),
                (["event_type": "login_attempt", "details": "text"], "details"),
            ]
            for (body, field) in bodies {
                let answer = try await caller.post("/api/security/event/", body)
                #expect(answer.status == 400)
                #expect(answer[field] != nil, "\(answer.text)")
            }
            #expect(try await caller.post("/api/security/event/", [:], as: nil).status == 401)
        }
        #expect(api.insight.state.withLock { $0.events.isEmpty })
    }

    @Test("a security event is shown with its session and its person")
    func event() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        let event = try #require(api.insight.state.withLock { $0.events.first })
        try await api.test { caller in
            let answer = try await caller.get("/api/security-events/\(event.id)/")
            answer.expect(AuditRoutes.event)
            #expect(answer["session"] == .string(world.session.description))
            #expect(answer["client_user_name"] == "Ada")
            #expect(answer["details"] == ["cause": "spoofing_detected"])
            let other = try await caller.get("/api/security-events/\(event.id)/", as: "two")
            other.expect(AuditRoutes.event, status: 404)
        }
    }

    @Test("a client without the feature has no analytics, and keeps its trail")
    func feature() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.features.analytics = false }
        try await api.test { caller in
            let answer = try await caller.get("/api/analytics/dashboard/")
            #expect(answer.status == 403)
            #expect(answer["code"] == "feature.disabled")
            #expect(try await caller.get("/api/core/audit-logs/").status == 200)
            #expect(try await caller.get("/api/clients/usage/").status == 200)
        }
    }
}
