import ArgumentParser
import EdgeCore
import Foundation
import Store

/// `edged backup`.
struct BackupCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store while the device works, and check the copy.",
        discussion: """
            The copy is sealed as the store is: it is of use only with the device's keys, and only until the \
            key-encryption key is exchanged, which happens within a day of an erasure.
            """)
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "Where to put the copy. Without it: among the backups that the device keeps of itself.")
    var to: String?
    @Flag(name: .long, help: "Only list the backups that the device keeps of itself.")
    var list = false

    func perform() async throws -> ExitCode {
        let path = to.map { URL(filePath: $0).path }
        let (configuration, list) = (try common.configuration(), list)
        let made = try await Counter.serve(configuration, need: .store) { counter in
            if list { return try await counter.ask(.storeBackups, Control.Nothing(), as: Control.Backups.self) }
            let request = Control.BackupRequest(path: path)
            return Control.Backups(backups: [try await counter.ask(.storeBackup, request, as: Control.Backup.self)])
        }
        if common.json {
            try Output.json(made)
        } else {
            for each in made.backups {
                Output.line("\(each.madeAt.ISO8601Format())  \(each.bytes) bytes  \(each.path)")
            }
        }
        return ExitStatus.yes
    }
}

/// `edged restore`.
struct RestoreCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of the store, which is kept aside.",
        discussion: """
            The daemon must be stopped. A backup from before an erasure is refused; where the present store is missing or \
            cannot be read, nobody can tell, and only own backups that the device made since it last erased somebody are \
            taken without a further word.
            """)
    @OptionGroup var common: CommonOptions
    @Flag(name: .long, help: "Do it. Without this nothing is changed.")
    var yes = false
    @Flag(name: .long, help: "Take the backup though people may have been erased since it was made.")
    var erasuresUnknown = false
    @Argument(help: "The backup.")
    var file: String

    func perform() async throws -> ExitCode {
        let configuration = try common.configuration()
        guard await !ControlClient(socketPath: configuration.http.controlSocket).isDaemonThere() else {
            throw EdgeError(.storeBusy, "The daemon runs; stop it first.")
        }
        guard yes else {
            throw EdgeError(
                .requestInvalid, "say --yes to put the backup in the place of the present store", field: "yes")
        }
        let vault = try HouseKeys.vault(configuration)
        let clock = SystemClock()
        let kept = try StoreRestore.restore(
            URL(filePath: file).path, into: configuration.storeDirectory, sealer: vault, secrets: vault, at: clock.wall,
            acceptsUnknownErasures: erasuresUnknown)
        // Opening brings an older schema forward, begins the new epoch and says so in the audit trail.
        let keys = try await HouseKeys(configuration, clock: clock, health: HealthBoard(), log: LogSetup.quiet())
        await keys.store.close()
        let answer = Control.Restored(keptAside: kept)
        if common.json {
            try Output.json(answer)
        } else {
            Output.line("restored")
            if let kept { Output.line("the store from before is kept as \(kept)") }
        }
        return ExitStatus.yes
    }
}

extension Control {
    struct Restored: Codable { var keptAside: String? }
}
