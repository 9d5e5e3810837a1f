import EdgeCore

extension DaemonConfiguration {
    mutating func readOnAir(_ section: ConfigSection) {
        defer { section.finish() }
        guard let words = section.texts("command") else { return }
        guard let path = words.first, path.hasPrefix("/") else {
            return section.problem("command", "begins with the absolute path of a program; there is no shell")
        }
        onAir = OnAirCommand(words: words)
    }

    /// The program alone: an argument may be secret.
    var onAirEntries: [ConfigurationEntry] { Self.entries([("on_air.command", onAir?.words.first)]) }
}
