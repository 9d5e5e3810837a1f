import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Analytics")
struct AnalyticsTests {
    private static let lists: [EdgeAPI.Operation] = [
        AnalyticsRoutes.authLogs, AnalyticsRoutes.alerts, AnalyticsRoutes.dashboard, AnalyticsRoutes.statistics,
        AnalyticsRoutes.systemMetrics, AnalyticsRoutes.userBehavior, AnalyticsRoutes.recognitionStats,
        AnalyticsRoutes.modelPerformance, AnalyticsRoutes.dataQuality, AnalyticsRoutes.monitoring,
        AnalyticsRoutes.daily, AnalyticsRoutes.summary, AnalyticsRoutes.overview,
    ]

    @Test("every endpoint answers as the document says, with much and with nothing to tell", arguments: [true, false])
    func shapes(isFull: Bool) async throws {
        let api = TestAPI()
        if isFull { try InsightWorld(api).fill() }
        try await api.test { caller in
            for operation in Self.lists { try await caller.get(operation.path + "/").expect(operation) }
        }
    }

    @Test("rows hold the reference's members and no others")
    func members() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            for (path, name) in [
                ("auth-logs", "AuthenticationLog"), ("security-alerts", "SecurityAlert"),
                ("system-metrics", "SystemMetric"), ("user-behavior", "UserBehavior"),
                ("face-recognition-stats", "FaceRecognitionDay"), ("model-performance", "ModelPerformance"),
                ("data-quality", "DataQuality"),
            ] {
                let answer = try await caller.get("/api/analytics/\(path)/")
                let schema = try #require(Components.schemas.first { $0.key == name }?.value)
                let rows = try answer.rows()
                #expect(!rows.isEmpty, "\(path)")
                for row in rows { #expect(AnswerSchema.strangers(row, schema) == [], "\(path)") }
            }
        }
    }

    @Test("one attempt and one alert are found by id; another tenant's, and events that are no alerts, are not")
    func single() async throws {
        let api = TestAPI()
        let world = try InsightWorld(api)
        world.fill()
        let theirs = world.attempt(of: ClientID())
        api.insight.set { $0.attempts.append(theirs) }
        let (attempts, events) = api.insight.state.withLock { ($0.attempts, $0.events) }
        try await api.test { caller in
            let base = "/api/analytics"
            let found = try await caller.get("\(base)/auth-logs/\(attempts[0].session.id)/")
            found.expect(AnalyticsRoutes.authLog)
            #expect(found["similarity_score"] == 0.7123)
            #expect(found["attempted_email"] == "ada@example.org")
            #expect(found["risk_factors"] == ["low_liveness"])
            try await caller.get("\(base)/auth-logs/\(theirs.session.id)/").expect(AnalyticsRoutes.authLog, status: 404)
            try await caller.get("\(base)/auth-logs/nothing/").expect(AnalyticsRoutes.authLog, status: 404)
            let alert = try await caller.get("\(base)/security-alerts/\(events[0].id)/")
            alert.expect(AnalyticsRoutes.alert)
            #expect(alert["alert_type"] == "system_breach")
            for other in events.dropFirst() {
                try await caller.get("\(base)/security-alerts/\(other.id)/").expect(AnalyticsRoutes.alert, status: 404)
            }
        }
    }

    @Test("days in the query are whole UTC days, both included")
    func days() async throws {
        let api = TestAPI()
        try await api.test { caller in
            let query = "date_from=2027-02-03&date_to=2027-02-04&success=false"
            for path in [
                "auth-logs/?\(query)", "face-recognition-stats/?\(query)", "data-quality/?date_to=2027-02-04",
            ] {
                let answer = try await caller.get("/api/analytics/\(path)")
                #expect(answer.status == 200)
            }
        }
        let (filters, spans) = api.insight.state.withLock { ($0.attemptFilters, $0.spans) }
        let from = try #require(WireDate.parse("2027-02-03T00:00:00Z"))
        let to = try #require(WireDate.parse("2027-02-05T00:00:00Z"))
        #expect(filters.map(\.span) == [TimeSpan(from: from, to: to)])
        #expect(filters.map(\.succeeded) == [false])
        #expect(spans == [TimeSpan(from: from, to: to), TimeSpan(to: to)])
    }

    @Test("a date or number that is none is told by its field, and nothing is asked of the store")
    func wrongValues() async throws {
        let api = TestAPI()
        try await api.test { caller in
            for (query, field) in [
                ("auth-logs/?date_from=2026-02-30", "date_from"), ("auth-logs/?date_to=yesterday", "date_to"),
                ("auth-logs/?success=perhaps", "success"), ("auth-logs/?auth_method=smell", "auth_method"),
                ("face-recognition-stats/?date_from=20260101", "date_from"), ("data-quality/?date_to=", "date_to"),
                ("system-metrics/?start=2026-01-01", "start"), ("system-metrics/?limit=0", "limit"),
                ("system-metrics/?metric_type=meter", "metric_type"), ("security-alerts/?severity=bad", "severity"),
                ("user-behavior/?risk_level=extreme", "risk_level"), ("api/daily/?date=2026-13-01", "date"),
                ("api/summary/?days=0", "days"), ("api/summary/?days=366", "days"), ("api/summary/?days=x", "days"),
            ] {
                let answer = try await caller.get("/api/analytics/\(query)")
                #expect(answer.status == 400, "\(query)")
                #expect(answer["code"] == "request.invalid", "\(query)")
                guard case .array = answer[field] else {
                    Issue.record("\(query) does not name \(field): \(answer.text)")
                    continue
                }
                let isReport = query.hasPrefix("api/")
                #expect((answer["error"]?.stringValue != nil) == isReport, "\(query)")
            }
        }
        #expect(api.insight.state.withLock { $0.spans.isEmpty && $0.attemptFilters.isEmpty })
    }

    @Test("the dashboard looks back whole days that end today, thirty where it does not know the period")
    func periods() async throws {
        let api = TestAPI()
        try await api.test { caller in
            for (period, days) in [("7_days", 7), ("30_days", 30), ("90_days", 90), ("1_year", 365), ("ever", 30)] {
                let answer = try await caller.get("/api/analytics/dashboard/?period=\(period)")
                answer.expect(AnalyticsRoutes.dashboard)
                #expect(answer["period"] == .string(period == "ever" ? "30_days" : period))
                let span = try #require(api.insight.state.withLock { $0.spans.last })
                #expect(span == TimeSpan(lastDays: days, until: api.clock.wall))
                let from = UTCDay.start(api.clock.wall).addingTimeInterval(-86_400 * Double(days - 1))
                #expect(span.from == from)
            }
        }
    }

    @Test("reports are of the UTC day that was asked for, today and yesterday by themselves")
    func reports() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        // One second before midnight: the day is still this one.
        let midnight = UTCDay.next(api.clock.wall)
        api.clock.advance(by: .seconds(midnight.timeIntervalSince(api.clock.wall) - 1))
        try await api.test { caller in
            let today = try await caller.get("/api/analytics/api/daily/")
            #expect(today["report"]?.objectValue?["date"] == "2027-01-15")
            #expect(today["generated_at"] == "2027-01-15T23:59:59+00:00")
            #expect(today["report"]?.objectValue?["api_usage"] == ["calls": 1, "endpoints": ["recognition"]])
            api.clock.advance(by: .seconds(1))
            let next = try await caller.get("/api/analytics/api/daily/")
            #expect(next["report"]?.objectValue?["date"] == "2027-01-16")
            let other = try await caller.get("/api/analytics/api/daily/?date=2024-02-29")
            #expect(other["report"]?.objectValue?["date"] == "2024-02-29")
            api.insight.set { $0.spans = [] }
            let overview = try await caller.get("/api/analytics/api/overview/")
            let parts = try #require(overview["overview"]?.objectValue)
            #expect(parts["today"]?.objectValue?["date"] == "2027-01-16")
            #expect(parts["yesterday"]?.objectValue?["date"] == "2027-01-15")
            #expect(parts["last_7_days"]?.objectValue?["period"] == "7 days")
        }
        let now = api.clock.wall
        let yesterday = now.addingTimeInterval(-1)
        #expect(
            api.insight.state.withLock { $0.spans } == [
                TimeSpan(days: now, through: now), TimeSpan(days: yesterday, through: yesterday),
                TimeSpan(lastDays: 7, until: now), TimeSpan(lastDays: 30, until: now),
            ])
    }

    @Test("rates are percent, and causes fall into the reference's groups")
    func figures() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            let day = try #require(try await caller.get("/api/analytics/face-recognition-stats/").rows().first)
            #expect(day["success_rate"] == 33.33)
            #expect(day["failed_similarity"] == 1)
            #expect(day["failed_liveness"] == 2)
            #expect(day["failed_attempts"] == 4)
            #expect(day["new_enrollments"] == 2)
            let quality = try #require(try await caller.get("/api/analytics/data-quality/").rows().first)
            #expect(quality["avg_image_quality"] == 0.75)
            #expect(quality["avg_face_size"] == 200)
            #expect(quality["avg_sharpness"] == 75)
            #expect(quality["avg_brightness"] == .null)
            let statistics = try await caller.get("/api/analytics/statistics/")
            #expect(statistics["face_enrolled"] == 4)
            #expect(statistics["security_status"]?.objectValue?["risk_level"] == "high")
            #expect(statistics["security_status"]?.objectValue?["active_alerts"] == 1)
        }
    }

    @Test("alerts are asked for by the words of the reference")
    func alertFilters() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            for (query, count) in [
                ("", 1), ("?severity=high", 1), ("?severity=info", 0), ("?severity=critical", 0),
                ("?alert_type=system_breach", 1), ("?alert_type=location_anomaly", 0), ("?resolved=true", 0),
                ("?resolved=false&alert_type=failed_attempts", 0),
            ] {
                let answer = try await caller.get("/api/analytics/security-alerts/\(query)")
                #expect(answer["count"] == .integer(Int64(count)), "\(query)")
            }
        }
    }

    @Test("metrics are one value for each hour, by name, kind and number")
    func metrics() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            func names(_ query: String) async throws -> [String] {
                try await caller.get("/api/analytics/system-metrics/\(query)").rows()
                    .compactMap { $0["metric_name"]?.stringValue }
            }
            #expect(try await names("?metric_name=security.event") == ["security.event"])
            #expect(try await names("?metric_type=timer") == ["authentication.response_time"])
            #expect(try await names("?limit=2").count == 2)
            #expect(try await names("?metric_name=nothing").isEmpty)
            let all = try await names("")
            #expect(Set(all).count == all.count)
            #expect(!all.contains("enrollment.liveness_score"))
        }
    }

    @Test("attempts by other means than a face are none")
    func otherMeans() async throws {
        let api = TestAPI()
        try InsightWorld(api).fill()
        try await api.test { caller in
            let byPassword = try await caller.get("/api/analytics/auth-logs/?auth_method=password")
            #expect(byPassword["count"] == 0)
            let byFace = try await caller.get("/api/analytics/auth-logs/?auth_method=face")
            #expect(byFace["count"] == 2)
            for page in ["2", "x", "0"] {
                let beyond = try await caller.get("/api/analytics/auth-logs/?page=\(page)")
                #expect(beyond.status == 404)
                #expect(beyond["code"] == "request.page")
            }
        }
    }
}

extension Answer {
    /// The rows of a list.
    func rows() throws -> [JSONObject] {
        guard case .array(let rows) = body["results"] else { return [] }
        return rows.compactMap(\.objectValue)
    }
}
