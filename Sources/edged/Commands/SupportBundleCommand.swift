import ArgumentParser
import Foundation

/// `edged support-bundle`.
struct SupportBundleCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "support-bundle",
        abstract: "Collect in one archive what somebody far away needs to help; nothing about anybody.",
        discussion: """
            Status, findings of the doctor, configuration without secrets, what the cameras are, the unit and the newest lines of \
            its journal. Tokens, keys and passwords are taken out. It is written for you to look through, and sent nowhere.
            """)
    @OptionGroup var common: CommonOptions
    @Option(
        name: .long, help: "The file to write; it must not be there yet. Without it: edged-support-TIME.tar.gz here.")
    var out: String?

    func perform() async throws -> ExitCode {
        let path = URL(filePath: out ?? "edged-support-\(Int(Date().timeIntervalSince1970)).tar.gz").path
        let parts = try await SupportBundle(common: common).write(to: path)
        let made = Made(file: path, parts: parts.map(\.name))
        if common.json { try Output.json(made) } else { Output.line(path) }
        return ExitStatus.yes
    }

    private struct Made: Encodable {
        var file: String
        var parts: [String]
    }
}
