import ArgumentParser
import EdgeCore
import Foundation

/// `edged clients`.
struct ClientsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clients", abstract: "Make, list, activate or deactivate API clients; make their secrets anew.",
        subcommands: [Create.self, List.self, Set.self, Reset.self, Activate.self, Deactivate.self],
        defaultSubcommand: List.self)

    struct Create: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an API client; its key and secret are shown once and cannot be read again.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "A name for people.")
        var name: String
        @Option(name: .long, help: "What it is for: \(Words.of(ClientScope.self)).", transform: Words.read)
        var scope = ClientScope.integrator
        @Option(name: .long, help: "What it may use: \(Words.of(ClientTier.self)).", transform: Words.read)
        var tier = ClientTier.enterprise

        func perform() async throws -> ExitCode {
            let draft = Control.ClientDraft(name: name, scope: scope, tier: tier)
            return try await ClientAnswer.serve(common, .clientsCreate, draft)
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
                    [["CLIENT", "NAME", "SCOPE", "STATUS", "TIER", "CREATED"]]
                        + listing.clients.map {
                            [
                                $0.clientId, $0.name, $0.scope.rawValue, $0.status.rawValue, $0.tier.rawValue,
                                $0.createdAt.ISO8601Format(),
                            ]
                        })
            }
            return ExitStatus.yes
        }
    }

    struct Set: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what an API client is for and what it may use.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's id or name.")
        var name: String
        @Option(name: .long, help: "Its scope: \(Words.of(ClientScope.self)).", transform: Words.read)
        var scope: ClientScope?
        @Option(name: .long, help: "Its tier: \(Words.of(ClientTier.self)).", transform: Words.read)
        var tier: ClientTier?

        func perform() async throws -> ExitCode {
            let change = Control.ClientChange(name: name, scope: scope, tier: tier)
            return try await ClientAnswer.serve(common, .clientsSet, change, deed: "changed")
        }
    }

    struct Reset: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an API client's secrets anew, shown once; with a new key or secret all its tokens end.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's id or name.")
        var name: String
        @Flag(name: .long, help: "Make the API key anew.")
        var key = false
        @Flag(name: .long, help: "Make the API secret anew.")
        var secret = false
        @Flag(name: .long, help: "Make the webhook secret anew.")
        var webhookSecret = false

        func perform() async throws -> ExitCode {
            let reset = Control.ClientReset(name: name, key: key, secret: secret, webhookSecret: webhookSecret)
            return try await ClientAnswer.serve(common, .clientsReset, reset)
        }
    }

    struct Activate: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Let an API client use the device again.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's id or name.")
        var name: String

        func perform() async throws -> ExitCode {
            try await ClientAnswer.serve(common, .clientsActivate, Control.Name(name: name), deed: "activated")
        }
    }

    struct Deactivate: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Deactivate an API client; its tokens end at once.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's id or name.")
        var name: String

        func perform() async throws -> ExitCode {
            try await ClientAnswer.serve(common, .clientsDeactivate, Control.Name(name: name), deed: "deactivated")
        }
    }
}

/// How a command about one client is asked and its answer told.
private enum ClientAnswer {
    /// Tells `deed`, or the secrets that were made.
    static func serve(
        _ common: CommonOptions, _ command: ControlCommand, _ arguments: some Encodable & Sendable,
        deed: String? = nil
    ) async throws -> ExitCode {
        // The first client is made before the daemon has ever run.
        let need = command == .clientsCreate ? Counter.Need.storeOrNew : .store
        let client = try await Counter.serve(try common.configuration(), need: need) { counter in
            try await counter.ask(command, arguments, as: Control.Client.self)
        }
        if common.json {
            try Output.json(client)
        } else if let deed {
            Output.line("\(deed) \(client.clientId)")
        } else {
            Output.line("client_id  \(client.clientId)")
            if let key = client.apiKey { Output.line("api_key    \(key)") }
            if let secret = client.apiSecret { Output.line("api_secret \(secret)") }
            if let secret = client.webhookSecret { Output.line("webhook_secret \(secret)") }
            Output.complain("Keep the secrets now: they cannot be shown again.")
        }
        return ExitStatus.yes
    }
}

/// The words that an option takes.
private enum Words {
    static func of<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> String {
        type.allCases.map(\.rawValue).joined(separator: ", ")
    }

    static func read<Choice: RawRepresentable<String> & CaseIterable>(_ text: String) throws -> Choice {
        guard let choice = Choice(rawValue: text) else {
            throw ValidationError("\"\(text)\" is not one of \(of(Choice.self))")
        }
        return choice
    }
}
