/// Whether the unit is what the package brought: a sandbox that somebody opened is told.
struct UnitExam {
    /// What the unit has, and what is lost with another value.
    static let sandbox: [(property: String, value: String)] = [
        ("NoNewPrivileges", "yes"), ("ProtectSystem", "strict"), ("ProtectHome", "yes"), ("PrivateTmp", "yes"),
        ("DevicePolicy", "closed"), ("RestrictNamespaces", "yes"), ("MemoryDenyWriteExecute", "yes"),
        ("ProtectKernelModules", "yes"), ("LimitCORE", "0"), ("DynamicUser", "yes"),
    ]
    private static let standing = ["LoadState", "UnitFileState", "ActiveState", "NRestarts"]

    private static let units = ["edged.service", "edged-central.service", "edged-decoder.service"]

    /// Asks systemd of the units that are in use, and of the device's where none is.
    static var findings: [Finding] {
        let wanted = (standing + sandbox.map(\.property)).joined(separator: ",")
        var known: [(unit: String, has: [String: String])] = []
        for unit in units {
            guard let told = Tool.output("systemctl", ["show", unit, "--property=\(wanted)"]) else {
                return [Finding(.unit, .note, "There is no systemd here to ask.")]
            }
            known.append((unit, properties(told)))
        }
        let used = known.filter { isInUse($0.has) }
        return (used.isEmpty ? Array(known.prefix(1)) : used).flatMap { findings($0.unit, $0.has) }
    }

    /// Whether somebody wants it to run.
    static func isInUse(_ has: [String: String]) -> Bool {
        has["LoadState"] == "loaded"
            && (["enabled", "enabled-runtime"].contains(has["UnitFileState"] ?? "")
                || ["active", "activating", "failed"].contains(has["ActiveState"] ?? ""))
    }

    static func properties(_ text: String) -> [String: String] {
        let pairs = text.split(separator: "\n").map { line in
            let words = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(words[0]), words.count > 1 ? String(words[1]) : "")
        }
        return Dictionary(pairs) { $1 }
    }

    static func findings(_ unit: String, _ has: [String: String]) -> [Finding] {
        guard has["LoadState"] == "loaded" else {
            return [Finding(.unit, .note, "\(unit) is not installed; edged was started in another way.")]
        }
        var found: [Finding] = []
        if !["enabled", "enabled-runtime", "static"].contains(has["UnitFileState"] ?? "") {
            found.append(
                Finding(
                    .unit, .warning, "\(unit) does not start with the machine.", fix: "systemctl enable \(unit)"))
        }
        if has["ActiveState"] != "active" {
            found.append(
                Finding(
                    .unit, .bad, "\(unit) is \(has["ActiveState"] ?? "in no known state").",
                    fix: "journalctl -u \(unit) -n 50 -x, then systemctl start \(unit)"))
        }
        if let restarts = has["NRestarts"].flatMap({ Int($0) }), restarts > 0 {
            found.append(
                Finding(
                    .unit, .warning, "\(unit) was started anew \(restarts) times by systemd.",
                    fix: "journalctl -u \(unit) -x tells why"))
        }
        let opened = sandbox.filter { part in
            guard let value = has[part.property] else { return false }
            return value != part.value
        }
        if !opened.isEmpty {
            let names = opened.map { "\($0.property)=\(has[$0.property] ?? "")" }.joined(separator: " ")
            found.append(
                Finding(
                    .unit, .warning, "The sandbox was opened: \(names).",
                    fix: "systemctl cat \(unit) shows which drop-in does it"))
        }
        return found.isEmpty ? [Finding(.unit, .good, "\(unit) is enabled and active in its sandbox.")] : found
    }
}
