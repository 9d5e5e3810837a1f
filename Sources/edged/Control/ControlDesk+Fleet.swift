import EdgeCore
import FoundationEssentials
import SyncCore

/// What the command line asks of a central instance.
extension ControlDesk {
    func fleetBoard() throws(EdgeError) -> FleetBoard {
        guard let fleet else { throw EdgeError(.centralAbsent) }
        return fleet
    }

    func makeFleetToken(_ order: Control.TokenOrder) async throws(EdgeError) -> Control.FleetToken {
        let fleet = try fleetBoard()
        let scopes = try await self.scopes(order.scopes, of: fleet)
        let made = try await fleet.makeToken(
            TokenOrder(scopes: scopes, name: order.name, life: .seconds(min(max(order.hours, 1), 720) * 3600)))
        try await noteFleet("fleet.token.created", ["scopes": scopes.map(\.description).joined(separator: " ")])
        return Control.FleetToken(token: made.text, expiresAt: made.expiresAt)
    }

    func listFleetDevices(_: Control.Nothing) async throws(EdgeError) -> Control.FleetDevices {
        let fleet = try fleetBoard()
        let names = try await scopeNames(fleet)
        return Control.FleetDevices(
            devices: try await fleet.devices().map { Control.FleetDevice($0, scopes: names) })
    }

    func changeFleetDevice(_ order: Control.DeviceOrder) async throws(EdgeError) -> Control.FleetDevice {
        let fleet = try fleetBoard()
        let id = try await device(order.device, of: fleet)
        switch order.act {
        case .revoke:
            try await fleet.revoke(id)
            try await noteFleet("fleet.device.revoked", ["device": id.description])
        case .release:
            try await fleet.release(id)
            try await noteFleet("fleet.device.released", ["device": id.description])
        case .assign:
            let scopes = try await self.scopes(order.scopes ?? [], of: fleet)
            try await fleet.assign(scopes, to: id)
            try await noteFleet(
                "fleet.device.assigned",
                ["device": id.description, "scopes": scopes.map(\.description).joined(separator: " ")])
        }
        guard let after = try await fleet.device(id) else { throw EdgeError(.recordUnknown) }
        return Control.FleetDevice(after, scopes: try await scopeNames(fleet))
    }

    func listFleetScopes(_: Control.Nothing) async throws(EdgeError) -> Control.FleetScopes {
        Control.FleetScopes(scopes: try await fleetBoard().scopes().map { Control.FleetScope($0) })
    }

    func createFleetScope(_ order: Control.Name) async throws(EdgeError) -> Control.FleetScope {
        let scope = try await fleetBoard().createScope(named: order.name.trimmingASCIIWhitespace)
        try await noteFleet("fleet.scope.created", ["scope": scope.id.description])
        return Control.FleetScope(scope)
    }

    func eraseInFleet(_ query: Control.PersonQuery) async throws(EdgeError) -> Control.FleetErasure {
        let fleet = try fleetBoard()
        guard let userID = query.userId else {
            throw EdgeError(.requestInvalid, "say which person", field: "user_id")
        }
        let erasure = try await fleet.erase(tenant: try await fleetTenant(query.client), user: userID)
        try await noteFleet("fleet.person.erased", ["subject": erasure.subject.description])
        return Control.FleetErasure(erasure, devices: try await deviceNames(fleet))
    }

    func listFleetErasures(_: Control.Nothing) async throws(EdgeError) -> Control.FleetErasures {
        let fleet = try fleetBoard()
        let names = try await deviceNames(fleet)
        return Control.FleetErasures(
            erasures: try await fleet.erasures().map { Control.FleetErasure($0, devices: names) })
    }

    /// A client of this instance, or by its id one that only a device knows.
    private func fleetTenant(_ name: String?) async throws(EdgeError) -> UUID {
        do throws(EdgeError) { return try await tenant(name).id.rawValue } catch {
            guard error.code == .clientUnknown, let id = name.flatMap({ UUID(uuidString: $0) }) else { throw error }
            return id
        }
    }

    func device(_ name: String, of fleet: FleetBoard) async throws(EdgeError) -> DeviceID {
        let found = try await fleet.devices().filter {
            $0.name == name || $0.id.description == name.lowercased()
        }
        guard let only = found.first else {
            throw EdgeError(.recordUnknown, "there is no device of this name: see `edged central devices`")
        }
        guard found.count == 1 else {
            throw EdgeError(.requestInvalid, "several devices are called \(name): say which one by its id")
        }
        return only.id
    }

    func scopes(_ names: [String], of fleet: FleetBoard) async throws(EdgeError) -> [ScopeID] {
        guard !names.isEmpty else { return [] }
        let all = try await fleet.scopes()
        var found: [ScopeID] = []
        for name in names {
            guard let scope = all.first(where: { $0.name == name || $0.id.description == name.lowercased() }) else {
                throw EdgeError(.recordUnknown, "there is no scope \(name): see `edged central scopes`")
            }
            if !found.contains(scope.id) { found.append(scope.id) }
        }
        return found
    }

    func scopeNames(_ fleet: FleetBoard) async throws(EdgeError) -> [ScopeID: String] {
        Dictionary(try await fleet.scopes().map { ($0.id, $0.name) }) { first, _ in first }
    }

    func deviceNames(_ fleet: FleetBoard) async throws(EdgeError) -> [DeviceID: String] {
        Dictionary(try await fleet.devices().map { ($0.id, $0.name) }) { first, _ in first }
    }

    func noteFleet(_ action: String, _ details: [String: String]) async throws(EdgeError) {
        try await store.append(
            AuditRecord(
                action: action, succeeded: true, detailsJSON: try ControlJSON.line(details), at: SystemClock().wall))
    }
}
