import ArgumentParser
import EdgeCore
import Foundation

/// `edged sync`.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "How the device stands with its fleet, and what waits for central.",
        subcommands: [
            SyncStatusCommand.self, SyncNowCommand.self, SyncPauseCommand.self, SyncResumeCommand.self,
            SyncRootsCommand.self, SyncLeaveCommand.self,
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

/// `edged sync roots`.
struct SyncRootsCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "roots", abstract: "Say which certificates verify central.",
        discussion: """
            For a device that was away while central went from one root to the next, and for one that trusts the system's \
            roots. Central announces the next root itself: edged central roots.
            """)
    @OptionGroup var common: CommonOptions
    @Option(name: .long, help: "Certificates, PEM, that alone are trusted for central from now on.")
    var pin: String

    func perform() async throws -> ExitCode {
        let client = ControlClient(socketPath: try common.configuration().http.controlSocket)
        let order = Control.Certificates(pem: try CertificateFile.read(pin, field: "pin"))
        let bytes = try await client.run(
            command: ControlCommand.syncRoots.rawValue, argumentsJSON: try ControlJSON.encode(order))
        let status = try ControlJSON.decode(Control.SyncStatus.self, from: bytes)
        if common.json {
            try Output.json(status)
        } else {
            Output.line("central is verified by \(status.roots?.count ?? 0) pinned roots")
        }
        return ExitStatus.yes
    }
}

/// A file of certificates that somebody names.
enum CertificateFile {
    /// Its text; throws `request.invalid` for a file without a certificate.
    static func read(_ path: String, field: String) throws(EdgeError) -> String {
        guard let bytes = FileManager.default.contents(atPath: path), let text = String(data: bytes, encoding: .utf8),
            text.contains("-----BEGIN CERTIFICATE-----")
        else { throw EdgeError(.requestInvalid, "\(path) holds no certificate", field: field) }
        return text
    }
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
        if let certificate = sync.certificate {
            lines.append(
                "certificate \(certificate.serial): until \(certificate.expiresAt.ISO8601Format()), "
                    + "another one from \(certificate.renewsAt.ISO8601Format()) on")
        }
        if let roots = sync.roots {
            let origin = roots.announcement == 0 ? "as provisioned" : "announcement \(roots.announcement)"
            lines.append("central is verified by \(roots.count) pinned roots, \(origin)")
        }
        if let configuration = sync.configuration {
            let problem = configuration.problem.map { ": \($0)" } ?? ""
            lines.append("central's configuration \(configuration.number): \(configuration.state)\(problem)")
        }
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
