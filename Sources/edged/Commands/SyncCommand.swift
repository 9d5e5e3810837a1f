import ArgumentParser
import EdgeCore
import Foundation

/// `edged sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "How the device stands with its fleet, and what waits for central.",
        subcommands: [
            SyncStatusCommand.self, SyncNowCommand.self, SyncPauseCommand.self, SyncResumeCommand.self,
            SyncLeaveCommand.self,
        ],
        defaultSubcommand: SyncStatusCommand.self)
}

/// `edged sync status`.
struct SyncStatusCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Tell how sync stands: 0 central is reached and nothing is refused or lost, 1 not so, 2 no answer.",
        discussion: "A device that belongs to no fleet ends with 0 unless a lane has lost or refused something.")

    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        let client = ControlClient(socketPath: try common.configuration().http.controlSocket)
        let status = try ControlJSON.decode(DeviceStatus.self, from: try await client.get("/status"))
        let sync = try await SyncAnswer.ask(client, .syncStatus)
        let report = SyncReport(sync: sync, lanes: status.outbox ?? [])
        if common.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        guard status.outbox != nil else { return ExitStatus.cannotTell }
        let isLosing = status.conditions.contains { $0.code.hasPrefix("outbox.") }
        return isLosing || !["alone", "online"].contains(sync.phase) ? ExitStatus.no : ExitStatus.yes
    }
}

/// `edged sync now`.
struct SyncNowCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "now", abstract: "Send what waits and ask for news at once.")
    @OptionGroup var common: CommonOptions
    func perform() async throws -> ExitCode { try await SyncAnswer.tell(common, .syncNow) }
}

/// `edged sync pause`.
struct SyncPauseCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Send and ask nothing until `edged sync resume`, or a restart.")
    @OptionGroup var common: CommonOptions
    func perform() async throws -> ExitCode { try await SyncAnswer.tell(common, .syncPause) }
}

/// `edged sync resume`.
struct SyncResumeCommand: EdgedCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Go on after a pause.")
    @OptionGroup var common: CommonOptions
    func perform() async throws -> ExitCode { try await SyncAnswer.tell(common, .syncResume) }
}

/// `edged sync leave`.
struct SyncLeaveCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "leave", abstract: "Leave the fleet; everybody who is known here stays.",
        discussion: "Central goes on to know the device until an administrator takes it out: edged central revoke.")
    @OptionGroup var common: CommonOptions
    func perform() async throws -> ExitCode { try await SyncAnswer.tell(common, .fleetLeave) }
}

/// Asks a running daemon about its membership.
private enum SyncAnswer {
    static func ask(_ client: ControlClient, _ command: ControlCommand) async throws(EdgeError) -> Control.SyncStatus {
        let nothing = try ControlJSON.encode(Control.Nothing())
        let bytes = try await client.run(command: command.rawValue, argumentsJSON: nothing)
        return try ControlJSON.decode(Control.SyncStatus.self, from: bytes)
    }

    static func tell(_ common: CommonOptions, _ command: ControlCommand) async throws -> ExitCode {
        let client = ControlClient(socketPath: try common.configuration().http.controlSocket)
        let status = try await ask(client, command)
        if common.json { try Output.json(status) } else { Output.line("sync is \(status.phase)") }
        return ExitStatus.yes
    }
}

/// What `edged sync status` tells.
private struct SyncReport: Encodable {
    var sync: Control.SyncStatus
    var lanes: [DeviceStatus.OutboxLane]

    var lines: [String] {
        var lines = [standing]
        if let seconds = sync.leaseAgeSeconds {
            lines.append("last word of central: \(seconds) s ago; the lease is \(sync.leaseTier ?? "unknown")")
        }
        if let failure = sync.lastFailure { lines.append("last failure: \(failure)") }
        if sync.peopleWithoutModel > 0 {
            lines.append("\(sync.peopleWithoutModel) people of the fleet have no template of this device's model")
        }
        return lines + lanes.map(Self.text)
    }

    private var standing: String {
        guard let name = sync.name else { return "in no fleet: edged provision makes the device a member" }
        let place = sync.url.map { $0.isEmpty ? "this central instance" : $0 } ?? "central"
        return "\(name) at \(place): \(sync.phase)"
    }

    private static func text(_ lane: DeviceStatus.OutboxLane) -> String {
        let oldest = lane.oldestAt.map { ", the oldest of \($0.ISO8601Format())" } ?? ""
        return "\(lane.lane): \(lane.records) waiting (\(lane.bytes) bytes\(oldest)), "
            + "newest \(lane.last), acknowledged \(lane.acknowledged)"
    }
}
