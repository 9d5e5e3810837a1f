import Central
import EdgeCore
import SyncCore

extension Control {
    /// What shall become of a target's configuration.
    struct ConfigurationOrder: Codable {
        enum Act: String, Codable { case set, promote, withdraw, unstage, rollback }
        var act: Act
        /// A name or an id; without scope and device it is for the whole fleet.
        var scope: String?
        var device: String?
        var toml: String?
        /// Devices that get it before the others do.
        var first: [String]?
        /// Promotes whatever the first devices say.
        var always: Bool?
    }

    /// What is set for a target.
    struct ConfigurationEntry: Codable {
        var target: String
        var number: UInt64
        var toml: String?
        /// Names of the devices that have it before the others do; absent when all have it.
        var first: [String]?
    }

    /// How a device stands with it.
    struct ConfigurationStanding: Codable {
        var device: String
        /// The number of what it is to go by; absent where nothing is set for it.
        var wanted: UInt64?
        /// What it heard of last.
        var number: UInt64?
        var state: String?
        var problem: String?

        /// Whether it goes by what it is to go by.
        var isSettled: Bool { wanted == nil || (isHeard && state == "taken") }
        /// Whether what it said is about what it is to go by.
        var isHeard: Bool { (number ?? 0) >= (wanted ?? 0) }
    }

    struct FleetConfigurationStatus: Codable {
        var entries: [ConfigurationEntry]
        var devices: [ConfigurationStanding]
    }
}

/// What the command line asks of a central instance about what devices go by.
extension ControlDesk {
    func setFleetConfiguration(
        _ order: Control.ConfigurationOrder
    ) async throws(EdgeError) -> Control.ConfigurationEntry {
        let fleet = try fleetBoard()
        let target = try await target(order, of: fleet)
        let entry: ConfigurationRule.Entry
        switch order.act {
        case .set:
            let toml = order.toml ?? ""
            let problems = fleet.problems(inConfiguration: toml)
            guard problems.isEmpty else { throw EdgeError(.configurationInvalid, problems.joined(separator: "\n")) }
            var first: Set<DeviceID> = []
            for name in order.first ?? [] { first.insert(try await device(name, of: fleet)) }
            entry = try await fleet.setConfiguration(toml, for: target, first: first.isEmpty ? nil : first)
        case .promote: entry = try await fleet.promoteConfiguration(of: target, always: order.always ?? false)
        case .withdraw: entry = try await fleet.withdrawConfiguration(of: target, stagedOnly: false)
        case .unstage: entry = try await fleet.withdrawConfiguration(of: target, stagedOnly: true)
        case .rollback: entry = try await fleet.rollBackConfiguration(of: target)
        }
        try await noteFleet(
            "fleet.configuration.\(order.act.rawValue)",
            ["target": order.device ?? order.scope ?? "fleet", "number": "\(entry.serial)"])
        return Control.ConfigurationEntry(entry, try await deviceNames(fleet))
    }

    func showFleetConfiguration(_: Control.Nothing) async throws(EdgeError) -> Control.FleetConfigurationStatus {
        let fleet = try fleetBoard()
        let found = try await fleet.configurations()
        let names = try await deviceNames(fleet)
        let devices = try await fleet.devices().filter { $0.standing != .revoked }
        return Control.FleetConfigurationStatus(
            entries: found.entries.filter { $0.toml != nil }.map { Control.ConfigurationEntry($0, names) },
            devices: devices.map { device in
                let wanted = ConfigurationRule.effective(
                    found.entries, for: device.id, scopes: device.scopes,
                    floor: found.floors[device.id] ?? 0)
                let report = found.reports[device.id].flatMap { $0.state == .none ? nil : $0 }
                return Control.ConfigurationStanding(
                    device: device.name, wanted: wanted?.serial, number: report?.serial,
                    state: report?.state.rawValue, problem: report?.problem)
            })
    }

    private func target(
        _ order: Control.ConfigurationOrder, of fleet: FleetBoard
    ) async throws(EdgeError) -> ConfigurationTarget {
        switch (order.scope, order.device) {
        case (nil, nil): return .fleet
        case (let scope?, nil):
            guard let id = try await scopes([scope], of: fleet).first else { throw EdgeError(.recordUnknown) }
            return .scope(id)
        case (nil, let name?): return .device(try await device(name, of: fleet))
        case (_?, _?): throw EdgeError(.requestInvalid, "Say a scope or a device, not both.", field: "scope")
        }
    }
}

extension Control.ConfigurationEntry {
    fileprivate init(_ entry: ConfigurationRule.Entry, _ names: [DeviceID: String]) {
        target = entry.name
        number = entry.serial
        toml = entry.toml
        first = entry.first.map { $0.map { names[$0] ?? $0.description }.sorted() }
    }
}
