import ArgumentParser
import EdgeCore
import Foundation

/// `edged sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "What waits for central.", subcommands: [SyncStatusCommand.self],
        defaultSubcommand: SyncStatusCommand.self)
}

/// `edged sync status`.
struct SyncStatusCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Tell how the lanes of the running daemon stand: 0 nothing is refused or lost, 1 something is, 2 no answer."
    )

    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        let socket = try common.configuration().http.controlSocket
        let bytes = try await ControlClient(socketPath: socket).get("/status")
        let status = try ControlJSON.decode(DeviceStatus.self, from: bytes)
        let lanes = status.outbox ?? []
        if common.json { try Output.json(lanes) } else { lanes.forEach(tell) }
        guard status.outbox != nil else { return ExitStatus.cannotTell }
        return status.conditions.contains { $0.code.hasPrefix("outbox.") } ? ExitStatus.no : ExitStatus.yes
    }

    private func tell(_ lane: DeviceStatus.OutboxLane) {
        let oldest = lane.oldestAt.map { ", the oldest of \($0.ISO8601Format())" } ?? ""
        Output.line(
            "\(lane.lane): \(lane.records) waiting (\(lane.bytes) bytes\(oldest)), "
                + "newest \(lane.last), acknowledged \(lane.acknowledged)")
    }
}
