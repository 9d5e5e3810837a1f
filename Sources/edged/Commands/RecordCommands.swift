import ArgumentParser
import EdgeCore
import Foundation

/// `edged people`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "List or remove enrolled people.",
        subcommands: [List.self, Remove.self], defaultSubcommand: List.self)

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "List enrolled people.")
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
                    [["USER", "NAME", "TEMPLATES", "ENROLLED", "CLIENT"]]
                        + listing.people.map {
                            [
                                $0.userId, $0.displayName ?? "", "\($0.templates)", $0.enrolledAt.ISO8601Format(),
                                $0.client,
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

/// `edged clients`.
struct ClientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients", abstract: "Make, list or deactivate API clients.",
        subcommands: [Create.self, List.self, Deactivate.self], defaultSubcommand: List.self)

    struct Create: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an API client; its key and secret are shown once and cannot be read again.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "A name for people.")
        var name: String

        func perform() async throws -> ExitCode {
            let client = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.clientsCreate, Control.Name(name: name), as: Control.Client.self)
            }
            if common.json {
                try Output.json(client)
            } else {
                Output.line("client_id  \(client.clientId)")
                Output.line("api_key    \(client.apiKey ?? "")")
                Output.line("api_secret \(client.apiSecret ?? "")")
                Output.complain("Keep the secret now: it cannot be shown again.")
            }
            return ExitStatus.yes
        }
    }

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "List API clients.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let listing = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.clientsList, Control.Nothing(), as: Control.Clients.self)
            }
            if common.json {
                try Output.json(listing)
            } else {
                Output.table(
                    [["CLIENT", "NAME", "ACTIVE", "CREATED"]]
                        + listing.clients.map {
                            [$0.clientId, $0.name, $0.isActive ? "yes" : "no", $0.createdAt.ISO8601Format()]
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Deactivate: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Deactivate an API client; its tokens end at once.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's id or name.")
        var name: String

        func perform() async throws -> ExitCode {
            let client = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.clientsDeactivate, Control.Name(name: name), as: Control.Client.self)
            }
            if common.json { try Output.json(client) } else { Output.line("deactivated \(client.clientId)") }
            return ExitStatus.yes
        }
    }
}

/// `edged audit`.
struct AuditCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Show the newest lines of the audit trail, newest first.")
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
