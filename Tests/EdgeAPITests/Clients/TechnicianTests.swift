import EdgeCore
import EdgeTesting
import FoundationEssentials
import HTTPTypes
import Testing

@testable import EdgeAPI

@Suite("Technicians' tokens")
struct TechnicianTests {
    private func desk(_ api: TestAPI) async throws -> TechnicianDesk {
        TechnicianDesk(
            issuer: try await TokenIssuer(issuer: "test-device", secrets: api.secrets, clock: api.clock),
            audit: api.audit, clock: api.clock)
    }

    @Test("a token reads how the device is, belongs to no client, ends in time, and was recorded")
    func reads() async throws {
        let api = TestAPI()
        let made = try await desk(api).issue(Array("{}".utf8))
        let token = try #require(made["token"]?.stringValue)
        #expect(made["expires_at"] == "2027-01-15T08:15:00Z" && made["scope"] == "technician")
        #expect(api.audit.lines.map(\.action) == ["technician.token"])
        #expect(api.audit.lines.first?.detailsJSON == #"{"minutes":15}"#)
        try await api.test { caller in
            let headers: HTTPFields = [.authorization: "Bearer \(token)"]
            let logs = try await caller.send(.get, "/api/core/audit-logs/", headers: headers)
            #expect(logs.status == 200)
            for path in ["/api/clients/clients/", "/api/core/info/", "/api/clients/users/"] {
                let answer = try await caller.send(.get, path, headers: headers)
                #expect(answer.status == 403)
                #expect(answer["code"] == "credentials.forbidden")
            }
            let verified = try await caller.post("/api/auth/verify/", ["token": .string(token)], as: nil)
            verified.expect(AuthRoutes.verifying)
            #expect(verified["client_id"] == .null && verified["scope"] == "technician")
            api.clock.advance(by: .seconds(900))
            let late = try await caller.send(.get, "/api/core/audit-logs/", headers: headers)
            #expect(late["code"] == "credentials.expired")
        }
    }

    @Test("a token never writes, whatever an operation's scopes say, and can be revoked")
    func writesNothing() async throws {
        let api = TestAPI()
        let token = try #require(try await desk(api).issue(Array(#"{"minutes":60}"#.utf8))["token"])
        let gate = api.server.gate(
            try await TokenIssuer(issuer: "test-device", secrets: api.secrets, clock: api.clock))
        let writing = api.server.routes(gate).operations.filter { $0.method != .get && $0.access != .open }
        #expect(writing.count > 10)
        try await api.test { caller in
            for operation in writing {
                let path = operation.path.replacing("{", with: "").replacing("}", with: "")
                let answer = try await caller.send(
                    operation.method, path, headers: [.authorization: "JWT \(token.stringValue ?? "")"])
                #expect(answer.status == 403, "\(operation.id)")
            }
            #expect(try await caller.post("/api/auth/revoke/", ["token": token], as: nil).status == 200)
            let revoked = try await caller.send(
                .get, "/api/core/audit-logs/", headers: [.authorization: "Bearer \(token.stringValue ?? "")"])
            #expect(revoked["code"] == "credentials.revoked")
        }
    }

    @Test(
        "a time that is too long or no number is refused, and that is recorded",
        arguments: [#"{"minutes":0}"#, #"{"minutes":61}"#, #"{"minutes":"15"}"#, #"{"minutes":1.5}"#])
    func refuses(arguments: String) async throws {
        let api = TestAPI()
        let desk = try await desk(api)
        let error = await #expect(throws: EdgeError.self) { try await desk.issue(Array(arguments.utf8)) }
        #expect(error?.code == .requestInvalid)
        #expect(api.audit.lines.map(\.succeeded) == [false])
    }
}
