import EdgeCore

/// A key whose value is another one in another configuration; nothing secret.
struct ConfigurationChange: Equatable, Sendable, Codable {
    var key: String
    /// `nil` where the key has no value.
    var before: String?
    var after: String?
    /// Whether a running daemon takes the new value over.
    var isReloadable: Bool
}

extension DaemonConfiguration {
    /// What `other` has otherwise, in the order of the keys.
    func changes(to other: DaemonConfiguration) -> [ConfigurationChange] { other.changes(from: entries) }

    /// What this one has otherwise than the configuration with these rows.
    func changes(from rows: [ConfigurationEntry]) -> [ConfigurationChange] {
        let (before, after) = (Self.values(rows), Self.values(entries))
        let keys = rows.map(\.key) + entries.map(\.key).filter { before[$0] == nil }
        return keys.filter { before[$0] != after[$0] }.map { key in
            ConfigurationChange(
                key: key, before: before[key], after: after[key],
                isReloadable: ConfigCatalogue.key(key)?.effect == .reload)
        }
    }

    /// This configuration with what a running daemon can take over of `other`: the catalogue says which keys.
    func adopting(_ other: DaemonConfiguration) -> DaemonConfiguration {
        var next = self
        next.auditRetention = other.auditRetention
        next.recognition.verificationFMR = other.recognition.verificationFMR
        next.recognition.identificationFMR = other.recognition.identificationFMR
        next.liveness = other.liveness
        next.sessions = other.sessions
        next.consent = other.consent
        next.retention = other.retention
        next.logLevel = other.logLevel
        return next
    }

    private static func values(_ entries: [ConfigurationEntry]) -> [String: String] {
        Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
