import EdgeCore
import FoundationEssentials
import HTTPTypes
import SyncCore
import Synchronization
import Testing

@testable import EdgeAPI

@Suite("What an administrator has devices go by")
struct FleetConfigurationRouteTests {
    private static let base = "/api/sync/v1/fleet/configurations"
    private static let text = "[sessions]\nttl = \"5m\"\n"

    /// As devices say it with their next question.
    private func report(
        _ fleet: FakeFleet, _ device: DeviceID, _ serial: UInt64, _ state: ConfigurationReport.State,
        _ problem: String? = nil
    ) {
        fleet.state.withLock {
            $0.configurations.reports[device] = ConfigurationReport(serial: serial, state: state, problem: problem)
        }
    }

    @Test("what is published is told with k of n, and who refused it with the problem; the act is in the audit trail")
    func published() async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let devices = [DeviceID(), DeviceID(), DeviceID()]
            for device in devices { _ = try await caller.join(device) }
            let made = try await caller.post("\(Self.base)/", ["text": .string(Self.text)])
            made.expect(FleetConfigurationRoutes.publishOperation, status: 201)
            #expect(made["kind"] == "fleet" && made["staged"] == .null && made["can_roll_back"] == true)
            #expect(api.audit.lines.last?.action == "fleet.configuration.set")
            #expect(api.audit.lines.last?.detailsJSON == #"{"number":"1","target":"fleet"}"#)
            report(fleet, devices[0], 1, .taken)
            report(fleet, devices[1], 1, .refused, "fleet:2: sessions.ttl: \(FakeFleet.hidden)")
            let list = try await caller.get("\(Self.base)/")
            list.expect(FleetConfigurationRoutes.listOperation)
            let part = try #require(list.items.first?["general"]?.objectValue)
            #expect(part["text"] == .string(Self.text) && part["first"] == .null)
            #expect(part["devices"] == 3 && part["applied"] == 1 && part["refused"] == 1 && part["pending"] == 1)
            #expect(
                part["faults"] == [
                    [
                        "device": .string("\(devices[1])"), "name": "north door", "state": "refused",
                        "problem": "fleet:2: sessions.ttl: [removed]",
                    ]
                ])
            let one = try await caller.get("\(Self.base)/\(try made.string("id"))/")
            one.expect(FleetConfigurationRoutes.showOperation)
            #expect(one["general"] == .object(part))
        }
    }

    @Test("what is wrong is told whole, each problem by itself, and nothing is set or written down")
    func wrong() async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let problems = ["configuration:2: sessions.tll: unknown key", "configuration:4: http.listen: no"]
            fleet.state.withLock { $0.problems = problems }
            let answer = try await caller.post("\(Self.base)/", ["text": .string(Self.text)])
            #expect(answer.status == 400 && answer["code"] == "configuration.invalid")
            #expect(answer["text"] == .array(problems.map(JSONValue.string)))
            #expect(try await caller.get("\(Self.base)/")["count"] == 0)
            #expect(!api.audit.lines.contains { $0.action.hasPrefix("fleet.configuration") })
            fleet.state.withLock { $0.problems = [] }
            let strange = JSONValue.string("\(DeviceID())")
            for body in [
                ["text": .string(Self.text), "scope": strange], ["text": .string(Self.text), "device": strange],
                ["text": .string(Self.text), "first": [strange]], ["text": " \n"], ["text": "a = \u{0}1"], [:],
                ["text": .string(Self.text), "scope": strange, "device": strange],
            ] as [JSONValue] {
                let refused = try await caller.post("\(Self.base)/", body)
                #expect(refused.status == 400 && refused["code"] == "request.invalid", "\(body)")
            }
            #expect(try await caller.get("\(Self.base)/")["count"] == 0)
        }
    }

    @Test("some devices get it first; it is given to all, rolled back and withdrawn, each a line of the audit trail")
    func staged() async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let (north, south) = (DeviceID(), DeviceID())
            for device in [north, south] { _ = try await caller.join(device) }
            let scope = try await fleet.createScope(named: "annex")
            try await fleet.assign([scope.id], to: north)
            try await fleet.assign([scope.id], to: south)
            let made = try await caller.post(
                "\(Self.base)/",
                ["text": .string(Self.text), "scope": .string("\(scope.id)"), "first": [.string("\(north)")]])
            made.expect(FleetConfigurationRoutes.publishOperation, status: 201)
            #expect(made["id"] == .string("\(scope.id)") && made["name"] == "scope annex" && made["general"] == .null)
            #expect(made["staged"]?.objectValue?["first"] == [.string("\(north)")])
            #expect(made["staged"]?.objectValue?["devices"] == 1)
            let place = "\(Self.base)/\(scope.id)"
            let promoted = try await caller.post("\(place)/promote/", [:])
            promoted.expect(FleetConfigurationRoutes.promoteOperation)
            #expect(promoted["staged"] == .null && promoted["general"]?.objectValue?["devices"] == 2)
            let back = try await caller.post("\(place)/roll-back/", [:])
            back.expect(FleetConfigurationRoutes.rollBackOperation)
            #expect(back["general"]?.objectValue?["text"] == .null)
            #expect(try await caller.post("\(place)/roll-back/", [:])["general"]?.objectValue?["text"] != .null)
            let gone = try await caller.post("\(place)/withdraw/", ["staged_only": true])
            gone.expect(FleetConfigurationRoutes.withdrawOperation)
            #expect(gone["general"]?.objectValue?["text"] == .string(Self.text))
            _ = try await caller.post("\(place)/withdraw/", [:])
            let lines = api.audit.lines.filter { $0.action.hasPrefix("fleet.configuration.") }
            let acts = ["set", "promote", "rollback", "rollback", "unstage", "withdraw"]
            #expect(lines.map(\.action) == acts.map { "fleet.configuration.\($0)" })
            #expect(lines.first?.detailsJSON == "{\"id\":\"\(scope.id)\",\"number\":\"1\",\"target\":\"scope\"}")
        }
    }

    @Test("what looks like a secret in a text is not shown, and that is said")
    func secrets() async throws {
        let fleet = FakeFleet()
        try await TestAPI().test(fleet) { caller in
            let text = "# \(FakeFleet.hidden)\n\(Self.text)"
            let made = try await caller.post("\(Self.base)/", ["text": .string(text)])
            #expect(!made.text.contains(FakeFleet.hidden))
            #expect(made["general"]?.objectValue?["is_redacted"] == true)
            #expect(fleet.state.withLock { $0.configurations.entries.first?.toml } == text)
        }
    }

    @Test("only an administrator reads and changes it, no page of another origin, and what is not there is 404")
    func access() async throws {
        let (api, fleet) = (TestAPI(), FakeFleet())
        try await api.test(fleet) { caller in
            let made = try await caller.post("\(Self.base)/", ["text": .string(Self.text)])
            let place = "\(Self.base)/\(try made.string("id"))"
            for scope in ClientScope.allCases where scope != .admin {
                api.clients.edit("two") { $0.scope = scope }
                #expect(try await caller.get("\(place)/", as: "two").status == 403)
                for path in ["\(Self.base)/", "\(place)/promote/", "\(place)/withdraw/", "\(place)/roll-back/"] {
                    #expect(try await caller.post(path, ["text": .string(Self.text)], as: "two").status == 403)
                }
            }
            for path in ["promote", "withdraw", "roll-back"] {
                #expect(try await caller.post("\(Self.base)/\(DeviceID())/\(path)/", [:]).status == 404)
            }
            let headers: HTTPFields = [
                .authorization: "Bearer \(try await caller.token(of: "one"))", .contentType: "application/json",
                .origin: "https://elsewhere.example",
            ]
            let foreign = try await caller.send(.post, "\(place)/withdraw/", headers: headers, body: Array("{}".utf8))
            #expect(foreign.status == 403)
            #expect(fleet.state.withLock { $0.configurations.entries.first?.toml } == Self.text)
        }
    }

    @Test("the page shows it and has the means to change it")
    func page() async throws {
        try await TestAPI().test(FakeFleet()) { caller in
            let page = try await caller.get("/fleet/", as: nil).text
            for id in ["configurations", "publish", "target", "ahead", "text", "problems"] {
                #expect(page.contains("id=\"\(id)\""))
            }
            let script = try await caller.get("/assets/fleet.js", as: nil).text
            for path in ["promote/", "withdraw/", "roll-back/", "configurations/"] { #expect(script.contains(path)) }
        }
    }
}
