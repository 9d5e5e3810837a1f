import ArgumentParser

/// The program.
@main
struct Edged: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edged",
        abstract: "Face enrollment, verification and identification on the device.",
        discussion: "Exit codes: 0 yes or healthy, 1 no, 2 could not tell, 64-78 as in sysexits.h.",
        version: EdgedVersion.current,
        subcommands: [
            RunCommand.self, StatusCommand.self, CamerasCommand.self, EnrollCommand.self, VerifyCommand.self,
            IdentifyCommand.self, PeopleCommand.self, ClientsCommand.self, AuditCommand.self, ConfigCommand.self,
            EvalCommand.self, BenchCommand.self,
            VersionCommand.self,
        ])
}
