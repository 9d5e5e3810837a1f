public import EdgeCore
import FoundationEssentials
public import SyncCore

extension FleetDesk {
    /// What is set, and what became of it.
    public func configurations() async throws(EdgeError) -> FleetConfigurations {
        try await database.read { db in
            FleetConfigurations(
                entries: try ConfigurationTable.all(db), reports: try ConfigurationTable.reports(db),
                floors: try ConfigurationTable.floors(db), former: try ConfigurationTable.formers(db))
        }
    }

    /// Sets what a target's devices go by besides their own files; whether it is good is for the caller to know.
    ///
    /// With `first` only these devices get it, until ``promoteConfiguration(of:always:)``. Throws `record.unknown` for a scope or a
    /// device that is not there, `request.invalid` for a device in `first` that the target does not hold, and for too long
    /// a text.
    public func setConfiguration(
        _ toml: String, for target: ConfigurationTarget, first: Set<DeviceID>? = nil
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        guard toml.utf8.count <= Self.longestConfiguration else {
            throw EdgeError(.requestInvalid, "A configuration has at most 64 KiB.", field: "configuration")
        }
        return try await changeConfiguration(of: target) { transaction, serial, _ in
            let members = try Self.members(of: target, transaction.db)
            guard (first ?? []).isSubset(of: members) else {
                throw EdgeError(
                    .requestInvalid, "A device that gets it first is not one of the target's.", field: "first")
            }
            return [ConfigurationRule.Entry(target: target, name: "", toml: toml, first: first, serial: serial)]
        }
    }

    /// Gives all devices of a target what some of them got first.
    ///
    /// Throws `request.invalid` where nothing is staged, and, unless `always`, while one of those devices has not had it in force for
    /// good.
    public func promoteConfiguration(
        of target: ConfigurationTarget, always: Bool = false
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await changeConfiguration(of: target) { transaction, serial, entries in
            guard var staged = entries.first(where: { $0.target == target && $0.first != nil && $0.toml != nil }) else {
                throw EdgeError(.requestInvalid, "Nothing waits to be given to all of them.", field: "target")
            }
            let unproven = ConfigurationRule.unproven(staged, try ConfigurationTable.reports(transaction.db))
            guard always || unproven.isEmpty else {
                throw EdgeError(
                    .requestInvalid, "\(unproven.count) of the devices that got it first have not had it in force yet.",
                    field: "target")
            }
            var general = staged
            (general.first, general.serial) = (nil, serial)
            (staged.toml, staged.serial) = (nil, serial)
            return [general, staged]
        }
    }

    /// Takes away what was set for a target, also what some devices got first; they go by the rest again.
    ///
    /// Throws `request.invalid` where nothing is set.
    public func withdrawConfiguration(
        of target: ConfigurationTarget, stagedOnly: Bool = false
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await changeConfiguration(of: target) { _, serial, entries in
            let set = entries.filter { $0.target == target && $0.toml != nil && (!stagedOnly || $0.first != nil) }
            guard !set.isEmpty else { throw EdgeError(.requestInvalid, "Nothing is set there.", field: "target") }
            return set.map { entry in
                var gone = entry
                (gone.toml, gone.serial) = (nil, serial)
                return gone
            }
        }
    }

    /// Gives all devices of a target again what they went by before the last change; what some got first is taken away.
    ///
    /// Done twice, what was there holds again. Throws `request.invalid` where nothing was changed yet.
    public func rollBackConfiguration(of target: ConfigurationTarget) async throws(EdgeError) -> ConfigurationRule.Entry
    {
        try await changeConfiguration(of: target) { transaction, serial, entries in
            guard let former = try ConfigurationTable.formers(transaction.db)[target] else {
                throw EdgeError(.requestInvalid, "Nothing was there before that could hold again.", field: "target")
            }
            let back = ConfigurationRule.Entry(target: target, name: "", toml: former.toml, first: nil, serial: serial)
            let staged = entries.filter { $0.target == target && $0.first != nil && $0.toml != nil }
            return [back]
                + staged.map { entry in
                    var gone = entry
                    (gone.toml, gone.serial) = (nil, serial)
                    return gone
                }
        }
    }

    /// Has `decide` say which entries change, numbers the change, and wakes the devices that it is about.
    private func changeConfiguration(
        of target: ConfigurationTarget,
        _ decide:
            @escaping @Sendable (FleetTransaction, UInt64, [ConfigurationRule.Entry]) throws -> [ConfigurationRule
            .Entry]
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        try await transaction { transaction in
            let members = try Self.members(of: target, transaction.db)
            try transaction.db.alone()
            let serial = try transaction.nextConfiguration()
            let entries = try ConfigurationTable.all(transaction.db)
            let changed = try decide(transaction, UInt64(clamping: serial), entries)
            for entry in changed {
                try ConfigurationTable.keepFormer(of: entry, among: entries, transaction.db)
                try ConfigurationTable.keep(entry, at: transaction.wall, transaction.db)
            }
            transaction.touched.formUnion(members)
            guard let first = changed.first else { throw EdgeError(.internalFault) }
            return first
        }
    }

    /// The devices that a target is about.
    private static func members(of target: ConfigurationTarget, _ db: any FleetSession) throws -> Set<DeviceID> {
        switch target {
        case .fleet: return Set(try DeviceTable.all(db).filter { $0.standing != .revoked }.map(\.id))
        case .scope(let scope):
            guard try db.row("SELECT 1 FROM scopes WHERE id = ?", [scope.column]) != nil else {
                throw EdgeError(.recordUnknown, "There is no such scope.")
            }
            return try DeviceTable.members(of: [scope], db)
        case .device(let device): return [try known(device, db).id]
        }
    }

    private static let longestConfiguration = 64 * 1024
}

extension PullReader {
    /// What the device has not heard of yet.
    ///
    /// A device reports what it heard of whatever became of it, so it is told once.
    func configuration(for device: DeviceEntry, scopes: [ScopeID], _ db: any FleetSession) throws -> FleetConfiguration?
    {
        guard let report = request.configuration, device.standing == .active else { return nil }
        let entries = try ConfigurationTable.all(db)
        let floor = try ConfigurationTable.floor(of: device.id, db)
        guard let effective = ConfigurationRule.effective(entries, for: device.id, scopes: scopes, floor: floor),
            effective.serial > report.serial
        else { return nil }
        return effective
    }
}

extension FleetTransaction {
    /// The number of the next change: above every earlier one, also of books that were put back since.
    func nextConfiguration() throws -> Int64 {
        let serial = max(try MetaTable.number(.configurationSerial, db) + 1, wall)
        try MetaTable.keep(serial, as: .configurationSerial, db)
        return serial
    }

    /// Keeps what the device says of its configuration, where it says something else than before.
    func note(_ report: ConfigurationReport?, of device: DeviceEntry) throws {
        guard let report, report.state != .none else { return }
        let known = try ConfigurationTable.report(of: device.id, db)
        let cut = ConfigurationReport(serial: report.serial, state: report.state, problem: report.problem)
        guard known != cut else { return }
        try ConfigurationTable.keep(cut, of: device.id, at: wall, db)
    }
}
