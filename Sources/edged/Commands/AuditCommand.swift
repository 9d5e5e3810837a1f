import ArgumentParser
import EdgeCore
import Foundation

/// `edged audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the audit trail, export it, or look for what was changed in the store.",
        subcommands: [
            Show.self, AuditVerifyCommand.self, AuditExportCommand.self, Checkpoint.self, PublicKey.self, Accept.self,
            AuditSealKeyCommand.self,
        ],
        defaultSubcommand: Show.self)

    struct Show: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the newest lines of the audit trail, newest first.",
            discussion: """
                A line: number, wall time, how far that can be trusted, start of the machine and seconds since then, \
                whether it succeeded, what was done, why.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "At most so many; 0 for all.")
        var limit = 50
        @Option(name: .long, help: "Only from this time on: 2026-03-01T12:00:00Z, or how long ago: 2h, 7d.")
        var since: String?
        @Option(name: .long, help: "Only this action, or with * at the end those that begin so.")
        var action: String?
        @Option(name: .long, help: "Only of this API client.")
        var client: String?

        func perform() async throws -> ExitCode {
            guard limit >= 0 else {
                throw EdgeError(.requestInvalid, "a number of lines is not negative", field: "limit")
            }
            var writer = LineWriter(isJSON: common.json)
            try await Counter.serve(try common.configuration(), need: .store) { counter in
                var (left, before) = (limit == 0 ? Int.max : limit, Int64?.none)
                repeat {
                    let query = Control.AuditQuery(
                        limit: min(left, 500), before: before, since: since, action: action, client: client)
                    let page = try await counter.ask(.auditLines, query, as: Control.AuditLines.self)
                    for line in page.lines { try writer.write(line) }
                    left -= page.lines.count
                    before = page.before
                } while left > 0 && before != nil
            }
            writer.end()
            return ExitStatus.yes
        }
    }

    struct Accept: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the store as it is, after an alarm was looked into.",
            discussion: """
                Takes what `edged audit verify` told last, and nothing else: `store.unseen` where there is more. Ends its alarms, \
                sums up all tables and builds indexes anew, puts people back under their own external id, and lets broken \
                lanes for central begin anew; a line in the audit trail says so. What is wrong with the trail itself or with a \
                seal stays wrong. A damaged store is not mended here.
                """)
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            // What nobody was shown is not mended either: without a daemon a damaged store is left as it is.
            var configuration = try common.configuration()
            configuration.storeRecovers = false
            let done: Control.Accepted
            do {
                done = try await Counter.serve(configuration, need: .store) { counter in
                    try await counter.ask(.auditAccept, Control.Nothing(), as: Control.Accepted.self)
                }
            } catch let error as EdgeError where error.code == .storeCorrupt {
                throw EdgeError(
                    .storeCorrupt,
                    "\(error.detail) Nothing was accepted. The daemon mends a damaged store at its start and says so.")
            }
            if common.json { try Output.json(done) } else { Self.tell(done) }
            return ExitStatus.yes
        }

        private static func tell(_ done: Control.Accepted) {
            Output.line("accepted")
            if let rows = done.removed, rows > 0 { Output.line("\(rows) rows that pointed nowhere were removed") }
            if let people = done.refiled, people > 0 {
                Output.line("\(people) people are found by their external id again")
            }
            guard let people = done.clashing, people > 0 else { return }
            Output.line("\(people) people have an external id that somebody else has too, and are not found by it:")
            Output.line("give one of the two another id or erase them, then accept again")
        }
    }

    struct Checkpoint: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign for all lines so far and print the signed note.",
            discussion: "Kept elsewhere, it shows later whether the trail was written anew.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let made = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.auditCheckpoint, Control.Nothing(), as: Control.AuditCheckpoint.self)
            }
            if common.json {
                try Output.json(made)
            } else if let note = made.note {
                Output.raw(Array(note.utf8))
            } else {
                Output.complain("There is no line to sign for yet.")
            }
            return made.note == nil ? ExitStatus.no : ExitStatus.yes
        }
    }

    struct PublicKey: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "public-key", abstract: "Print the key that the device's signatures are checked with.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let key = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.auditPublicKey, Control.Nothing(), as: Control.PublicKey.self)
            }
            if common.json { try Output.json(key) } else { Output.line(key.publicKey.base64EncodedString()) }
            return ExitStatus.yes
        }
    }
}

/// Writes lines as they come, so that a long trail takes no memory; as JSON they make one document.
private struct LineWriter {
    let isJSON: Bool
    private var isFirst = true

    init(isJSON: Bool) { self.isJSON = isJSON }

    mutating func write(_ line: Control.AuditLine) throws(EdgeError) {
        guard isJSON else { return Output.line(Self.text(line)) }
        Output.line(isFirst ? "{\"lines\":[" : ",")
        isFirst = false
        Output.raw(try ControlJSON.encode(line))
    }

    func end() {
        if isJSON { Output.line(isFirst ? "{\"lines\":[]}" : "]}") }
    }

    private static func text(_ line: Control.AuditLine) -> String {
        let seconds = Double(line.bootTime / 1_000_000) / 1000
        return [
            "\(line.sequence)", line.at.ISO8601Format(), line.clock?.rawValue ?? "-",
            "\(line.bootId.prefix(8))+\(seconds)", line.succeeded ? "ok" : "no", line.action, line.reason ?? "",
        ].joined(separator: "  ")
    }
}
