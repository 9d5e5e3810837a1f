/// The commented example of a configuration, made from the catalogue.
///
/// Prose begins with `# `; a key or a table that can be switched on begins with `#`.
enum ConfigExample {
    static let text: String = {
        var lines = [
            "# The configuration of edged: every key, and what holds without it (or \"example\", where nothing does).",
            "# Take the # before a key and before its [table] away to change it, then: edged config check",
            "# What ends in \"(reload)\" takes effect by systemctl reload edged, everything else by a restart.",
            "# Relative paths begin at this file's directory. Files in conf.d/*.toml beside it come after it, in the order",
            "# of their names; of the environment EDGED__SESSIONS__TTL=5m comes last.",
        ]
        for table in ConfigCatalogue.tables {
            lines += ["", "# \(table.about)", table.isList ? "#[[\(table.path)]]" : "#[\(table.path)]"]
            for key in table.keys { lines += Self.lines(of: key) }
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    private static func lines(of key: ConfigKey) -> [String] {
        let note =
            switch key.standing {
            case .standard: ""
            case .example, .reference: " Example:"
            case .alternative: " Instead; example:"
            }
        let effect = key.effect == .reload ? " (reload)" : ""
        return ["# \(key.about)\(effect)\(note)", "#\(key.name) = \(key.value)"]
    }
}
