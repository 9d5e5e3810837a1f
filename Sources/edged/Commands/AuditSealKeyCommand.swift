import ArgumentParser
import EdgeCore
import Foundation

/// `edged audit seal-key`.
struct AuditSealKeyCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal-key",
        abstract: "Start sealing the audit trail's lines anew, and give out the first key, once.",
        discussion: """
            The device keeps no key of a quarter of an hour that has passed, so who takes it over cannot change older lines \
            without being found by whoever holds this key. Keep it away from the device: it can write every line \
            of its generation. `edged audit verify --export FILE --public-key KEY --seal-key FILE` checks with it.
            """)
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "A file to write it to, which must not be there yet. Without it: standard output.")
    var out: String?

    func perform() async throws -> ExitCode {
        // Before the key is made: it cannot be shown a second time.
        let file = try out.map { path throws(EdgeError) in try Self.make(path) }
        let made = try await Counter.serve(try common.configuration(), need: .store) { counter in
            try await counter.ask(.auditSealKey, Control.Nothing(), as: Control.SealKey.self)
        }
        if let file {
            do {
                try file.write(contentsOf: Data((made.sealKey + "\n").utf8))
                try file.synchronize()
            } catch {
                throw EdgeError(.storeFull, "The key cannot be written; start anew.")
            }
            if common.json { try Output.json(Control.SealKeyFile(generation: made.generation, file: out)) }
        } else if common.json {
            try Output.json(made)
        } else {
            Output.line(made.sealKey)
        }
        if !common.json { Output.complain("Keep it away from the device. It is not shown again.") }
        return ExitStatus.yes
    }

    private static func make(_ path: String) throws(EdgeError) -> FileHandle {
        let isThere = FileManager.default.fileExists(atPath: path)
        guard !isThere,
            FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]),
            let handle = FileHandle(forWritingAtPath: path)
        else {
            throw EdgeError(
                .requestInvalid, isThere ? "the file is there already" : "the file cannot be made", field: "out")
        }
        return handle
    }
}

extension Control {
    struct SealKey: Codable {
        var generation: String
        var sealKey: String
    }

    struct SealKeyFile: Codable {
        var generation: String
        var file: String?
    }
}
