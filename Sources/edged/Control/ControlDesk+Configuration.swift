import EdgeCore

extension Control {
    struct ConfigurationInForce: Codable {
        struct Row: Codable {
            var key: String
            var value: String
        }
        var keys: [Row]
    }

    struct ConfigurationReloaded: Codable {
        var changes: [ConfigurationChange]
    }
}

/// What the command line asks of the configuration that is in force.
extension ControlDesk {
    func showConfiguration(_: Control.Nothing) async throws(EdgeError) -> Control.ConfigurationInForce {
        guard let configuration else { throw EdgeError(.daemonUnreachable) }
        return Control.ConfigurationInForce(
            keys: configuration.inForce.entries.map { Control.ConfigurationInForce.Row(key: $0.key, value: $0.value) })
    }

    func reloadConfiguration(_: Control.Nothing) async throws(EdgeError) -> Control.ConfigurationReloaded {
        guard let configuration else { throw EdgeError(.daemonUnreachable) }
        return Control.ConfigurationReloaded(changes: try await configuration.reload())
    }
}
