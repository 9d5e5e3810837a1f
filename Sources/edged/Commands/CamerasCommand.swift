import ArgumentParser
import Capture
import EdgeCore
import Foundation
import Logging

/// `edged cameras`.
struct CamerasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cameras", abstract: "Look at the cameras of this machine, or try one.",
        subcommands: [
            List.self, Explain.self, Controls.self, Pin.self, Trial.self, Snapshot.self, Watch.self,
        ], defaultSubcommand: List.self)

    struct List: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the video devices of this machine and what they offer.")

        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let paces = await paces()
            let configured = try common.configuration().cameras.map {
                Listing.Configured($0, pace: paces[$0.name])
            }
            let devices = CameraCatalog.devices()
            if common.json {
                try Output.json(Listing(configured: configured, devices: devices))
            } else {
                tell(configured, devices)
            }
            return devices.isEmpty && configured.isEmpty ? ExitStatus.no : ExitStatus.yes
        }

        /// How much a running daemon asks of its cameras, by name; nothing of one that does not answer.
        private func paces() async -> [String: CameraPace] {
            let client = ControlClient(socketPath: common.controlSocket())
            guard await client.isDaemonThere(), let bytes = try? await client.get("/status"),
                let status = try? ControlJSON.decode(DeviceStatus.self, from: bytes)
            else { return [:] }
            return Dictionary(status.cameras.map { ($0.name, $0.pace) }) { first, _ in first }
        }

        private func tell(_ configured: [Listing.Configured], _ devices: [CameraDescription]) {
            for camera in configured { Output.line("configured: \(camera.summary)") }
            if devices.isEmpty { Output.line("no video device on this machine") }
            for device in devices { Output.line(device.summary) }
        }
    }

    struct Explain: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell how each configured camera would be opened now, and why so.",
            discussion: "Ends with 1 when one of them could not be. A running daemon is not disturbed.")

        @Argument(help: "The camera's name in the configuration; all of them without one.")
        var name: String?
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let found = try common.cameras(named: name).map { CameraExplanation(of: $0.forCapture) }
            if common.json { try Output.json(found) } else { found.forEach { Output.line($0.summary) } }
            return found.contains { $0.problem != nil } ? ExitStatus.no : ExitStatus.yes
        }
    }

    struct Controls: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the controls of configured cameras with range, value at the start and value now.",
            discussion:
                "Ends with 1 when a camera does not take what is configured. A running daemon is not disturbed.")

        @Argument(help: "The camera's name in the configuration; all of them without one.")
        var name: String?
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let found = try common.cameras(named: name).map { CameraExplanation(of: $0.forCapture) }
            if common.json { try Output.json(found) } else { found.forEach { Output.line($0.controlsSummary) } }
            let isWell = found.allSatisfy { $0.problem == nil && $0.refusedSettings.isEmpty }
            return isWell ? ExitStatus.yes : ExitStatus.no
        }
    }

    struct Pin: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the line that pins a configured camera to the one that is plugged in now.",
            discussion: """
                The line goes below the camera's [[cameras]] in the configuration; the daemon then refuses any other. Run it \
                while you can see that the camera is the right one. A running daemon is not disturbed.
                """)

        @Argument(help: "The camera's name in the configuration.")
        var name: String
        @Flag(help: "Pin the place too: it may not be plugged in elsewhere.")
        var strict = false
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            var camera = try common.cameras(named: name)[0].forCapture
            // What was pinned until now is what changes.
            camera.pin = nil
            let found = CameraExplanation(of: camera)
            guard let identity = found.identity, found.code == nil else {
                if common.json { try Output.json(found) } else { Output.line(found.summary) }
                return ExitStatus.no
            }
            let line = CameraPin(of: identity, isStrict: strict).configurationLine
            if common.json { try Output.json(Pinned(identity: identity, line: line)) } else { Output.line(line) }
            return ExitStatus.yes
        }
    }

    struct Trial: EdgedCommand {
        static let configuration = CommandConfiguration(
            commandName: "test", abstract: "Watch one configured camera for some seconds and tell what it gives.",
            discussion:
                "Ends with 1 when no picture came. A camera that the daemon streams from is busy: stop it first.")

        @Argument(help: "The camera's name in the configuration.")
        var name: String
        @Option(name: .long, help: "How long to watch, 1 to 600.")
        var seconds = 5
        @Option(name: .long, help: "A directory for the first ten pictures, as the camera gave them.")
        var save: String?
        @OptionGroup var common: CommonOptions

        func validate() throws {
            guard (1...600).contains(seconds) else { throw ValidationError("--seconds is 1 to 600.") }
        }

        func perform() async throws -> ExitCode {
            let camera = try common.cameras(named: name)[0].forCapture
            let album = try save.map { try PictureAlbum(directory: $0) }
            // What is wrong is told once, in the result.
            var log = LogSetup.quiet()
            log.logLevel = .critical
            let trial = try await CameraTrial.run(camera, for: .seconds(seconds), log: log) { image in
                await album?.keep(image)
            }
            if common.json { try Output.json(trial) } else { Output.line(trial.summary) }
            return trial.frames > 0 ? ExitStatus.yes : ExitStatus.no
        }
    }
}

extension CommonOptions {
    /// The configured cameras, or the one of this name; throws `capture.camera.unknown`.
    func cameras(named name: String?) throws(EdgeError) -> [DaemonConfiguration.Camera] {
        let cameras = try configuration().cameras
        guard let name else { return cameras }
        let named = cameras.filter { $0.name == name }
        guard !named.isEmpty else { throw EdgeError(.cameraUnknown, "\(name) is not configured.") }
        return named
    }
}

/// Keeps the first pictures of a camera as files.
private actor PictureAlbum {
    private let directory: URL
    private var count = 0

    init(directory: String) throws(EdgeError) {
        self.directory = URL(filePath: directory, directoryHint: .isDirectory)
        do {
            try FileManager.default.createDirectory(at: self.directory, withIntermediateDirectories: true)
        } catch {
            throw EdgeError(.configurationInvalid, "\(directory) cannot be made.")
        }
    }

    func keep(_ image: EncodedImage) {
        guard count < 10 else { return }
        let kind = image.encoding == .jpeg ? "jpg" : "\(image.width)x\(image.height).\(image.encoding.rawValue)"
        let file = directory.appending(path: "\(count).\(kind)")
        do { try Data(image.bytes).write(to: file) } catch { Output.complain("\(file.path) cannot be written.") }
        count += 1
    }
}

private struct Pinned: Encodable {
    var identity: CameraIdentity
    var line: String
}

private struct Listing: Encodable {
    struct Configured: Encodable {
        var name: String
        var device: String?
        var replay: String?
        var idle: String
        var pace: CameraPace?

        /// `pace` is what a running daemon says of it.
        init(_ camera: DaemonConfiguration.Camera, pace: CameraPace?) {
            (name, self.pace) = (camera.name, pace)
            idle = camera.idle.rawValue
            switch camera.source {
            case .device(let path): device = path
            case .replay(let path): replay = path
            }
        }

        var summary: String {
            let rest = pace.map { $0 == .full ? "" : ", \($0.rawValue)" } ?? ""
            return "\(name): \(device ?? replay ?? "")\(rest)"
        }
    }
    var configured: [Configured]
    var devices: [CameraDescription]
}
