import ArgumentParser
import EdgeCore
import Foundation
import Vault

/// `edged erasures`.
struct ErasuresCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erasures", abstract: "Show receipts of erasures, or check one.",
        subcommands: [List.self, Show.self, Verify.self], defaultSubcommand: List.self)

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "List erasures, newest first; those of removed clients too.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Only of this API client.")
        var client: String?
        @Option(name: .long, help: "Which page; \(PageRequest.size) erasures each.")
        var page = 1

        func perform() async throws -> ExitCode {
            let query = Control.ErasureQuery(client: client, page: page)
            let listing = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.erasuresList, query, as: Control.Erasures.self)
            }
            if common.json {
                try Output.json(listing)
            } else {
                Output.table(
                    [["RECEIPT", "ERASED", "CAUSE", "PEOPLE", "TEMPLATES", "KEY DESTROYED"]]
                        + listing.erasures.map {
                            [
                                $0.id, $0.erasedAt.ISO8601Format(), $0.cause, "\($0.people)", "\($0.templates)",
                                $0.keyDestroyedAt?.ISO8601Format() ?? "",
                            ]
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Show: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a receipt, with its second part once there is one; standard output can be kept as a file.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The receipt's id.")
        var id: String

        func perform() async throws -> ExitCode {
            let query = Control.ErasureQuery(id: id)
            let erasure = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.erasuresShow, query, as: Control.Erasure.self)
            }
            if common.json { try Output.json(erasure) } else { Output.line(erasure.receipt.withoutLastBreak) }
            return ExitStatus.yes
        }
    }

    struct Verify: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a receipt that was kept in a file.",
            discussion: """
                With --key nothing but the file is needed, on any machine. Exit codes: 0 signed by this key as it stands, \
                1 not, others as in sysexits.h.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The device's verifier key, name+hash+base64; this device's when not given.")
        var key: String?
        @Argument(help: "The file.")
        var file: String

        func perform() async throws -> ExitCode {
            guard let bytes = FileManager.default.contents(atPath: file),
                let text = String(data: bytes, encoding: .utf8)
            else { throw EdgeError(.requestInvalid, "\(file) cannot be read", field: "file") }
            let finding = try ReceiptFinding(text, key: try await verifierKey())
            if common.json { try Output.json(finding) } else { finding.lines.forEach(Output.line) }
            return finding.isRight ? ExitStatus.yes : ExitStatus.no
        }

        private func verifierKey() async throws -> String {
            if let key { return key }
            return try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.erasuresKey, Control.Nothing(), as: Control.VerifierKey.self).verifierKey
            }
        }
    }
}

/// What a check of a receipt found.
struct ReceiptFinding: Encodable, Equatable {
    var isRight: Bool
    var receipt: String?
    var person: String?
    var erasedAt: Date?
    var keyDestructionDue: Date?
    var keyDestroyedAt: Date?

    /// Throws `request.invalid` for what is no verifier key.
    init(_ text: String, key: String) throws(EdgeError) {
        guard let coded = key.split(separator: "+", maxSplits: 2).last, let raw = Data(base64Encoded: String(coded)),
            raw.count == 33, raw.first == 1
        else { throw EdgeError(.requestInvalid, "the verifier key has the form name+hash+base64", field: "key") }
        let (checker, publicKey) = (PublicProofChecker(), Array(raw.dropFirst()))
        let (note, second) = ErasureFile.parts(text)
        let found = try ErasureReceipt.open(note, publicKey: publicKey, checker)
        let completion = try second.flatMap { part throws(EdgeError) in
            try ErasureCompletion.open(part, of: note, publicKey: publicKey, checker)
        }
        isRight = found != nil && (second == nil || completion != nil)
        guard isRight, let found else { return }
        receipt = found.id.description
        person = found.person?.description
        erasedAt = found.erasedAt
        keyDestructionDue = found.keyDestructionDue
        keyDestroyedAt = completion?.keyDestroyedAt
    }

    var lines: [String] {
        guard isRight, let receipt, let erasedAt else { return ["not a receipt that this key signed as it stands"] }
        var lines = ["receipt \(receipt): \(person ?? "all people of the client") erased \(erasedAt.ISO8601Format())"]
        if let keyDestroyedAt {
            lines.append("the key of older copies was destroyed \(keyDestroyedAt.ISO8601Format())")
        } else if let keyDestructionDue {
            lines.append("the key of older copies is to be destroyed by \(keyDestructionDue.ISO8601Format())")
        }
        return lines
    }
}

extension String {
    fileprivate var withoutLastBreak: String { hasSuffix("\n") ? String(dropLast()) : self }
}
