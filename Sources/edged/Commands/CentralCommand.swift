import ArgumentParser
import EdgeCore
import Foundation

/// `edged central`.
struct CentralCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "central", abstract: "Run the central instance of a fleet, or look after the one that runs.",
        subcommands: [
            Run.self, Token.self, Devices.self, Revoke.self, Release.self, Assign.self, Scopes.self, Erase.self,
            Erasures.self, Configuration.self, Authority.self, Roots.self, Move.self,
        ], defaultSubcommand: Run.self)

    /// `edged central run`, and `edged central` alone.
    struct Run: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run the daemon as a fleet's central instance until SIGTERM or SIGINT.",
            discussion: "It does everything that `edged run` does, and keeps the fleet's books.")
        @OptionGroup var common: CommonOptions
        func perform() async throws -> ExitCode { try await RunCommand.run(common, as: .central) }
    }

    /// `edged central token`.
    struct Token: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make bootstrap tokens.", subcommands: [Create.self], defaultSubcommand: Create.self)

        struct Create: EdgedCommand {
            static let configuration = CommandConfiguration(
                abstract: "Make a one-use token with which a device joins; it is shown once.")
            @OptionGroup var common: CommonOptions
            @Option(
                name: .long, help: "A scope of the device, by name or id; the first one is its home. Several times.")
            var scope: [String] = []
            @Option(name: .long, help: "What the device will be called.")
            var name: String?
            @Option(name: .long, help: "For how long the token is good, 1 to 720.")
            var hours = 24

            func perform() async throws -> ExitCode {
                let order = Control.TokenOrder(scopes: scope, name: name, hours: hours)
                let made = try await CentralAnswer.ask(common, .fleetToken, order, as: Control.FleetToken.self)
                if common.json {
                    try Output.json(made)
                } else {
                    Output.line(made.token)
                    Output.complain("good once, until \(made.expiresAt.ISO8601Format())")
                }
                return ExitStatus.yes
            }
        }
    }

    /// `edged central devices`.
    struct Devices: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the devices of the fleet: 0 all are in order, 1 an operator must look at one.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let listing = try await CentralAnswer.ask(
                common, .fleetDevices, Control.Nothing(), as: Control.FleetDevices.self)
            if common.json {
                try Output.json(listing)
            } else {
                Output.table(
                    [["DEVICE", "NAME", "STANDING", "SEEN", "SCOPES", "OWES"]]
                        + listing.devices.map {
                            [
                                $0.id, $0.name, $0.standing, $0.seenAt?.ISO8601Format() ?? "never",
                                $0.scopes.joined(separator: ", "),
                                $0.owedErasures == 0 ? "" : "\($0.owedErasures) erasures",
                            ]
                        })
            }
            return listing.devices.contains { $0.standing == "quarantined" } ? ExitStatus.no : ExitStatus.yes
        }
    }

    /// `edged central revoke`.
    struct Revoke: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a device out of the fleet: it loses what it holds of others.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The device's name or id.")
        var device: String
        func perform() async throws -> ExitCode {
            try await CentralAnswer.change(common, Control.DeviceOrder(device: device, act: .revoke))
        }
    }

    /// `edged central release`.
    struct Release: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a quarantined device in again; look first whether there are two of it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The device's name or id.")
        var device: String
        func perform() async throws -> ExitCode {
            try await CentralAnswer.change(common, Control.DeviceOrder(device: device, act: .release))
        }
    }

    /// `edged central assign`.
    struct Assign: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whose people a device gets; those of scopes that it leaves go from it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The device's name or id.")
        var device: String
        @Argument(help: "Scopes, by name or id; the first one takes the people whom the device enrolls.")
        var scopes: [String]
        func perform() async throws -> ExitCode {
            try await CentralAnswer.change(common, Control.DeviceOrder(device: device, act: .assign, scopes: scopes))
        }
    }

    /// `edged central scopes`.
    struct Scopes: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "List the scopes of the fleet, or make one.")
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Make a scope of this name.")
        var create: String?

        func perform() async throws -> ExitCode {
            var scopes: [Control.FleetScope]
            if let create {
                let order = Control.Name(name: create)
                scopes = [try await CentralAnswer.ask(common, .fleetScopeCreate, order, as: Control.FleetScope.self)]
            } else {
                scopes = try await CentralAnswer.ask(
                    common, .fleetScopes, Control.Nothing(), as: Control.FleetScopes.self
                ).scopes
            }
            if common.json {
                try Output.json(Control.FleetScopes(scopes: scopes))
            } else {
                Output.table(
                    [["SCOPE", "NAME", "PEOPLE", "DEVICES"]]
                        + scopes.map { [$0.id, $0.name, "\($0.people)", "\($0.devices)"] })
            }
            return ExitStatus.yes
        }
    }

    /// `edged central erase`.
    struct Erase: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase a person everywhere in the fleet, also on devices that are offline now.",
            discussion: "edged central erasures tells which devices have proven it.")
        @OptionGroup var common: CommonOptions
        @Argument(help: "The client's own id of the person.")
        var userID: String
        @Option(name: .long, help: "Whose person it is: a client's id or name.")
        var client: String?

        func perform() async throws -> ExitCode {
            let query = Control.PersonQuery(userId: userID, client: client)
            let erasure = try await CentralAnswer.ask(common, .fleetErase, query, as: Control.FleetErasure.self)
            if common.json {
                try Output.json(erasure)
            } else {
                Output.line("ordered; proven on \(erasure.proven) of \(erasure.devices) devices")
            }
            return ExitStatus.yes
        }
    }

    /// `edged central erasures`.
    struct Erasures: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell which erasures all devices have proven: 0 all of them, 1 some are open.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let listing = try await CentralAnswer.ask(
                common, .fleetErasures, Control.Nothing(), as: Control.FleetErasures.self)
            if common.json {
                try Output.json(listing)
            } else {
                Output.table(
                    [["SUBJECT", "ORDERED", "PROVEN", "WAITS FOR"]]
                        + listing.erasures.map {
                            [
                                $0.subject, $0.orderedAt.ISO8601Format(), "\($0.proven) of \($0.devices)",
                                $0.outstanding.joined(separator: ", "),
                            ]
                        })
            }
            return listing.erasures.allSatisfy(\.outstanding.isEmpty) ? ExitStatus.yes : ExitStatus.no
        }
    }
}

/// Asks the central instance that runs here.
enum CentralAnswer {
    static func ask<Result: Decodable>(
        _ common: CommonOptions, _ command: ControlCommand, _ arguments: some Encodable, as type: Result.Type
    ) async throws(EdgeError) -> Result {
        let client = ControlClient(socketPath: try common.configuration().http.controlSocket)
        let bytes = try await client.run(
            command: command.rawValue, argumentsJSON: try ControlJSON.encode(arguments))
        return try ControlJSON.decode(type, from: bytes)
    }

    static func change(_ common: CommonOptions, _ order: Control.DeviceOrder) async throws -> ExitCode {
        let device = try await ask(common, .fleetDevice, order, as: Control.FleetDevice.self)
        if common.json { try Output.json(device) } else { Output.line("\(device.name) is \(device.standing)") }
        return ExitStatus.yes
    }
}
