import Capture
import EdgeCore
import Foundation

/// Looks at everything that a door needs, with the daemon or without it.
struct Doctor {
    let common: CommonOptions

    /// One finding or more for each area, in the order of the areas.
    func examine() async -> [Finding] {
        let configuration: DaemonConfiguration
        do throws(EdgeError) { configuration = try common.configuration() } catch {
            return error.detail.split(separator: "\n").map {
                Finding(.configuration, .bad, String($0), fix: "edged config check, once it is mended")
            } + UnitExam.findings
        }
        var found = [Finding(.configuration, .good, "The configuration is good.")]
        let machine = MachineExam(configuration: configuration).findings
        let status = await self.status(configuration)
        found += await daemon(status, configuration)
        // The daemon may go by other models than this command would.
        found += machine.filter { status == nil || $0.area != .models }
        found += UnitExam.findings
        let order = Dictionary(uniqueKeysWithValues: zip(Finding.Area.allCases, 0...))
        return found.enumerated().sorted {
            (order[$0.element.area] ?? 0, $0.offset) < (order[$1.element.area] ?? 0, $1.offset)
        }.map(\.element)
    }

    private func status(_ configuration: DaemonConfiguration) async -> DeviceStatus? {
        let client = ControlClient(socketPath: configuration.http.controlSocket)
        guard let bytes = try? await client.get("/status") else { return nil }
        return try? ControlJSON.decode(DeviceStatus.self, from: bytes)
    }

    /// What a running daemon tells of itself, or what can be seen without one; a central instance needs more than a device.
    private func daemon(_ status: DeviceStatus?, _ configuration: DaemonConfiguration) async -> [Finding] {
        let now = SystemClock().wall
        let stopped = StoppedCentral(configuration: configuration)
        guard let status else {
            guard stopped.isHere else { return missing(configuration, start: "systemctl start edged, or edged run") }
            return missing(configuration, start: "systemctl start edged-central, or edged central")
                + (await stopped.findings(at: now)) + disk(configuration)
        }
        let found = StatusExam(status: status, now: now).findings
        guard status.role == StatusBoard.centralRole else { return found }
        guard let standing = status.central else {
            return found + [
                Finding(
                    .database, .unknown, "Central has not looked at its books yet.", fix: "ask again in some seconds")
            ]
        }
        return found + disk(configuration)
            + CentralExam(standing: standing, now: now, connections: configuration.centralConnections).findings
    }

    /// Where what devices send is kept, where that is a file here.
    private func disk(_ configuration: DaemonConfiguration) -> [Finding] {
        let directory = configuration.central.directory
        guard configuration.central.postgres == nil, configuration.central.postgresFile == nil,
            MachineExam.Presence(of: directory) == .there
        else { return [] }
        return [MachineExam.disk(of: directory)]
    }

    /// Without the daemon its cameras can be tried as it would.
    private func missing(_ configuration: DaemonConfiguration, start: String) -> [Finding] {
        let socket = configuration.http.controlSocket
        let isHidden = MachineExam.Presence(of: socket) == .hidden
        var found = [
            isHidden
                ? Finding(.daemon, .unknown, "\(socket) cannot be reached from this account.", fix: "run this as root")
                : Finding(
                    .daemon, .bad, "No daemon answers at \(socket).",
                    fix: "\(start) --config FILE")
        ]
        for camera in configuration.cameras {
            let explained = CameraExplanation(of: camera.forCapture)
            if let problem = explained.problem {
                found.append(Finding(.cameras, .bad, "\(camera.name): \(problem)", fix: explained.remedy))
            } else {
                found.append(Finding(.cameras, .good, "\(camera.name) could be opened."))
            }
        }
        if configuration.cameras.isEmpty {
            found.append(
                Finding(.cameras, .note, "No camera is configured; pictures come from callers of the API alone."))
        }
        return found
    }
}
