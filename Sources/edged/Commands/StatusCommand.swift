import ArgumentParser
import EdgeCore
import Foundation

/// `edged status`.
struct StatusCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Tell how the running daemon is: 0 healthy, 1 something is wrong, 2 no answer."
    )

    @OptionGroup var common: CommonOptions
    @Flag(name: .long, help: "Print a token that reads how the device is, for a technician's browser.")
    var token = false
    @Option(name: .long, help: "How long the token is good, 1 to 60 minutes.")
    var minutes = 15

    func perform() async throws -> ExitCode {
        let socket = common.controlSocket()
        if token { return try await tellToken(ControlClient(socketPath: socket)) }
        let bytes = try await ControlClient(socketPath: socket).get("/status")
        let status = try ControlJSON.decode(DeviceStatus.self, from: bytes)
        if common.json { Output.raw(bytes) } else { tell(status) }
        return status.status == "error" ? ExitStatus.no : ExitStatus.yes
    }

    private func tellToken(_ client: ControlClient) async throws(EdgeError) -> ExitCode {
        let bytes = try await client.run(
            command: "tokens.technician", argumentsJSON: try ControlJSON.encode(["minutes": minutes]))
        let made = try ControlJSON.decode(Control.TechnicianToken.self, from: bytes)
        if common.json {
            try Output.json(made)
        } else {
            Output.line(made.token)
            Output.complain("Good until \(made.expiresAt.ISO8601Format()), as Authorization: Bearer; it only reads.")
        }
        return ExitStatus.yes
    }

    private func tell(_ status: DeviceStatus) {
        if let notice = status.notice { Output.line(notice) }
        let address = "up \(status.uptimeSeconds) s, \(status.address)"
        Output.line("edged \(status.version) (\(status.role)): \(status.status), \(address)")
        for address in status.addresses.dropFirst() { Output.line("also at \(address)") }
        if let fingerprint = status.tlsFingerprint { Output.line("certificate SHA-256 \(fingerprint)") }
        Output.line("people \(status.people), open sessions \(status.openSessions), liveness \(status.livenessPolicy)")
        if let decoder = status.decoder, decoder.isolation != "off" {
            Output.line("isolated decoder: \(decoder.pictures ?? 0) pictures, \(decoder.failures ?? 0) failures")
        }
        if let sqlite = status.sqlite {
            Output.line(
                "SQLite \(sqlite.version)\(sqlite.isWALResetFixed ? "" : ", open the store with no other tool")")
        }
        if let waiting = status.outbox?.map({ "\($0.lane) \($0.records)" }) {
            Output.line("waiting for central: \(waiting.joined(separator: ", "))")
        }
        if let fleet = status.central?.fleet {
            let waiting = "\(fleet.quarantined.waiting) quarantined, \(fleet.erasures.waiting) erasures open"
            Output.line("fleet: \(fleet.members) devices, \(fleet.silent) not heard of, \(waiting)")
        }
        for camera in status.cameras {
            let rate = String(format: "%.1f", camera.framesPerSecond)
            let light = camera.isCovered ? ", sees nothing" : ""
            let rest = camera.pace == .slow ? ", slowed" : ""
            let picture = "\(camera.format) \(camera.width)x\(camera.height) \(rate)/s\(rest)\(light)"
            let still = camera.fault ?? (camera.pace == .released ? "released" : "not streaming")
            let duty = [camera.role, camera.infrared.map { "infrared \($0)" }].compactMap(\.self)
            let name = camera.name + (duty.isEmpty ? "" : " (\(duty.joined(separator: ", ")))")
            Output.line("camera \(name): \(camera.isStreaming ? picture : still)")
        }
        for condition in status.conditions {
            Output.line("\(condition.severity.rawValue): \(condition.title) [\(condition.code)]")
            Output.line("    \(condition.remedy)")
        }
    }
}
