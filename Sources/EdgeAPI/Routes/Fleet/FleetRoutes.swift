import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore

/// What an administrator sees and does of the fleet.
struct FleetRoutes: Sendable {
    let fleet: any FleetAdministration<EdgeError>
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.overviewOperation) { _ in .json(FleetBody.figures(try await fleet.figures())) }
        routes.add(Self.devicesOperation) { call in
            .json(try Page.body(PageOf(call.page, of: try await fleet.devices()), of: call, FleetBody.device))
        }
        routes.add(Self.deviceOperation) { call in .json(FleetBody.device(try await device(call))) }
        routes.add(Self.revokeOperation) { call in
            try await change(call, "fleet.device.revoked") { id throws(EdgeError) in try await fleet.revoke(id) }
        }
        routes.add(Self.releaseOperation) { call in
            try await change(call, "fleet.device.released") { id throws(EdgeError) in try await fleet.release(id) }
        }
        routes.add(Self.assignOperation, assign)
        routes.add(Self.tokenOperation, makeToken)
        routes.add(Self.scopesOperation) { call in
            .json(try Page.body(PageOf(call.page, of: try await fleet.scopes()), of: call, FleetBody.scope))
        }
        routes.add(Self.createScopeOperation, createScope)
        routes.add(Self.renameScopeOperation, renameScope)
        routes.add(Self.erasuresOperation) { call in
            .json(try Page.body(PageOf(call.page, of: try await fleet.erasures()), of: call, FleetBody.erasure))
        }
        routes.add(Self.eraseOperation, erase)
    }

    /// Canonical JSON for an audit line.
    static func details(_ members: JSONObject) -> String {
        String(decoding: JSONValue.object(members).bytes, as: UTF8.self)
    }

    private func device(_ call: APICall) async throws(EdgeError) -> FleetDevice {
        guard let id = call.path["id"].flatMap({ UUID(uuidString: $0) }),
            let device = try await fleet.device(DeviceID(rawValue: id))
        else { throw EdgeError(.recordUnknown) }
        return device
    }

    /// Does something to a device, writes it down and tells how the device is then.
    private func change(
        _ call: APICall, _ action: String, _ details: JSONObject = [:],
        _ act: (DeviceID) async throws(EdgeError) -> Void
    ) async throws(EdgeError) -> Response {
        let before = try await device(call)
        try await act(before.id)
        var details = details
        details["device"] = .string("\(before.id)")
        try await note(action, details, call)
        return .json(FleetBody.device(try await device(call)))
    }

    private func note(_ action: String, _ details: JSONObject, _ call: APICall) async throws(EdgeError) {
        try await services.audit.append(
            AuditRecord(
                action: action, client: try call.client().id, succeeded: true, detailsJSON: Self.details(details),
                at: services.clock.wall))
    }

    private func assign(_ call: APICall) async throws -> Response {
        let scopes = try await known(call.body.texts("scopes") ?? [])
        guard !scopes.isEmpty else { throw EdgeError(.requestInvalid, "A device has a scope.", field: "scopes") }
        let names = scopes.map { JSONValue.string("\($0)") }
        return try await change(call, "fleet.device.assigned", ["scopes": .array(names)]) { id throws(EdgeError) in
            try await fleet.assign(scopes, to: id)
        }
    }

    private func makeToken(_ call: APICall) async throws -> Response {
        var order = TokenOrder(name: call.body.text("name"))
        order.scopes = try await known(call.body.texts("scopes") ?? [])
        if let hours = call.body.integer("hours") { order.life = .seconds(hours * 3600) }
        let token = try await fleet.makeToken(order)
        let names = order.scopes.map { JSONValue.string("\($0)") }
        try await note("fleet.token.created", ["scopes": .array(names)], call)
        return .json(
            ["token": .string(token.text), "expires_at": .date(token.expiresAt)], status: .created)
    }

    private func createScope(_ call: APICall) async throws -> Response {
        let scope = try await fleet.createScope(named: try call.body.requiredText("name"))
        try await note("fleet.scope.created", ["scope": .string("\(scope.id)")], call)
        return .json(FleetBody.scope(scope), status: .created)
    }

    private func renameScope(_ call: APICall) async throws -> Response {
        guard let id = call.path["id"].flatMap({ UUID(uuidString: $0) }) else { throw EdgeError(.recordUnknown) }
        let scope = ScopeID(rawValue: id)
        try await fleet.rename(scope, to: try call.body.requiredText("name"))
        try await note("fleet.scope.renamed", ["scope": .string("\(scope)")], call)
        guard let renamed = try await fleet.scopes().first(where: { $0.id == scope }) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(FleetBody.scope(renamed))
    }

    private func erase(_ call: APICall) async throws -> Response {
        guard let tenant = call.body.uuid("client") else { throw EdgeError(.requestInvalid, field: "client") }
        let erasure = try await fleet.erase(tenant: tenant, user: try call.body.requiredText("user_id"))
        try await note("fleet.person.erased", ["subject": .string("\(erasure.subject)")], call)
        return .json(FleetBody.erasure(erasure), status: .created)
    }

    /// The scopes of these ids, each once, in their order.
    ///
    /// Throws `request.invalid` for one that is not there.
    private func known(_ texts: [String]) async throws(EdgeError) -> [ScopeID] {
        guard !texts.isEmpty else { return [] }
        let all = Set(try await fleet.scopes().map(\.id))
        var wanted: [ScopeID] = []
        for scope in texts.compactMap({ UUID(uuidString: $0).map(ScopeID.init(rawValue:)) })
        where !wanted.contains(scope) {
            guard all.contains(scope) else {
                throw EdgeError(.requestInvalid, "There is no such scope.", field: "scopes")
            }
            wanted.append(scope)
        }
        return wanted
    }
}
