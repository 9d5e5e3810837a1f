import ArgumentParser
import EdgeCore
import Foundation

/// `edged keys`.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Show what the store is sealed with, or exchange it.",
        subcommands: [Status.self, Create.self, Rotate.self, Trim.self, Recipient.self], defaultSubcommand: Status.self)

    struct Status: EdgedCommand {
        static let configuration = CommandConfiguration(abstract: "Show where the keys come from and how old they are.")
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let status = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.keysStatus, Control.Nothing(), as: Control.KeyStatus.self)
            }
            if common.json { try Output.json(status) } else { Self.tell(status) }
            return ExitStatus.yes
        }

        private static func tell(_ status: Control.KeyStatus) {
            let sources = [
                "file": "a file beside the store", "credential": "a credential of the unit",
                "provider": "a file sealed to a provider's key",
            ]
            Output.line("master key: from \(sources[status.source] ?? status.source)")
            let bindings = [
                "tpm2": "this machine's TPM", "credential": "what the service manager seals credentials to",
                "provider": "the provider's token", "none": "nothing: who has the disk has the key",
            ]
            Output.line("bound to: \(bindings[status.binding] ?? status.binding)")
            let state = status.isRotating ? "being exchanged" : "in use"
            Output.line("key-encryption key: \(status.keyEncryptionKey), \(state)")
            if let moment = status.rotatedAt { Output.line("last exchanged: \(moment.ISO8601Format())") }
            if let moment = status.erasureWaitsSince {
                Output.line("an erasure of \(moment.ISO8601Format()) waits for the next exchange")
            }
        }
    }

    struct Rotate: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Exchange the key-encryption key now.",
            discussion: "Copies of the store's file made before, backups too, cannot be opened by this device any more."
        )
        @OptionGroup var common: CommonOptions
        @Flag(name: .long, help: "End the exchange although keys of people or sessions are damaged.")
        var discardUnreadable = false

        func perform() async throws -> ExitCode {
            let order = Control.KeyRotationOrder(discardUnreadable: discardUnreadable)
            let report = try await Counter.serve(try common.configuration(), need: .store) { counter in
                try await counter.ask(.keysRotate, order, as: Control.KeyRotation.self)
            }
            if common.json {
                try Output.json(report)
            } else {
                Output.line("\(report.rewrapped) keys wrapped anew, \(report.destroyed) former key destroyed")
                if report.isKept ?? false {
                    Output.line("the credential holds the former key too: see edged keys trim")
                }
                if report.unreadable > 0 { Output.line("\(report.unreadable) are damaged and cannot be opened") }
                if report.isHeld ?? (report.unreadable > 0 && report.destroyed == 0) {
                    Output.line("the former key stays: restore a backup, or give them up with --discard-unreadable")
                }
            }
            return report.unreadable == 0 ? ExitStatus.yes : ExitStatus.no
        }
    }
}
