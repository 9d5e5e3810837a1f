import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import SyncCore
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Routes for members of a fleet")
struct SyncRouteTests {
    @Test("a token makes a device a member, whose credentials give tokens and open nothing but sync")
    func provisioning() async throws {
        let api = TestAPI()
        let fleet = FakeFleet()
        try await api.test(fleet) { caller in
            let device = DeviceID()
            let answer = try await caller.provision(device)
            answer.expect(SyncRoutes.provisionOperation)
            let key = try answer.string("api_key")
            let login = try await caller.post(
                "/api/core/auth/client/",
                ["api_key": .string(key), "api_secret": .string(try answer.string("api_secret"))], as: nil)
            #expect(login["scope"] == "device")
            let name = "device \(device)"
            let opening = OpenRequest(
                opening: EpochOpening(epoch: Epoch(), history: [], reason: .fresh),
                model: ModelName(id: "sface", version: "1"), software: "0.4.0")
            let opened = try await caller.message("open", opening, as: name)
            opened.expect(SyncRoutes.openOperation)
            for path in ["/api/clients/users/", "/api/clients/clients/", "/api/", "/api/sync/v1/fleet/devices/"] {
                #expect(try await caller.get(path, as: name).status == 403, "\(path)")
            }
            #expect(api.audit.lines.map(\.action).contains("fleet.device.joined"))
        }
    }

    @Test("the longest batch, with every member of every record, is a body that is taken")
    func longestBatch() throws {
        let address = LaneAddress(device: DeviceID(), epoch: Epoch(), lane: .events)
        let head = RecordHead(
            position: RecordPosition(address, sequence: 1), kind: "k", tenant: UUID(), person: UUID(),
            moment: RecordMoment(wall: 1, boot: .init(id: UUID(), time: 1, quality: "synchronized")))
        var record = WireRecord(
            OutboxRecord(head: head, digest: .start, hash: .start, payload: .withheld), payload: "{}")
        record.digest = .start
        let request = PushRequest(
            epoch: address.epoch, lane: .events, first: 1, previous: .start, head: .start, lostFrom: 1,
            records: Array(repeating: record, count: RecordBatch.limit), checkpoint: "a note")
        try JSONLimits.check(Array(JSONEncoder().encode(request)))
    }

    @Test("a device whose answer was lost asks again and gets credentials that count; the first ones end")
    func repeatedProvisioning() async throws {
        let api = TestAPI()
        let fleet = FakeFleet()
        try await api.test(fleet) { caller in
            let device = DeviceID()
            let first = try await caller.provision(device)
            let second = try await caller.provision(device)
            #expect(first["api_secret"] != second["api_secret"])
            let old = try await caller.post(
                "/api/core/auth/client/",
                ["api_key": first["api_key"] ?? .null, "api_secret": first["api_secret"] ?? .null], as: nil)
            #expect(old.status == 401)
            let members = try await api.clients.clients().filter { $0.scope == .device }
            #expect(members.count == 1)
            #expect(try await fleet.device(of: try #require(members.first).id.rawValue) == device)
        }
    }

    @Test("a wrong token is refused in the protocol's form, counted and written down")
    func wrongToken() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            let refused = try await caller.provision(DeviceID(), token: "guess")
            refused.expect(SyncRoutes.provisionOperation, status: 401)
            #expect(refused["code"] == "sync.token.invalid")
            #expect(api.audit.lines.map(\.action).contains("credentials.refused"))
            var last = refused
            for _ in 0..<500 where last.status != 429 { last = try await caller.provision(DeviceID(), token: "guess") }
            #expect(last.status == 429)
        }
    }

    @Test(
        "each refusal has its status, its code and what the device needs to go on",
        arguments: [
            (SyncRefusal.quarantined, 403), (.revoked, 403), (.certificateNeeded, 403),
            (.certificateRefused("Over."), 403), (.epochNeeded, 409), (.epochEnded, 409),
            (.gap(expected: 7), 409), (.fork(at: 9), 409), (.malformed("Cut."), 422),
            (.busy(retryMilliseconds: 1500), 503),
        ])
    func refusals(refusal: SyncRefusal, status: Int) async throws {
        let fleet = FakeFleet()
        try await TestAPI().test(fleet) { caller in
            let name = try await caller.join()
            fleet.state.withLock { $0.refusal = refusal }
            let answer = try await caller.message("push", batch(), as: name)
            #expect(answer.status == status)
            let body = try JSONDecoder().decode(SyncRefusalBody.self, from: Data(answer.bytes))
            #expect(body.refusal == refusal)
            #expect(answer.headers[.retryAfter] == (status == 503 ? "2" : nil))
        }
    }

    @Test("a client that is no member is told so, and other clients may not ask at all")
    func strangers() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            api.clients.edit("two") { $0.scope = .device }
            let unknown = try await caller.message("push", batch(), as: "two")
            #expect(unknown.status == 403 && unknown["code"] == "sync.device.unknown")
            #expect(try await caller.message("push", batch(), as: "one")["code"] == "credentials.forbidden")
            #expect(try await caller.message("push", batch(), as: nil).status == 401)
        }
    }

    @Test("a batch arrives as it was sent, as gzip and plain, and a long answer comes as gzip")
    func gzip() async throws {
        let fleet = FakeFleet()
        try await TestAPI().test(fleet) { caller in
            let name = try await caller.join()
            let sent = batch(records: 200, payload: String(repeating: "ü\"/", count: 300))
            for gzip in [true, false] {
                let answer = try await caller.message("push", sent, as: name, gzip: gzip)
                answer.expect(SyncRoutes.pushOperation)
            }
            #expect(fleet.state.withLock { $0.pushed } == [sent, sent])
            fleet.state.withLock { $0.entries = 300 }
            let wanted = PullRequest(incarnation: nil, cursors: [], waitMilliseconds: 0)
            let short = try await caller.message("pull", wanted, as: name, gzip: true)
            #expect(
                short.headers[.contentEncoding] == "gzip" && short.headers[.vary]?.contains("Accept-Encoding") == true)
            let opened = try GzipBody.opened(short.bytes, limit: 1 << 20)
            let pulled = try JSONDecoder().decode(PullAnswer.self, from: Data(opened))
            #expect(pulled.scopes.first?.entries.count == 300)
            let plain = try await caller.message("pull", wanted, as: name)
            #expect(plain.headers[.contentEncoding] == nil && plain.bytes.count > short.bytes.count)
            plain.expect(SyncRoutes.pullOperation)
        }
    }

    @Test("what cannot be a message is refused without being kept: cut, bombs, other types, other codings")
    func hostile() async throws {
        let fleet = FakeFleet()
        try await TestAPI().test(fleet) { caller in
            let token = "Bearer \(try await caller.token(of: try await caller.join()))"
            func push(_ body: [UInt8], coding: String? = nil, type: String = "application/json") async throws -> Answer
            {
                var headers: HTTPFields = [.authorization: token, .contentType: type]
                headers[.contentEncoding] = coding
                return try await caller.send(.post, "/api/sync/v1/push/", headers: headers, body: body)
            }
            let whole = [UInt8](try JSONEncoder().encode(batch()))
            let member = try #require(GzipBody.compressed(whole))
            #expect(try await push(Array(member.dropLast()), coding: "gzip").status == 400)
            let bomb = try #require(GzipBody.compressed(Array(repeating: 32, count: 9 << 20)))
            #expect(try await push(bomb, coding: "gzip").status == 413)
            #expect(try await push(whole, coding: "br").status == 415)
            #expect(try await push(whole, type: "text/plain").status == 415)
            #expect(try await push(Array("{\"lane\": \"audit\"".utf8)).status == 422)
            let wrong = try await push(Array("{\"lane\":\"audit\",\"first\":\"secret\"}".utf8))
            #expect(wrong.status == 422 && wrong["code"] == "sync.malformed" && !wrong.text.contains("secret"))
            let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
            #expect(try await push(Array(deep.utf8)).status == 400)
            #expect(fleet.state.withLock { $0.pushed.isEmpty })
        }
    }

    @Test("a device that is no central instance says so")
    func noCentral() async throws {
        try await TestAPI().test { caller in
            let answer = try await caller.message("push", batch(), as: nil)
            #expect(answer.status == 404 && answer["code"] == "sync.central.absent")
            #expect(try await caller.get("/api/sync/v1/fleet/devices/")["code"] == "sync.central.absent")
            #expect(try await caller.get("/api/synchronous/")["code"] == "request.not_found")
        }
    }
}
