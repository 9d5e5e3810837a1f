import ArgumentParser
import EdgeCore
import Foundation

/// `edged people`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "List or erase people, or move them to another device.",
        subcommands: [List.self, Erase.self, Remove.self, Export.self, Import.self], defaultSubcommand: List.self)

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "List people, enrolled or not.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Only of this API client.")
        var client: String?
        @Option(name: .long, help: "At most so many.")
        var limit = 1000
        @Option(name: .long, help: "Skip so many.")
        var offset = 0

        func perform() async throws -> ExitCode {
            let query = Control.PersonQuery(client: client, limit: limit, offset: offset)
            let listing = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.peopleList, query, as: Control.People.self)
            }
            if common.json {
                try Output.json(listing)
            } else {
                Output.table(
                    [["USER", "NAME", "ACTIVE", "TEMPLATES", "ENROLLED", "CLIENT"]]
                        + listing.people.map {
                            [
                                $0.isDamaged == true ? "damaged: \($0.id)" : $0.userId, $0.displayName ?? "",
                                $0.isActive ? "yes" : "no", "\($0.templates)",
                                $0.enrolledAt?.ISO8601Format() ?? "", $0.client,
                            ]
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Erase: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person with all templates, at once, and get a signed receipt.",
            discussion: "The receipt is shown again by edged erasures; its second part comes within a day.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The person's API client. Needed when there are several.")
        var client: String?
        @Option(name: .long, help: "Write the receipt into this file too.")
        var receipt: String?
        @Argument(help: "The person's id in your own system, or here.")
        var userID: String

        func perform() async throws -> ExitCode {
            let query = Control.PersonQuery(userId: userID, client: client)
            let erasure = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.peopleErase, query, as: Control.Erasure.self)
            }
            if let receipt { try keep(erasure.receipt, in: receipt, id: erasure.id) }
            if common.json {
                try Output.json(erasure)
            } else {
                Output.line("erased \(userID), receipt \(erasure.id)")
            }
            return ExitStatus.yes
        }

        /// The person is gone by now: a file that cannot be written must not look as if nothing was done.
        private func keep(_ text: String, in file: String, id: String) throws(EdgeError) {
            do { try Data(text.utf8).write(to: URL(filePath: file)) } catch {
                throw EdgeError(
                    .requestInvalid,
                    "erased, receipt \(id); but \(file) cannot be written: take it from edged erasures",
                    field: "receipt")
            }
        }
    }

    struct Remove: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a person with all templates, at once.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The person's API client. Needed when there are several.")
        var client: String?
        @Argument(help: "The person's id in your own system, or here.")
        var userID: String

        func perform() async throws -> ExitCode {
            let query = Control.PersonQuery(userId: userID, client: client)
            let person = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.peopleRemove, query, as: Control.Person.self)
            }
            if common.json { try Output.json(person) } else { Output.line("removed \(person.userId)") }
            return ExitStatus.yes
        }
    }
}
