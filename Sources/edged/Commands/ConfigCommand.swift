import ArgumentParser
import EdgeCore

/// `edged config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Work with the configuration.",
        subcommands: [
            Check.self, ConfigShowCommand.self, ConfigDiffCommand.self, ConfigReloadCommand.self,
            ConfigExampleCommand.self,
        ])

    struct Check: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration; every problem is told at once. 0 good, 78 not.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let configuration: DaemonConfiguration
            do throws(EdgeError) { configuration = try common.configuration() } catch { return try tell(error) }
            let summary = Summary(
                ok: true, listen: "\(configuration.http.host):\(configuration.http.port)",
                controlSocket: configuration.http.controlSocket, store: configuration.storeDirectory,
                models: configuration.modelsDirectory, cameras: configuration.cameras.map(\.name),
                livenessPolicy: configuration.liveness.policy.rawValue)
            if common.json {
                try Output.json(summary)
            } else {
                Output.line("The configuration is good.")
                Output.line("listen \(summary.listen), store \(summary.store), models \(summary.models)")
                Output.line("cameras \(summary.cameras.joined(separator: ", ")), liveness \(summary.livenessPolicy)")
            }
            return ExitStatus.yes
        }

        private func tell(_ error: EdgeError) throws -> ExitCode {
            let problems = error.detail.split(separator: "\n").map(String.init)
            if common.json {
                try Output.json(Failure(problems: problems))
            } else {
                problems.forEach(Output.complain)
            }
            return ExitStatus.of(error)
        }

        private struct Failure: Encodable {
            var ok = false
            var code = ErrorCode.configurationInvalid.rawValue
            var problems: [String]
        }

        private struct Summary: Encodable {
            var ok: Bool
            var listen: String
            var controlSocket: String
            var store: String
            var models: String
            var cameras: [String]
            var livenessPolicy: String
        }
    }
}
