import ArgumentParser
import EdgeCore

/// `edged config diff`.
struct ConfigDiffCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Tell what is written otherwise than the running daemon goes by: 0 nothing, 1 something, 2 no answer."
    )
    @OptionGroup var common: CommonOptions
    @Flag(name: .long, help: "Compare with the defaults, not with the running daemon.")
    var defaults = false

    func perform() async throws -> ExitCode {
        let written = try common.configuration()
        let before = defaults ? try Self.standard(common.config) : try await Self.inForce(written)
        let changes = written.changes(from: before)
        if common.json { try Output.json(["changes": changes]) } else { ConfigChanges.tell(changes) }
        return changes.isEmpty ? ExitStatus.yes : ExitStatus.no
    }

    private static func standard(_ path: String?) throws(EdgeError) -> [ConfigurationEntry] {
        try DaemonConfiguration.read(ConfigSource(), base: ConfigSource.base(path)).entries
    }

    static func inForce(_ written: DaemonConfiguration) async throws(EdgeError) -> [ConfigurationEntry] {
        let bytes = try await ControlClient(socketPath: written.http.controlSocket).run(
            command: ControlCommand.configurationShow.rawValue, argumentsJSON: ControlJSON.encode(Control.Nothing()))
        return try ControlJSON.decode(Control.ConfigurationInForce.self, from: bytes).keys.map { row in
            ConfigurationEntry(key: row.key, value: row.value, about: "")
        }
    }
}

/// `edged config reload`.
struct ConfigReloadCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running daemon read its configuration anew: 0 taken over, 78 it is wrong, 2 no answer.")
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        let bytes = try await ControlClient(socketPath: common.controlSocket()).run(
            command: ControlCommand.configurationReload.rawValue, argumentsJSON: ControlJSON.encode(Control.Nothing()))
        let outcome = try ControlJSON.decode(Control.ConfigurationReloaded.self, from: bytes)
        if common.json { try Output.json(outcome) } else { ConfigChanges.tell(outcome.changes) }
        return ExitStatus.yes
    }
}

/// Changes as people read them.
enum ConfigChanges {
    static func tell(_ changes: [ConfigurationChange]) {
        guard !changes.isEmpty else { return Output.line("No difference.") }
        for change in changes {
            Output.line("\(change.key)\(change.isReloadable ? "" : "   (by a restart)")")
            if let before = change.before { Output.line("  - \(before)") }
            if let after = change.after { Output.line("  + \(after)") }
        }
    }
}
