import ArgumentParser
import EdgeCore
import Logging

/// `edged run`.
struct RunCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the daemon in the foreground until SIGTERM or SIGINT.")

    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode { try await Self.run(common, as: .device) }

    /// Runs the daemon until it is told to stop.
    static func run(_ common: CommonOptions, as role: FleetRole) async throws -> ExitCode {
        let configuration = try common.configuration()
        let log = LogSetup.start(configuration.logLevel)
        log.notice("starting", metadata: ["version": "\(EdgedVersion.current)"])
        if configuration.liveness.policy == .off {
            log.warning("LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY.")
        }
        let house = try await House(configuration, as: role, log: log)
        let path = common.config
        try await Daemon(house: house, log: log, load: { () throws(EdgeError) in try DaemonConfiguration.load(path) }).run()
        log.notice("stopped")
        return ExitStatus.yes
    }
}
