import ArgumentParser
import EdgeCore
import Foundation

/// `edged people`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "List or remove people, or move them to another device.",
        subcommands: [List.self, Remove.self, Export.self, Import.self], defaultSubcommand: List.self)

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
                                $0.userId, $0.displayName ?? "", $0.isActive ? "yes" : "no", "\($0.templates)",
                                $0.enrolledAt?.ISO8601Format() ?? "", $0.client,
                            ]
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Remove: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a person with all templates, at once.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "The person's API client. Needed when there are several.")
        var client: String?
        @Argument(help: "The person's id in your own system.")
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
