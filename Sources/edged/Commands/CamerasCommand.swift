import ArgumentParser
import Capture
import EdgeCore

/// `edged cameras`.
struct CamerasCommand: EdgedCommand {
    static let configuration = CommandConfiguration(
        commandName: "cameras", abstract: "List the video devices of this machine and what they offer.")

    @OptionGroup var common: CommonOptions

    func perform() async throws -> ExitCode {
        let configured = try common.configuration().cameras
        let devices = CameraCatalog.devices()
        if common.json {
            try Output.json(Listing(configured: configured.map(Listing.Configured.init), devices: devices))
        } else {
            tell(configured, devices)
        }
        return devices.isEmpty && configured.isEmpty ? ExitStatus.no : ExitStatus.yes
    }

    private func tell(_ configured: [DaemonConfiguration.Camera], _ devices: [CameraDescription]) {
        for camera in configured { Output.line("configured: \(Listing.Configured(camera).summary)") }
        if devices.isEmpty { Output.line("no video device on this machine") }
        for device in devices { Output.line(device.summary) }
    }

    private struct Listing: Encodable {
        struct Configured: Encodable {
            var name: String
            var device: String?
            var replay: String?

            init(_ camera: DaemonConfiguration.Camera) {
                name = camera.name
                switch camera.source {
                case .device(let path): device = path
                case .replay(let path): replay = path
                }
            }

            var summary: String { "\(name): \(device ?? replay ?? "")" }
        }
        var configured: [Configured]
        var devices: [CameraDescription]
    }
}
