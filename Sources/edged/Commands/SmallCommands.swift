import ArgumentParser
import EdgeCore

/// `edged version`.
struct VersionCommand: EdgedCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        if common.json {
            try Output.json(["version": EdgedVersion.current])
        } else {
            Output.line("edged \(EdgedVersion.current)")
        }
        return ExitStatus.yes
    }
}
