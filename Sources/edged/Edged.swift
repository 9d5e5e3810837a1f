import ArgumentParser
import CWipingHeap
import EdgeCore

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
            IdentifyCommand.self, PeopleCommand.self, ErasuresCommand.self, ModelsCommand.self, ClientsCommand.self,
            AuditCommand.self,
            ConfigCommand.self,
            BackupCommand.self, RestoreCommand.self, KeysCommand.self, EvalCommand.self, BenchCommand.self,
            SyncCommand.self, ProvisionCommand.self, CentralCommand.self, DoctorCommand.self, SupportBundleCommand.self,
            VersionCommand.self, DecoderCommand.self,
        ])

    /// Parses and runs; a command line that cannot be read is told as JSON too where JSON was asked for.
    static func main() async {
        // Before anything else is in memory. A kernel that refuses leaves dumps to the unit's LimitCORE.
        _ = edged_forbid_core_dumps()
        edged_bound_heap()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            if exitCode(for: error) == .validationFailure, CommandLine.arguments.contains("--json") {
                Output.tell(EdgeError(.requestInvalid, message(for: error)), asJSON: true)
                exit(withError: ExitCode.validationFailure)
            }
            exit(withError: error)
        }
    }
}
