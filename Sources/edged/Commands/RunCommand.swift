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
        // Before anything else: nobody but this process may see them.
        let passed = try PassedSockets.take()
        let configuration = try configuration(common)
        let log = LogSetup.start(configuration.logLevel)
        log.notice("starting", metadata: ["version": "\(EdgedVersion.current)"])
        if configuration.liveness.policy == .off {
            log.warning("LIVENESS IS OFF: A PHOTOGRAPH OPENS THIS DOOR. FOR DEMONSTRATION ONLY.")
        }
        let sockets = try SocketHandover(log: log).shelf(passed, for: configuration)
        let house = try await House(configuration, as: role, log: log)
        try await Daemon(house: house, log: log, path: common.config, sockets: sockets).run()
        log.notice("stopped")
        return ExitStatus.yes
    }

    /// Notes the start for a configuration of central's that is on trial: one that the daemon cannot live by is left behind.
    private static func configuration(_ common: CommonOptions) throws(EdgeError) -> DaemonConfiguration {
        let found = try common.configuration()
        let kept = FleetLayer.load(from: found.storeDirectory)
        var layer = kept
        layer.noteStart()
        guard layer != kept else { return found }
        // On a full disk the trial goes on uncounted.
        try? layer.keep(in: found.storeDirectory)
        return try common.configuration()
    }
}
