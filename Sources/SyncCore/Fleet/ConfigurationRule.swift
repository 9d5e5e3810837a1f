/// Which texts a device gets: the fleet's, its scopes', its own, the more special the later.
public enum ConfigurationRule {
    /// What is set for a target.
    public struct Entry: Sendable, Equatable {
        /// Whom it is for.
        public var target: ConfigurationTarget
        /// What the target is called, for messages.
        public var name: String
        /// `nil` when it was withdrawn.
        public var toml: String?
        /// The devices that get it before the others do; `nil` when all have it.
        public var first: Set<DeviceID>?
        /// The number of the change that made it so.
        public var serial: UInt64

        /// Names an entry.
        public init(
            target: ConfigurationTarget, name: String, toml: String?, first: Set<DeviceID>?, serial: UInt64
        ) {
            self.target = target
            self.name = name
            self.toml = toml
            self.first = first
            self.serial = serial
        }
    }

    /// What holds for a device with these scopes, its home scope first; `nil` where nothing ever did.
    ///
    /// Of a target with an entry for everybody and one for some devices first, those get the second. The home scope's comes after the
    /// other scopes', and the device's own at the end. The serial is that of the newest change that the device has to hear of, `floor` at
    /// least: the number of the change of its scopes.
    public static func effective(
        _ entries: [Entry], for device: DeviceID, scopes: [ScopeID], floor: UInt64 = 0
    ) -> FleetConfiguration? {
        let targets = [.fleet] + scopes.reversed().map(ConfigurationTarget.scope) + [.device(device)]
        var serial: UInt64 = entries.isEmpty ? 0 : floor
        var parts: [FleetConfiguration.Part] = []
        for target in targets {
            let heard = entries.filter { $0.target == target && ($0.first?.contains(device) ?? true) }
            serial = heard.map(\.serial).reduce(serial, max)
            let staged = heard.first { $0.first != nil && $0.toml != nil }
            guard let entry = staged ?? heard.first(where: { $0.first == nil }), let toml = entry.toml else { continue }
            parts.append(FleetConfiguration.Part(name: entry.name, toml: toml))
        }
        return serial == 0 ? nil : FleetConfiguration(device: device, serial: serial, parts: parts)
    }

    /// Which of the devices that got an entry first have not had it in force for good.
    public static func unproven(
        _ entry: Entry, _ reports: [DeviceID: ConfigurationReport]
    ) -> Set<DeviceID> {
        (entry.first ?? []).filter { device in
            guard let report = reports[device] else { return true }
            return report.serial < entry.serial || report.state != .taken
        }
    }
}
