import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import SyncCore

/// What an administrator has devices go by, and sees of it.
struct FleetConfigurationRoutes: Sendable {
    let fleet: any FleetAdministration<EdgeError>
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.listOperation) { call in
            let all = try await overviews()
            return .json(try Page.body(PageOf(call.page, of: all.overviews), of: call, all.body.target))
        }
        routes.add(Self.showOperation) { call in try await answer(of: try await known(call)) }
        routes.add(Self.publishOperation, publish)
        routes.add(Self.promoteOperation) { call in
            let always = call.body.flag("always") ?? false
            return try await change(call, "promote") { target throws(EdgeError) in
                try await fleet.promoteConfiguration(of: target, always: always)
            }
        }
        routes.add(Self.withdrawOperation) { call in
            let stagedOnly = call.body.flag("staged_only") ?? false
            return try await change(call, stagedOnly ? "unstage" : "withdraw") { target throws(EdgeError) in
                try await fleet.withdrawConfiguration(of: target, stagedOnly: stagedOnly)
            }
        }
        routes.add(Self.rollBackOperation) { call in
            try await change(call, "rollback") { target throws(EdgeError) in
                try await fleet.rollBackConfiguration(of: target)
            }
        }
    }

    /// Checks a text as a device would, sets it and writes that down; every problem is told at once.
    private func publish(_ call: APICall) async throws -> Response {
        let text = try call.body.requiredText("text")
        let target = try await target(call.body)
        let problems = fleet.problems(inConfiguration: text)
        guard problems.isEmpty else {
            throw RequestFailure(
                error: EdgeError(.configurationInvalid, problems.joined(separator: "\n")),
                extra: ["text": .array(problems.map(JSONValue.string))])
        }
        let first = try await devices(call.body.texts("first") ?? [])
        let entry = try await fleet.setConfiguration(text, for: target, first: first.isEmpty ? nil : first)
        try await note("set", target, entry, call)
        return try await answer(of: target, status: .created)
    }

    private func change(
        _ call: APICall, _ action: String,
        _ act: (ConfigurationTarget) async throws(EdgeError) -> ConfigurationRule.Entry
    ) async throws -> Response {
        let target = try await known(call)
        try await note(action, target, try await act(target), call)
        return try await answer(of: target)
    }

    /// The words are those of the command line, so that one search of the audit trail finds both.
    private func note(
        _ action: String, _ target: ConfigurationTarget, _ entry: ConfigurationRule.Entry, _ call: APICall
    ) async throws(EdgeError) {
        var details: JSONObject = [:]
        if target != .fleet { details["id"] = .uuid(FleetConfigurationBody.id(of: target)) }
        details.merge([
            "number": .string("\(entry.serial)"), "target": .string(FleetConfigurationBody.kind(of: target)),
        ])
        try await services.audit.append(
            AuditRecord(
                action: "fleet.configuration.\(action)", client: try call.client().id, succeeded: true,
                detailsJSON: FleetRoutes.details(details), at: services.clock.wall))
    }

    // MARK: What is there

    /// What is set for all targets, and how to tell it.
    private struct Found {
        let overviews: [ConfigurationOverview]
        let body: FleetConfigurationBody
    }

    private func overviews() async throws(EdgeError) -> Found {
        let devices = try await fleet.devices()
        let names = Dictionary(devices.map { ($0.id, $0.name) }) { first, _ in first }
        let body = FleetConfigurationBody(names: names) { fleet.shown(configuration: $0) }
        return Found(overviews: try await fleet.configurations().overview(of: devices), body: body)
    }

    private func answer(
        of target: ConfigurationTarget, status: HTTPResponse.Status = .ok
    ) async throws(EdgeError) -> Response {
        let all = try await overviews()
        guard let overview = all.overviews.first(where: { $0.target == target }) else {
            throw EdgeError(.recordUnknown)
        }
        return .json(all.body.target(overview), status: status)
    }

    /// The target of the path, of those that anything was ever set for.
    private func known(_ call: APICall) async throws(EdgeError) -> ConfigurationTarget {
        guard let id = call.path["id"].flatMap({ UUID(uuidString: $0) }),
            let entry = try await fleet.configurations().entries.first(where: {
                FleetConfigurationBody.id(of: $0.target) == id
            })
        else { throw EdgeError(.recordUnknown) }
        return entry.target
    }

    /// Throws `request.invalid` for a scope or a device that is not there, and for both at once.
    private func target(_ body: Fields) async throws(EdgeError) -> ConfigurationTarget {
        switch (body.uuid("scope").map(ScopeID.init(rawValue:)), body.uuid("device").map(DeviceID.init(rawValue:))) {
        case (nil, nil): return .fleet
        case (let scope?, nil):
            guard try await fleet.scopes().contains(where: { $0.id == scope }) else {
                throw EdgeError(.requestInvalid, "There is no such scope.", field: "scope")
            }
            return .scope(scope)
        case (nil, let device?):
            guard try await fleet.device(device) != nil else {
                throw EdgeError(.requestInvalid, "There is no such device.", field: "device")
            }
            return .device(device)
        case (_?, _?): throw EdgeError(.requestInvalid, "Say a scope or a device, not both.", field: "scope")
        }
    }

    private func devices(_ texts: [String]) async throws(EdgeError) -> Set<DeviceID> {
        var found: Set<DeviceID> = []
        for id in texts.compactMap({ UUID(uuidString: $0).map(DeviceID.init(rawValue:)) }) {
            guard try await fleet.device(id) != nil else {
                throw EdgeError(.requestInvalid, "There is no such device.", field: "first")
            }
            found.insert(id)
        }
        return found
    }
}
