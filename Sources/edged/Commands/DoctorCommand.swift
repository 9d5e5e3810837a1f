import ArgumentParser

/// `edged doctor`.
struct DoctorCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at all that a door or a central instance needs, one line each with what to do about it.",
        discussion: """
            Configuration, permissions, daemon, cameras, models, keys, disk, clock, network, central, certificate and the \
            unit with its sandbox; of a central instance also its database, devices, erasures and webhooks. It changes nothing. 0 nothing to mend, 1 something is, 2 nothing is found and something could \
            not be looked at (as root more can be).
            """)
    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        let findings = await Doctor(common: common).examine()
        if common.json {
            try Output.json(["findings": findings])
        } else {
            for finding in findings { Output.line(finding.line) }
        }
        return ExitCode(Finding.exitStatus(findings))
    }
}
