import EdgeCore
import FoundationEssentials
import SyncCore
import Synchronization

/// Keeps what is set as central does, under numbers that grow by one.
extension FakeFleet {
    static let hidden = "not-to-be-shown"

    func configurations() async throws(EdgeError) -> FleetConfigurations { state.withLock { $0.configurations } }
    func problems(inConfiguration toml: String) -> [String] { state.withLock { $0.problems } }
    func shown(configuration toml: String) -> String { toml.replacing(Self.hidden, with: "[removed]") }

    func setConfiguration(
        _ toml: String, for target: ConfigurationTarget, first: Set<DeviceID>?
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        keep(toml, target, first: first)
    }

    func promoteConfiguration(
        of target: ConfigurationTarget, always: Bool
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        guard let toml = text(target, isStaged: true) else { throw EdgeError(.requestInvalid, field: "target") }
        keep(nil, target, first: [])
        return keep(toml, target, first: nil)
    }

    func withdrawConfiguration(
        of target: ConfigurationTarget, stagedOnly: Bool
    ) async throws(EdgeError) -> ConfigurationRule.Entry {
        let staged = keep(nil, target, first: [])
        return stagedOnly ? staged : keep(nil, target, first: nil)
    }

    func rollBackConfiguration(of target: ConfigurationTarget) async throws(EdgeError) -> ConfigurationRule.Entry {
        guard let former = state.withLock({ $0.configurations.former[target] }) else {
            throw EdgeError(.requestInvalid, field: "target")
        }
        return keep(former.toml, target, first: nil)
    }

    private func text(_ target: ConfigurationTarget, isStaged: Bool) -> String? {
        state.withLock { state in
            state.configurations.entries.first { $0.target == target && ($0.first != nil) == isStaged }?.toml
        }
    }

    @discardableResult
    private func keep(
        _ toml: String?, _ target: ConfigurationTarget, first: Set<DeviceID>?
    ) -> ConfigurationRule.Entry {
        state.withLock { state in
            let number = (state.configurations.entries.map(\.serial).max() ?? 0) + 1
            let name =
                switch target {
                case .fleet: "fleet"
                case .scope(let id): "scope \(state.scopes.first { $0.id == id }?.name ?? "")"
                case .device(let id): "device \(state.devices.first { $0.id == id }?.name ?? "")"
                }
            let entry = ConfigurationRule.Entry(target: target, name: name, toml: toml, first: first, serial: number)
            let index = state.configurations.entries.firstIndex {
                $0.target == target && ($0.first == nil) == (first == nil)
            }
            if first == nil {
                let before = index.map { state.configurations.entries[$0] }
                state.configurations.former[target] = .init(toml: before?.toml, serial: before?.serial ?? 0)
            }
            if let index {
                state.configurations.entries[index] = entry
            } else {
                state.configurations.entries.append(entry)
            }
            return entry
        }
    }
}
