import ArgumentParser
import EdgeCore
import Foundation

/// `edged audit`.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the audit trail, or look for what was changed in the store.",
        subcommands: [Show.self, Verify.self], defaultSubcommand: Show.self)

    struct Show: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the newest lines of the audit trail, newest first.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "At most so many.")
        var limit = 50

        func perform() async throws -> ExitCode {
            let trail = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.auditNewest, Control.AuditQuery(limit: limit), as: Control.AuditLines.self)
            }
            if common.json {
                try Output.json(trail)
            } else {
                for line in trail.lines {
                    let outcome = line.succeeded ? "ok" : "no"
                    Output.line("\(line.at.ISO8601Format())  \(outcome)  \(line.action)  \(line.reason ?? "")")
                }
            }
            return ExitStatus.yes
        }
    }

    struct Verify: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Walk the audit chain, check the file and open what is sealed of people and sessions.",
            discussion: """
                Exit codes: 0 nothing was found, 1 something was changed, others as in sysexits.h. An edit of a plain column \
                outside of the audit chain is not found. Doors wait while a large store is read.
                """)
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let proof = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.auditVerify, Control.Nothing(), as: Control.StoreProof.self)
            }
            if common.json { try Output.json(proof) } else { Self.tell(proof) }
            return proof.isWhole ? ExitStatus.yes : ExitStatus.no
        }

        private static func tell(_ proof: Control.StoreProof) {
            if let line = proof.firstBrokenLine {
                Output.line("audit: line \(line) is not as it was written, or is missing")
            } else {
                Output.line("audit: \(proof.auditLines) lines, each as it was written")
            }
            for (table, count) in proof.brokenSeals.sorted(by: { $0.key < $1.key }) {
                Output.line("seals: \(count) of \(table) cannot be opened")
            }
            if proof.brokenSeals.isEmpty { Output.line("seals: \(proof.sealedRecords) records opened") }
            for fault in proof.fileFaults { Output.line("file: \(fault)") }
            if proof.fileFaults.isEmpty { Output.line("file: sound") }
        }
    }
}
