/// What is set for a target, and how its devices stand with it.
public struct ConfigurationOverview: Sendable, Equatable {
    /// How a device stands with what a target has it go by.
    public enum Standing: String, Sendable, Hashable, CaseIterable {
        /// It has not said that it heard of it.
        case pending
        /// In force, and watched.
        case trial
        /// In force.
        case applied
        /// Never in force there.
        case refused
        /// It made the device ill and was taken back.
        case rolledBack = "rolled_back"
    }

    /// One text and the devices that are to go by it.
    public struct Part: Sendable, Equatable {
        /// What is set.
        public var entry: ConfigurationRule.Entry
        /// The devices that it is for.
        public var devices: [DeviceID: Standing]
        /// Why it is not in force, of devices that refused it or took it back.
        public var problems: [DeviceID: String]

        /// How many of its devices stand so.
        public func count(_ standing: Standing) -> Int { devices.values.count { $0 == standing } }

        /// The devices that do not go by it though they heard of it.
        public var faults: [DeviceID: Standing] {
            devices.filter { $0.value == .refused || $0.value == .rolledBack }
        }
    }

    /// Whom it is for.
    public var target: ConfigurationTarget
    /// What the target is called, for people.
    public var name: String
    /// What all of the target's devices go by, but for those that ``staged`` is for; `nil` where there never was any.
    public var general: Part?
    /// What some devices got first; `nil` where nothing waits to be given to all.
    public var staged: Part?
    /// What a roll-back brings again; `nil` where there is no way back.
    public var former: FleetConfigurations.Former?
}

extension FleetConfigurations {
    /// All targets that anything was ever set for: the fleet, scopes, devices, each by name.
    ///
    /// A device says one thing about the whole of what it goes by. What it said of a number counts for every text that it was
    /// told up to that number: a device that refused the newest stands as refused with the others of that answer too, until it
    /// takes one.
    public func overview(of devices: [FleetDevice]) -> [ConfigurationOverview] {
        let members = devices.filter { $0.standing != .revoked }
        let byID = Dictionary(members.map { ($0.id, $0) }) { first, _ in first }
        var known: [ConfigurationTarget: [ConfigurationRule.Entry]] = [:]
        for entry in entries { known[entry.target, default: []].append(entry) }
        return known.map { target, entries in
            let theirs: [FleetDevice] =
                switch target {
                case .fleet: members
                case .scope(let scope): members.filter { $0.scopes.contains(scope) }
                case .device(let device): byID[device].map { [$0] } ?? []
                }
            return overview(of: target, entries, theirs)
        }.sorted { ($0.target.rank, $0.name) < ($1.target.rank, $1.name) }
    }

    private func overview(
        of target: ConfigurationTarget, _ entries: [ConfigurationRule.Entry], _ devices: [FleetDevice]
    ) -> ConfigurationOverview {
        let general = entries.first { $0.first == nil }
        let staged = entries.first { $0.first != nil && $0.toml != nil }
        var (others, ahead): ([DeviceID: UInt64], [DeviceID: UInt64]) = ([:], [:])
        for device in devices {
            let heard = entries.filter { $0.first?.contains(device.id) ?? true }
            let wanted = heard.map(\.serial).reduce(floors[device.id] ?? 0, max)
            if staged?.first?.contains(device.id) == true {
                ahead[device.id] = wanted
            } else {
                others[device.id] = wanted
            }
        }
        return ConfigurationOverview(
            target: target, name: entries.first?.name ?? "", general: general.map { part($0, others) },
            staged: staged.map { part($0, ahead) }, former: former[target])
    }

    private func part(_ entry: ConfigurationRule.Entry, _ wanted: [DeviceID: UInt64]) -> ConfigurationOverview.Part {
        var part = ConfigurationOverview.Part(entry: entry, devices: [:], problems: [:])
        for (device, serial) in wanted {
            let report = reports[device]
            let standing = Self.standing(report, of: serial)
            part.devices[device] = standing
            if standing == .refused || standing == .rolledBack { part.problems[device] = report?.problem }
        }
        return part
    }

    private static func standing(_ report: ConfigurationReport?, of wanted: UInt64) -> ConfigurationOverview.Standing {
        guard let report, report.serial >= wanted else { return .pending }
        return switch report.state {
        case .none: .pending
        case .trial: .trial
        case .taken: .applied
        case .refused: .refused
        case .rolledBack: .rolledBack
        }
    }
}

extension ConfigurationTarget {
    /// The more special the later.
    fileprivate var rank: Int {
        switch self {
        case .fleet: 0
        case .scope: 1
        case .device: 2
        }
    }
}
