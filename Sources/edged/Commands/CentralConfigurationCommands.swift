import ArgumentParser
import EdgeCore
import Foundation

extension CentralCommand {
    /// `edged central configuration`.
    struct Configuration: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what devices go by besides their own files.",
            discussion: """
                A text for the whole fleet, then one for each scope, then one for the device itself: what comes later replaces what came \
                before, key by key. Devices check it, try it, and go back by themselves when it makes them ill. Only keys that a \
                reload takes over: edged config example marks them.
                """, subcommands: [Status.self, Set.self, Promote.self, Withdraw.self, Rollback.self],
            defaultSubcommand: Status.self)
    }

    /// Whom it is for.
    struct Target: ParsableArguments {
        @Option(name: .long, help: "The scope whose devices it is for; without scope and device all are meant.")
        var scope: String?
        @Option(name: .long, help: "The one device that it is for.")
        var device: String?

        func order(_ act: Control.ConfigurationOrder.Act) -> Control.ConfigurationOrder {
            Control.ConfigurationOrder(act: act, scope: scope, device: device)
        }
    }
}

extension CentralCommand.Configuration {
    struct Status: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell what is set, and how devices stand with it: 0 all go by it, 1 one does not.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let status = try await CentralAnswer.ask(
                common, .fleetConfigurationShow, Control.Nothing(), as: Control.FleetConfigurationStatus.self)
            if common.json { try Output.json(status) } else { tell(status) }
            return status.devices.allSatisfy(\.isSettled) ? ExitStatus.yes : ExitStatus.no
        }

        private func tell(_ status: Control.FleetConfigurationStatus) {
            for entry in status.entries {
                let first = entry.first.map { ", at first for \($0.joined(separator: ", "))" } ?? ""
                Output.line("# \(entry.target)\(first)")
                Output.line(entry.toml ?? "")
            }
            Output.table(
                [["DEVICE", "STATE", "PROBLEM"]]
                    + status.devices.map { device in
                        let state = device.isHeard ? device.state ?? "not told yet" : "not told yet"
                        return [device.device, device.wanted == nil ? "own files" : state, device.problem ?? ""]
                    })
        }
    }

    struct Set: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set what devices go by; with --first only some of them, until it is promoted.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: CentralCommand.Target
        @Argument(help: "A file with tables and keys as in a device's own.")
        var file: String
        @Option(name: .long, help: "A device that gets it before the others do. Several times.")
        var first: [String] = []

        func perform() async throws -> ExitCode {
            guard let bytes = FileManager.default.contents(atPath: file),
                let text = String(data: bytes, encoding: .utf8)
            else { throw EdgeError(.requestInvalid, "\(file) cannot be read.", field: "file") }
            var order = target.order(.set)
            (order.toml, order.first) = (text, first.isEmpty ? nil : first)
            return try await CentralCommand.Configuration.change(common, order)
        }
    }

    struct Promote: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give all devices of a target what some of them got first and have in force by now.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: CentralCommand.Target
        @Flag(name: .long, help: "Whatever those devices say.")
        var always = false

        func perform() async throws -> ExitCode {
            var order = target.order(.promote)
            order.always = always
            return try await CentralCommand.Configuration.change(common, order)
        }
    }

    struct Withdraw: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Take away what was set for a target.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: CentralCommand.Target
        @Flag(name: .long, help: "Only what some devices got first.")
        var staged = false

        func perform() async throws -> ExitCode {
            try await CentralCommand.Configuration.change(common, target.order(staged ? .unstage : .withdraw))
        }
    }

    struct Rollback: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give devices again what they went by before the last change; done twice, it is undone.")
        @OptionGroup var common: CommonOptions
        @OptionGroup var target: CentralCommand.Target

        func perform() async throws -> ExitCode {
            try await CentralCommand.Configuration.change(common, target.order(.rollback))
        }
    }

    fileprivate static func change(
        _ common: CommonOptions, _ order: Control.ConfigurationOrder
    ) async throws -> ExitCode {
        let entry = try await CentralAnswer.ask(
            common, .fleetConfigurationSet, order, as: Control.ConfigurationEntry.self)
        if common.json { try Output.json(entry) } else { Output.line("change \(entry.number)") }
        return ExitStatus.yes
    }
}
