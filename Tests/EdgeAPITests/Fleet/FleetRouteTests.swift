import EdgeCore
import FoundationEssentials
import HTTPTypes
import SyncCore
import Testing

@testable import EdgeAPI

@Suite("Administration of a fleet")
struct FleetRouteTests {
    private static let base = "/api/sync/v1/fleet"

    @Test("an administrator sees devices, revokes and releases them, and each act is in the audit trail")
    func devices() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            let device = DeviceID()
            _ = try await caller.join(device)
            let list = try await caller.get("\(Self.base)/devices/")
            list.expect(FleetRoutes.devicesOperation)
            #expect(list.items.first?["name"] == "north door" && list.items.first?["standing"] == "active")
            let revoked = try await caller.post("\(Self.base)/devices/\(device)/revoke/", [:])
            revoked.expect(FleetRoutes.revokeOperation)
            #expect(revoked["standing"] == "revoked")
            #expect(try await caller.post("\(Self.base)/devices/\(device)/release/", [:])["standing"] == "active")
            #expect(try await caller.post("\(Self.base)/devices/\(DeviceID())/revoke/", [:]).status == 404)
            let lines = api.audit.lines.filter { $0.action.hasPrefix("fleet.") }
            #expect(lines.map(\.action) == ["fleet.device.joined", "fleet.device.revoked", "fleet.device.released"])
            #expect(lines.last?.detailsJSON == "{\"device\":\"\(device)\"}")
        }
    }

    @Test(
        "scopes are made, renamed and given to devices; a name is used once, an unknown scope is a fault of the field")
    func scopes() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            let device = DeviceID()
            _ = try await caller.join(device)
            let made = try await caller.post("\(Self.base)/scopes/", ["name": "site north"])
            made.expect(FleetRoutes.createScopeOperation, status: 201)
            #expect(
                try await caller.post("\(Self.base)/scopes/", ["name": "site north"])["code"] == "fleet.scope.exists")
            let id = try made.string("id")
            let renamed = try await caller.call(.put, "\(Self.base)/scopes/\(id)/", ["name": "north"])
            renamed.expect(FleetRoutes.renameScopeOperation)
            #expect(renamed["name"] == "north")
            let path = "\(Self.base)/devices/\(device)/scopes/"
            let assigned = try await caller.call(.put, path, ["scopes": [.string(id)]])
            assigned.expect(FleetRoutes.assignOperation)
            #expect(assigned["scopes"] == [.string(id)])
            let wrong = try await caller.call(.put, path, ["scopes": [.string("\(DeviceID())")]])
            #expect(wrong.status == 400 && wrong["scopes"] != nil)
            try await caller.get("\(Self.base)/scopes/").expect(FleetRoutes.scopesOperation)
        }
    }

    @Test("a token is shown once and lasts as long as was said; what it opens is in the audit trail, itself is not")
    func tokens() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            let made = try await caller.post("\(Self.base)/tokens/", ["hours": 1, "name": "north door"])
            made.expect(FleetRoutes.tokenOperation, status: 201)
            #expect(made["expires_at"] == "2027-01-15T09:00:00Z")
            #expect(api.audit.lines.allSatisfy { !$0.detailsJSON.contains(FakeFleet.token) })
            #expect(api.audit.lines.last?.action == "fleet.token.created")
        }
    }

    @Test("an erasure is ordered by the client's own id, which is kept nowhere, and told as k of n")
    func erasures() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            for _ in 0..<2 { _ = try await caller.join() }
            let tenant = try #require(api.clients.named("two")).id
            let made = try await caller.post(
                "\(Self.base)/erasures/", ["client": .string("\(tenant)"), "user_id": "jane"])
            made.expect(FleetRoutes.eraseOperation, status: 201)
            #expect(made["proven"] == 1 && made["devices"] == 2 && made["complete"] == false)
            let list = try await caller.get("\(Self.base)/erasures/")
            list.expect(FleetRoutes.erasuresOperation)
            #expect(list["count"] == 1)
            #expect(api.audit.lines.allSatisfy { !$0.detailsJSON.contains("jane") })
            #expect(try await caller.post("\(Self.base)/erasures/", ["client": "x", "user_id": "jane"]).status == 400)
        }
    }

    @Test("nobody but an administrator looks at the fleet, and the page is there for them")
    func access() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            try await caller.get("\(Self.base)/").expect(FleetRoutes.overviewOperation)
            for scope in ClientScope.allCases where scope != .admin {
                api.clients.edit("two") { $0.scope = scope }
                for path in ["", "/devices", "/scopes", "/erasures", "/configurations"] {
                    #expect(try await caller.get("\(Self.base)\(path)/", as: "two").status == 403)
                }
            }
            let page = try await caller.get("/fleet/", as: nil)
            #expect(page.status == 200 && page.text.contains("/assets/fleet.js"))
            #expect(try await caller.get("/assets/fleet.js", as: nil).status == 200)
        }
        try await TestAPI().test { caller in
            let page = try await caller.get("/fleet/", as: nil)
            #expect(page.status == 404)
        }
    }

    @Test("a central instance tells Prometheus of its fleet")
    func metrics() async throws {
        try await TestAPI().test(FakeFleet()) { caller in
            let lines = try await caller.get("/metrics", as: nil).text.split(separator: "\n")
            #expect(lines.contains(#"edged_fleet_devices{standing="quarantined"} 1"#))
            #expect(lines.contains(#"edged_fleet_records_total{lane="audit"} 1000"#))
            #expect(lines.contains("edged_fleet_open_erasures 0"))
        }
    }

    @Test("a central instance's document has every route once, and every message in it")
    func document() async throws {
        let api = TestAPI()
        try await api.test(FakeFleet()) { caller in
            let document = try await caller.get("/api/schema/?format=json", as: nil)
            let paths = try #require(document["paths"]?.objectValue)
            let sync = paths.members.map(\.key).filter { $0.hasPrefix("/api/sync/v1/") }
            #expect(sync.count == 21)
            let known = Set(Components.schemas.map(\.key))
            for match in document.text.matches(of: /"#\/components\/schemas\/([A-Za-z]+)"/) {
                #expect(known.contains(String(match.1)), "\(match.1) is not there")
            }
        }
    }
}
