import ArgumentParser
import EdgeCore
import Foundation
import Vault

extension KeysCommand {
    /// `edged keys recipient`.
    struct Recipient: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the public key that exports are sealed to; make the key pair where there is none.",
            discussion: """
                The private key is PKCS #8 in PEM, mode 0600, and is never replaced. Whoever has it can open what was sealed to \
                it: keep it where the exports are to be opened, not where they are made.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The file of the private key.")
        var key: String

        func perform() async throws -> ExitCode {
            let path = URL(filePath: key).path
            let isNew = !FileManager.default.fileExists(atPath: path)
            let pair = try isNew ? RecipientKey.make(file: path) : RecipientKey.read(file: path)
            if common.json {
                try Output.json(Control.Recipient(publicKey: pair.publicText, file: path, made: isNew))
            } else {
                Output.line(pair.publicText)
            }
            return ExitStatus.yes
        }
    }
}

extension Control {
    struct Recipient: Codable {
        var publicKey: String
        var file: String
        var made: Bool
    }
}
