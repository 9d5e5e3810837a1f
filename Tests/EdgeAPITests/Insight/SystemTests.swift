import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("System")
struct SystemTests {
    @Test("strangers learn status, version and uptime, and nothing else")
    func open() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            for path in ["/api/core/status/", "/api/status"] {
                let answer = try await caller.get(path, as: nil)
                answer.expect(SystemRoutes.briefOperation)
                #expect(
                    Set(answer.body.members.map(\.key)) == [
                        "status", "version", "uptime", "uptime_seconds", "timestamp",
                    ])
                #expect(answer["uptime"] == "0:01:30")
            }
        }
    }

    @Test("a client is told its own totals, a technician the device's")
    func totals() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        try await api.test { caller in
            let answer = try await caller.get("/api/core/status/")
            answer.expect(SystemRoutes.briefOperation)
            #expect(answer["active_sessions"] == 5)
            #expect(answer["total_enrollments"] == 6)
            #expect(answer["total_authentications"] == 7)
            #expect(answer["total_clients"] == 1)
            #expect(answer["database_status"] == "healthy")
            #expect(answer["redis_status"] == "not_used")
            #expect(api.insight.state.withLock { $0.clients } == [world.ours])
            try await caller.technician("/api/core/status/").expect(SystemRoutes.briefOperation)
            #expect(api.insight.state.withLock { $0.clients } == [world.ours, nil])
            let bad = try await caller.send(.get, "/api/core/status/", headers: [.apiKey: "frapi_wrong"])
            #expect(bad.status == 401)
        }
    }

    @Test("a store that does not answer is told, and so are conditions about the models")
    func broken() async throws {
        let api = TestAPI()
        api.insight.set { $0.fault = EdgeError(.storeUnavailable) }
        api.health.raise(EdgeError(.livenessUnavailable), severity: .warning)
        try await api.test { caller in
            let answer = try await caller.get("/api/core/status/")
            answer.expect(SystemRoutes.briefOperation)
            #expect(answer["status"] == "error")
            #expect(answer["database_status"] == "error")
            #expect(answer["face_processing_status"] == "warning")
            #expect(answer["total_enrollments"] == nil)
        }
    }

    @Test(
        "the time since the start reads as the reference writes it",
        arguments: [
            (0, "0:00:00"), (59, "0:00:59"), (3661, "1:01:01"), (86_399, "23:59:59"), (86_400, "1 day, 0:00:00"),
            (2 * 86_400 + 36_000, "2 days, 10:00:00"), (-5, "0:00:00"),
        ])
    func uptime(seconds: Int, text: String) { #expect(SystemSummary.uptime(seconds) == text) }

    @Test(
        "status and figures are open on the machine itself and closed on the network",
        arguments: ["/status", "/metrics"])
    func listeners(path: String) async throws {
        let api = TestAPI()
        for (listener, status) in [(ListenerKind.loopback, 200), (.unixSocket, 200), (.lan, 401)] {
            try await api.test(api.services, through: listener) { caller in
                let answer = try await caller.get(path, as: nil)
                #expect(answer.status == status)
                #expect((answer.headers[.wwwAuthenticate] != nil) == (status == 401))
                #expect(try await caller.get(path).status == 200)
                #expect(try await caller.technician(path).status == 200)
            }
        }
        api.clients.edit("one") { $0.scope = .kiosk }
        try await api.test(api.services, through: .lan) { caller in
            let answer = try await caller.get(path)
            #expect(answer.status == 403)
        }
    }

    @Test("the figures are Prometheus text: every sample under its help and type, labels escaped")
    func metrics() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            let answer = try await caller.get("/metrics", as: nil)
            #expect(answer.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = answer.text.split(separator: "\n").map(String.init)
            #expect(answer.text.hasSuffix("\n"))
            var family = ""
            for line in lines {
                if line.hasPrefix("# TYPE ") {
                    let words = line.split(separator: " ")
                    #expect(words.count == 4 && ["gauge", "counter"].contains(words[3]))
                    family = String(words[2])
                    #expect(family.hasSuffix("_total") == (words[3] == "counter"), "\(family)")
                } else if !line.hasPrefix("#") {
                    #expect(line.hasPrefix(family + " ") || line.hasPrefix(family + "{"), "\(line)")
                    #expect(line.split(separator: " ").last.flatMap { Double($0) } != nil, "\(line)")
                }
            }
            let sessions = #"edged_sessions_total{kind="verification",result="failed",reason="face_not_recognized"} 3"#
            #expect(lines.contains(sessions))
            #expect(lines.contains(#"edged_build_info{version="0.1.0"} 1"#))
            #expect(lines.contains("edged_store_up 1"))
            #expect(lines.contains(#"edged_camera_up{camera="door"} 0"#), "it has not started")
            #expect(lines.contains(#"edged_camera_up{camera="yard"} 1"#), "it is released, which is no reason to alarm")
            let paces = lines.filter { $0.hasPrefix(#"edged_camera_pace{camera="yard""#) && $0.hasSuffix(" 1") }
            #expect(paces == [#"edged_camera_pace{camera="yard",pace="released"} 1"#])
            #expect(lines.contains("edged_on_air 1"))
            #expect(lines.contains(#"edged_outbox_records{lane="audit"} 3"#))
            #expect(lines.contains(#"edged_outbox_oldest_seconds{lane="audit"} 61"#))
            #expect(lines.contains(#"edged_outbox_acknowledged_total{lane="audit"} 6"#))
            #expect(lines.contains("edged_sync_up 1") && lines.contains("edged_sync_last_contact_seconds 7"))
            #expect(lines.contains("edged_sync_lease_age_seconds 9"))
            #expect(lines.contains("edged_sync_certificate_seconds 3600"))
            #expect(!lines.contains { $0.hasPrefix("edged_fleet") }, "no central instance")
        }
        var text = MetricsText()
        text.gauge("x", "X.", [(["a": "q\"b\\s\nn"], 0.5)])
        #expect(text.text == "# HELP x X.\n# TYPE x gauge\nx{a=\"q\\\"b\\\\s\\nn\"} 0.5\n")
        api.insight.set { $0.fault = EdgeError(.storeUnavailable) }
        #expect(await DeviceMetrics(services: api.services).text().contains("edged_store_up 0\n"))
    }

    @Test("the configuration is for technicians and administrators, one row a key, with ids that stay")
    func configuration() async throws {
        let api = TestAPI()
        api.clients.edit("two") { $0.scope = .admin }
        try await api.test { caller in
            let first = try await caller.technician("/api/core/config/")
            first.expect(ConfigurationRoutes.list)
            #expect(first["count"] == 22)
            let row = try #require(try first.rows().first)
            #expect(row["key"] == "sessions.key1")
            #expect(row["is_encrypted"] == false)
            let id = try #require(row["id"]?.stringValue)
            #expect(UUID(uuidString: id) == NumberedID.configurationKey.uuid(named: "sessions.key1"))
            let found = try await caller.get("/api/config/\(id)/", as: "two")
            found.expect(ConfigurationRoutes.show)
            #expect(found.body == row)
            try await caller.get("/api/config/\(UUID())/", as: "two").expect(ConfigurationRoutes.show, status: 404)
            #expect(try await caller.get("/api/core/config/?page=2", as: "two").rows().count == 2)
            #expect(try await caller.get("/api/core/config/").status == 403)
        }
    }

    @Test("roots list what there is below them, with addresses that lead somewhere")
    func roots() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let top = try await caller.get("/api/")
            #expect(Set(top.body.members.map(\.key)) == ["analytics", "auth", "clients", "core", "webhooks"])
            for (group, address) in top.body.members {
                let path = try #require(address.stringValue)
                let root = try await caller.get(path)
                #expect(root.status == 200, "\(group)")
                #expect(!root.body.members.isEmpty, "\(group)")
                for (name, address) in root.body.members {
                    // A method that is not taken is told from a path that is not there.
                    let answer = try await caller.send(.trace, try #require(address.stringValue))
                    #expect(answer.status == 405, "\(group)/\(name)")
                }
            }
            #expect(
                try await caller.get("/api/core/")["audit-logs"]?.stringValue?.hasSuffix("/api/core/audit-logs/")
                    == true)
            #expect(try await caller.get("/api/", as: nil).status == 401)
        }
    }
}

extension APICaller {
    /// Asks with a token made on the device itself.
    func technician(_ uri: String) async throws -> Answer {
        let issuer = try await TokenIssuer(issuer: api.configuration.issuer, secrets: api.secrets, clock: api.clock)
        let token = try await issuer.issueTechnician(lifetime: .seconds(60)).text
        return try await send(.get, uri, headers: [.authorization: "Bearer \(token)"])
    }
}
