import EdgeCore
import FoundationEssentials
import SyncCore

/// The bodies that tell what devices go by besides their own files.
struct FleetConfigurationBody {
    /// What devices are called.
    let names: [DeviceID: String]
    /// A text without its secrets.
    let shown: (String) -> String

    static let kinds = ["fleet", "scope", "device"]

    /// A target by one id: the scope's, the device's, or the fleet's only one.
    static func id(of target: ConfigurationTarget) -> UUID {
        switch target {
        case .fleet: NumberedID.fleetConfiguration.uuid(0)
        case .scope(let scope): scope.rawValue
        case .device(let device): device.rawValue
        }
    }

    func target(_ overview: ConfigurationOverview) -> JSONObject {
        [
            "id": .uuid(Self.id(of: overview.target)), "kind": .string(Self.kind(of: overview.target)),
            "name": .string(overview.name), "general": part(overview.general), "staged": part(overview.staged),
            "can_roll_back": .bool(overview.former != nil),
        ]
    }

    static func kind(of target: ConfigurationTarget) -> String {
        switch target {
        case .fleet: "fleet"
        case .scope: "scope"
        case .device: "device"
        }
    }

    private func part(_ part: ConfigurationOverview.Part?) -> JSONValue {
        guard let part else { return .null }
        let text = part.entry.toml.map(shown)
        let first = part.entry.first.map { JSONValue.array($0.map { "\($0)" }.sorted().map(JSONValue.string)) }
        func count(_ standing: ConfigurationOverview.Standing) -> JSONValue { .whole(part.count(standing)) }
        return .object([
            "number": .integer(Int64(clamping: part.entry.serial)), "text": .text(text),
            "is_redacted": .bool(text != part.entry.toml), "first": first ?? .null,
            "devices": .whole(part.devices.count), "applied": count(.applied), "trial": count(.trial),
            "pending": count(.pending), "refused": count(.refused), "rolled_back": count(.rolledBack),
            "faults": .array(faults(part)),
        ])
    }

    private func faults(_ part: ConfigurationOverview.Part) -> [JSONValue] {
        part.faults.map { (name: names[$0.key] ?? "\($0.key)", device: $0.key, standing: $0.value) }
            .sorted { ($0.name, "\($0.device)") < ($1.name, "\($1.device)") }
            .map { fault in
                .object([
                    "device": .string("\(fault.device)"), "name": .string(fault.name),
                    "state": .string(fault.standing.rawValue), "problem": .text(part.problems[fault.device].map(shown)),
                ])
            }
    }
}
