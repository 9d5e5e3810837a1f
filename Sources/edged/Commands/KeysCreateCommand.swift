import ArgumentParser
import EdgeCore
import Foundation
import Store
import Vault

extension KeysCommand {
    /// `edged keys create`.
    struct Create: EdgedCommand {
        enum Source: String, ExpressibleByArgument, CaseIterable { case provider }

        static let configuration = CommandConfiguration(
            abstract: "Seal the master keys to a provider's key, for example one in a TPM.",
            discussion: """
                The daemon must be stopped; keys.provider and keys.key of the configuration name the key. The keys of a key \
                file are sealed and the file is removed once the store was opened with what was sealed; without a key file \
                and a store fresh keys are made. Done again after a power cut, it ends the same.
                """)
        @OptionGroup var common: CommonOptions
        @Option(name: .long, help: "Where the master keys shall come from.")
        var source: Source

        func perform() async throws -> ExitCode {
            let created = try await Self.seal(try common.configuration())
            if common.json {
                try Output.json(created)
            } else {
                Output.line("master keys \(created.outcome), bound to \(created.binding)")
                if created.removedKeyFile { Output.line("the key file was overwritten and removed") }
            }
            return ExitStatus.yes
        }

        private static func seal(_ given: DaemonConfiguration) async throws(EdgeError) -> Control.KeysCreated {
            var configuration = given
            guard let key = configuration.keys.provider else {
                throw EdgeError(.configurationInvalid, "keys.provider and keys.key must name the key to seal to")
            }
            guard await !ControlClient(socketPath: configuration.http.controlSocket).isDaemonThere() else {
                throw EdgeError(.storeBusy, "The daemon runs; stop it first.")
            }
            try HouseKeys.makeDirectories(configuration)
            let store = configuration.storeDirectory + "/" + EdgeStore.fileName
            let outcome = try KeyVault.seal(
                to: key, besides: configuration.keyFile, mayMakeKeys: !FileManager.default.fileExists(atPath: store))
            configuration.keys.source = .provider
            try await note(outcome, key, configuration)
            let hadKeyFile = FileManager.default.fileExists(atPath: configuration.keyFile)
            try KeyVault.removeKeyFile(configuration.keyFile)
            return Control.KeysCreated(
                outcome: outcome.rawValue, provider: key.provider, binding: key.binding.rawValue,
                removedKeyFile: hadKeyFile)
        }

        /// Opens the store with what was sealed, which proves that these are its keys and that nobody else has it open.
        private static func note(
            _ outcome: MasterSealing, _ key: ProviderKey, _ configuration: DaemonConfiguration
        ) async throws(EdgeError) {
            let clock = SystemClock()
            let keys = try await HouseKeys(configuration, clock: clock, health: HealthBoard(), log: LogSetup.quiet())
            do throws(EdgeError) {
                guard outcome != .present else { return await keys.store.close() }
                try await keys.store.append(
                    AuditRecord(
                        action: "keys.sealed", succeeded: true,
                        detailsJSON: #"{"outcome":"\#(outcome.rawValue)","provider":"\#(key.provider)"}"#,
                        at: clock.wall))
            } catch {
                await keys.store.close()
                throw error
            }
            await keys.store.close()
        }
    }
}

extension Control {
    /// What `edged keys create` did.
    struct KeysCreated: Codable {
        /// `made`, `migrated` or `present`.
        var outcome: String
        var provider: String
        var binding: String
        var removedKeyFile: Bool
    }
}
