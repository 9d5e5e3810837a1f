import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Logging
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("Usage recorder")
struct UsageRecorderTests {
    private let clock = ManualClock()
    private let ledger = FakeInsight()
    private let origin = RequestOrigin(address: "192.0.2.1", userAgent: "curl/8", requestID: "r")
    private let client = ClientRecord(
        id: ClientID(), publicID: "FR_0000000000000001", name: "one", isActive: true, createdAt: Date())

    private func recorder(capacity: Int = 10, period: Duration = .seconds(3600)) -> UsageRecorder {
        UsageRecorder(
            ledger: ledger, clock: clock, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            capacity: capacity, period: period)
    }

    private func note(_ recorder: UsageRecorder, by caller: Caller? = nil, status: HTTPResponse.Status = .ok) {
        recorder.note(
            SessionRoutes.show, by: caller ?? .client(client), from: origin, status: status, since: clock.instant)
    }

    private var calls: [UsageRecord] { ledger.state.withLock { $0.calls } }

    @Test("a call is recorded with its pattern, never with what stood in its path")
    func recorded() async throws {
        let recorder = recorder()
        let began = recorder.now
        clock.advance(by: .milliseconds(12))
        recorder.note(SessionRoutes.show, by: .client(client), from: origin, status: .notFound, since: began)
        await recorder.flush()
        let call = try #require(calls.first)
        #expect(call.route == "/api/auth/sessions/{session}/")
        #expect(call.operation == SessionRoutes.show.id)
        #expect(call.category == .recognition)
        #expect(call.status == 404)
        #expect(call.milliseconds == 12)
        #expect(call.address == "192.0.2.1")
        #expect(call.at == clock.wall)
    }

    @Test("nobody's calls and technicians' are not recorded")
    func strangers() async {
        let recorder = recorder()
        note(recorder, by: .nobody)
        note(recorder, by: .technician)
        await recorder.flush()
        #expect(calls.isEmpty)
    }

    @Test("a full buffer leaves out the newest call and counts it")
    func full() async {
        let recorder = recorder(capacity: 2)
        for status in [HTTPResponse.Status.ok, .created, .accepted] { note(recorder, status: status) }
        #expect(recorder.dropped == 1)
        await recorder.flush()
        #expect(calls.map(\.status) == [200, 201])
        note(recorder)
        await recorder.flush()
        #expect(calls.count == 3)
    }

    @Test("what the store refused is kept for the next time, as far as there is room")
    func refused() async {
        let recorder = recorder(capacity: 2)
        note(recorder, status: .ok)
        note(recorder, status: .created)
        ledger.set { $0.fault = EdgeError(.storeFull) }
        await recorder.flush()
        #expect(recorder.dropped == 0)
        note(recorder, status: .accepted)
        #expect(recorder.dropped == 1)
        ledger.set { $0.fault = nil }
        await recorder.flush()
        #expect(calls.map(\.status) == [200, 201])
    }

    @Test("what waits is written when the server stops")
    func stop() async {
        let recorder = recorder()
        note(recorder)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await recorder.run() }
            group.cancelAll()
        }
        #expect(calls.count == 1)
    }

    @Test(
        "calls fall into the reference's groups",
        arguments: [
            ("/api/auth/enrollment", UsageRecord.Category.enrollment), ("/api/auth/process-image", .recognition),
            ("/api/clients/users/{id}/enrollments", .enrollment), ("/api/webhooks/stats", .webhook),
            ("/api/recognition/attempts", .recognition), ("/api/analytics/auth-logs", .analytics),
            ("/api/core/info", .analytics),
        ])
    func groups(path: String, category: UsageRecord.Category) {
        #expect(UsageRecord.Category(path: path) == category)
    }

    @Test("every call of a client counts, whatever its credentials look like and however it ends")
    func endToEnd() async throws {
        let api = TestAPI()
        let services = api.services
        try await api.test(services) { caller in
            let token = try await caller.token(of: "one")
            for headers: HTTPFields in [
                [.authorization: "Bearer \(token)"], [.authorization: "JWT \(token)"], [.apiKey: "frapi_one"],
                [.authorization: "Bearer frapi_one"],
            ] {
                #expect(try await caller.send(.get, "/api/clients/usage/", headers: headers).status == 200)
            }
            #expect(try await caller.get("/api/auth/sessions/nothing/").status == 404)
            #expect(try await caller.get("/api/clients/usage/", as: nil).status == 401)
            await services.insight.recorder.flush()
            let list = try await caller.get("/api/clients/usage/")
            list.expect(UsageRoutes.list)
            #expect(list["count"] == 5)
            let row = try #require(try list.rows().first)
            #expect(row["status_code"] == 404)
            #expect(row["metadata"]?.objectValue?["path"] == "/api/auth/sessions/{session}/")
            let id = try #require(row["id"]?.stringValue)
            try await caller.get("/api/clients/usage/\(id)/").expect(UsageRoutes.show)
            try await caller.get("/api/clients/usage/\(id)/", as: "two").expect(UsageRoutes.show, status: 404)
            let line = NumberedID.auditLine.uuid(1).uuidString
            try await caller.get("/api/clients/usage/\(line)/").expect(UsageRoutes.show, status: 404)
        }
    }
}
