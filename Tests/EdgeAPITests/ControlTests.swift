import EdgeCore
import Hummingbird
import HummingbirdTesting
import Logging
import Testing

@testable import EdgeAPI

@Suite("Control")
struct ControlTests {
    private func test(_ body: @escaping @Sendable (APICaller) async throws -> Void) async throws {
        let api = TestAPI()
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let server = ControlServer(
            socketPath: "/unused", control: FakeControl(), services: api.services, issuer: "test-device", log: quiet)
        try await Application(router: try await server.router(), logger: quiet).test(.router) { client in
            try await body(APICaller(client: client, api: api))
        }
    }

    @Test("a command gets its arguments and its document comes back")
    func runsCommands() async throws {
        try await test { caller in
            let answer = try await caller.post("/control/clients.create", ["name": "kiosk"], as: nil)
            #expect(answer.status == 200)
            #expect(answer["command"] == "clients.create")
            #expect(answer["arguments"] == ["name": "kiosk"])
            let bare = try await caller.send(.post, "/control/status")
            #expect(bare["arguments"] == [:])
        }
    }

    @Test("a command that fails says its code and what to do")
    func tellsFailures() async throws {
        try await test { caller in
            let answer = try await caller.post("/control/fail", [:], as: nil)
            #expect(answer.status == 404)
            #expect(answer["code"] == "person.unknown")
            #expect(answer["remedy"] == .string(ErrorCode.personUnknown.remedy))
        }
    }

    @Test("health is there and the API is not")
    func servesHealthOnly() async throws {
        try await test { caller in
            for path in ["/healthz", "/status", "/readyz"] {
                let answer = try await caller.get(path, as: nil)
                #expect(answer.status == 200)
            }
            let enrollment = try await caller.post("/api/auth/enrollment/", [:])
            #expect(enrollment.status == 404)
        }
    }
}
