import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Limits that hold")
struct RateTests {
    @Test("the hour and the day are counted, the tighter one is told, and a refused call does not count")
    func windows() {
        var windows = RateWindows()
        let limit = RateLimit(perHour: 2, perDay: 3)
        let noon = 1_800_000_000 / RateWindows.day * RateWindows.day + 12 * 3600 + 600
        let first = windows.take(limit, at: noon)
        #expect(first.isAdmitted && first.limit == 2 && first.remaining == 1 && first.reset == 3000)
        #expect(windows.take(limit, at: noon).remaining == 0)
        let refused = windows.take(limit, at: noon)
        #expect(!refused.isAdmitted && refused.reset == 3000)
        let next = windows.take(limit, at: noon + 3600)
        #expect(next.isAdmitted && next.limit == 3 && next.remaining == 0, "the day is the tighter one now")
        #expect(!windows.take(limit, at: noon + 7200).isAdmitted)
        #expect(windows.take(limit, at: noon + 86_400).isAdmitted)
    }

    @Test("what was used before a restart counts in the hour and in the day")
    func afterRestart() async {
        let clock = ManualClock()
        let rates = ClientRates(clock: clock) { _, _ in 2 }
        var client = ClientRecord(id: ClientID(), publicID: "FR_0", name: "one", createdAt: clock.wall)
        client.rateLimit = RateLimit(perHour: 3, perDay: 100)
        #expect(await rates.take(client).isAdmitted)
        let refused = await rates.take(client)
        #expect(!refused.isAdmitted && refused.limit == 3)
    }

    @Test("every answer to a client tells its limit; beyond it comes 429 with the time to wait")
    func limitsClient() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.rateLimit.perHour = 3 }
        try await api.test { caller in
            // 08:00:00 at the beginning of an hour.
            let good = try await caller.get("/api/core/info/")
            #expect(good.headers[.rateLimitLimit] == "3" && good.headers[.rateLimitRemaining] == "2")
            #expect(good.headers[.rateLimitReset] == "3600")
            let missing = try await caller.get("/api/auth/sessions/x/")
            #expect(missing.status == 404 && missing.headers[.rateLimitRemaining] == "1")
            let forbidden = try await caller.post("/api/clients/clients/", ["name": "x"])
            #expect(forbidden.status == 403 && forbidden.headers[.rateLimitRemaining] == "0")
            let refused = try await caller.get("/api/core/info/")
            #expect(refused.status == 429 && refused["code"] == "request.limited")
            #expect(refused.headers[.retryAfter] == "3600" && refused.headers[.rateLimitRemaining] == "0")
            #expect(try await caller.get("/api/core/info/", as: "two").status == 200)
            api.clock.advance(by: .seconds(3600))
            #expect(try await caller.get("/api/core/info/").status == 200)
        }
    }

    @Test("a session gets thirty pictures a second after sixty at once, each session by itself")
    func limitsFrames() async throws {
        var api = TestAPI(script: FakeSessions.rejected(.faceNone))
        api.configuration.framesPerSecond = 3
        let clock = api.clock
        try await api.test { caller in
            let (one, two) = (try await caller.enroll("a"), try await caller.enroll("b"))
            for _ in 0..<6 { #expect(try await caller.frame(one).status == 200) }
            let refused = try await caller.frame(one)
            #expect(refused.status == 429 && refused["code"] == "request.limited")
            #expect(refused.headers[.retryAfter] == "1")
            #expect(try await caller.frame(two).status == 200)
            clock.advance(by: .milliseconds(340))
            #expect(try await caller.frame(one).status == 200)
            #expect(try await caller.frame(one).status == 429)
        }
    }

    @Test("strangers are limited by address, clients and log-ins are not")
    func limitsStrangers() async throws {
        var api = TestAPI()
        api.configuration.anonymousPerMinute = 3
        try await api.test { caller in
            for _ in 0..<3 { #expect(try await caller.get("/healthz", as: nil).status == 200) }
            #expect(try await caller.get("/healthz", as: nil).status == 429)
            #expect(try await caller.get("/api/core/info/", as: nil).status == 429)
            #expect(try await caller.get("/api/core/info/").status == 200)
            let logIn = try await caller.post(
                "/api/auth/client/", ["api_key": "frapi_one", "api_secret": "secret-of-one"], as: nil)
            #expect(logIn.status == 200)
        }
    }

    @Test("a table of buckets forgets who has recovered and never grows beyond its limit")
    func boundsBuckets() throws {
        let clock = ManualClock()
        let table = BucketTable<Int>(capacity: 2, perSecond: 1, clock: clock)
        for key in 0..<BucketTable<Int>.maximumSize { try table.take(key, "") }
        #expect(table.count == BucketTable<Int>.maximumSize)
        #expect(throws: EdgeError.self) { try table.take(-1, "") }
        try table.take(0, "")
        clock.advance(by: .seconds(3))
        try table.take(-1, "")
        #expect(table.count == 1)
    }

    @Test("bad keys and tokens are refused, then limited, while the good ones behind the same address go on")
    func limitsForgeries() async throws {
        let api = TestAPI()
        try await api.test { caller in
            for number in 0..<30 {
                let answer = try await caller.send(
                    .get, "/api/core/info/", headers: [.apiKey: "frapi_guess\(number)"])
                #expect(answer.status == 401)
            }
            let refused = try await caller.send(
                .get, "/api/core/info/", headers: [.authorization: "Bearer a.b.c"])
            #expect(refused.status == 429 && refused.headers[.retryAfter] == "1")
            #expect(try await caller.get("/api/core/info/").status == 200)
            #expect(try await caller.send(.get, "/api/core/info/", headers: [.apiKey: "frapi_two"]).status == 200)
            // One a day too old is no guess: it may be told so again and again.
            let old = try await caller.token(of: "one")
            api.clock.advance(by: .seconds(86_400))
            for _ in 0..<40 {
                let answer = try await caller.send(
                    .get, "/api/core/info/", headers: [.authorization: "Bearer \(old)"])
                #expect(answer["code"] == "credentials.expired")
            }
        }
    }

    @Test("refusals leave a few lines a minute and then a count, whoever they come from")
    func countsRefusals() async throws {
        let clock = ManualClock()
        let audit = FakeAudit()
        let security = FakeInsight()
        let ledger = RefusalLedger(audit: audit, security: security, clock: clock)
        let origin = RequestOrigin(address: "192.0.2.1", userAgent: "guesser", requestID: "1")
        let client = ClientID()
        await RequestOrigin.$current.withValue(origin) {
            for _ in 0..<1000 { await ledger.note(EdgeError(.credentialsInvalid), subject: "x", client: client) }
            await ledger.note(EdgeError(.credentialsForbidden), subject: "x", client: client)
        }
        #expect(audit.lines.count == RefusalWindows.linesOfAddress)
        #expect(audit.lines.allSatisfy { $0.action == "credentials.refused" && $0.client == client && !$0.succeeded })
        #expect(audit.origins.allSatisfy { $0?.address == "192.0.2.1" })
        await ledger.flush()
        #expect(audit.lines.count == RefusalWindows.linesOfAddress, "the minute is not over")
        clock.advance(by: .seconds(61))
        await ledger.flush()
        let line = try #require(audit.lines.last)
        #expect(line.action == "refusals.counted")
        #expect(line.detailsJSON == #"{"count":996}"# && line.client == client)
        #expect(audit.origins.last == .some(nil))
    }

    @Test("a flood from many addresses is bounded too")
    func boundsFlood() {
        var windows = RefusalWindows()
        let now = Date(timeIntervalSince1970: 0)
        var written = 0
        for number in 0..<10_000 where windows.note(.address("\(number % 500)"), at: now) { written += 1 }
        #expect(written <= RefusalWindows.linesOfAll)
        let counts = windows.ended(at: now.addingTimeInterval(60.5))
        #expect(counts.count <= RefusalWindows.maximumAddresses + 1)
        #expect(counts.reduce(written) { $0 + $1.number } == 10_000, "every refusal is written or counted")
        #expect(windows.ended(at: now.addingTimeInterval(200)) == [])
        for _ in 0...RefusalWindows.linesOfAddress { _ = windows.note(.address("a"), at: now.addingTimeInterval(200)) }
        #expect(windows.ended(at: now).map(\.number) == [1], "a clock that was set back ends the minute")
    }

    @Test("features that a client lacks are refused by name")
    func gatesFeatures() async throws {
        let api = TestAPI()
        api.clients.edit("one") { $0.features = ClientTier.basic.features }
        api.clients.edit("two") { $0.features.enrollment = false }
        try await api.test { caller in
            let analytics = try await caller.get("/api/analytics/dashboard/")
            #expect(analytics.status == 403 && analytics["code"] == "feature.disabled")
            #expect(try await caller.enroll(as: "two")["code"] == "feature.disabled")
            #expect(try await caller.enroll(as: "one").status == 201)
        }
        #expect(api.audit.lines.map(\.reason) == ["feature.disabled", "feature.disabled"])
    }
}
