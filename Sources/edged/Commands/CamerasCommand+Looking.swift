import ArgumentParser
import Capture
import EdgeCore
import Foundation
import Logging

extension CamerasCommand {
    struct Snapshot: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep one picture of a configured camera as a JPEG file.",
            discussion: """
                A running daemon gives it where [preview] of its configuration lets somebody look, and writes that down. \
                Without a daemon it comes from the camera itself.
                """)

        @Argument(help: "The camera's name in the configuration.")
        var name: String
        @Argument(help: "The file; one that is there is replaced.")
        var file: String
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let client = ControlClient(socketPath: common.controlSocket())
            let taken: Control.Snapshot
            if await client.isDaemonThere() {
                taken = try await ask(client)
            } else {
                taken = try await take(try common.cameras(named: name)[0].forCapture)
            }
            let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
            guard FileManager.default.createFile(atPath: file, contents: taken.picture, attributes: attributes) else {
                throw EdgeError(.requestInvalid, "\(file) cannot be written", field: "file")
            }
            let kept = Kept(camera: taken.camera, file: file, width: taken.width, height: taken.height)
            if common.json { try Output.json(kept) } else { Output.line("\(file): \(kept.width)x\(kept.height)") }
            return ExitStatus.yes
        }

        private func ask(_ client: ControlClient) async throws(EdgeError) -> Control.Snapshot {
            let query = try ControlJSON.encode(Control.CameraQuery(camera: name))
            let bytes = try await client.run(command: ControlCommand.camerasSnapshot.rawValue, argumentsJSON: query)
            return try ControlJSON.decode(Control.Snapshot.self, from: bytes)
        }

        private func take(_ camera: CameraConfiguration) async throws -> Control.Snapshot {
            let image = try await CameraSnapshot.take(camera, within: .seconds(10), log: CamerasCommand.silent())
            return Control.Snapshot(
                camera: camera.name, width: image.width, height: image.height, picture: Data(image.bytes))
        }
    }

    struct Watch: EdgedCommand {
        static let configuration = CommandConfiguration(
            abstract: "Tell once a second what the cameras give, until Ctrl-C.",
            discussion: """
                Rate, age and losses of the pictures and what is wrong, from the running daemon, or from the cameras \
                themselves where none runs. With --json each line is a document. No picture is looked at.
                """)

        @Argument(help: "The camera's name in the configuration; all of them without one.")
        var name: String?
        @Option(name: .long, help: "End after so many seconds.")
        var seconds: Int?
        @OptionGroup var common: CommonOptions

        func perform() async throws -> ExitCode {
            let configured = try common.cameras(named: name)
            guard !configured.isEmpty else { throw EdgeError(.cameraUnknown, "no camera is configured") }
            let client = ControlClient(socketPath: common.controlSocket())
            guard await !client.isDaemonThere() else {
                return try await tell(of: configured.map(\.name)) {
                    let bytes = try await client.get("/status")
                    let status = try ControlJSON.decode(DeviceStatus.self, from: bytes)
                    return CameraSight(cameras: status.cameras, conditions: status.conditions)
                }
            }
            return try await watchAlone(
                configured.map { camera in
                    var camera = camera.forCapture
                    // Somebody looks, though nobody reads.
                    camera.idle = .stream
                    return camera
                })
        }

        private func watchAlone(_ configurations: [CameraConfiguration]) async throws -> ExitCode {
            let health = HealthBoard()
            let log = CamerasCommand.silent()
            let cameras = configurations.map { Camera(configuration: $0, health: health, log: log) }
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for camera in cameras { group.addTask { try await camera.run() } }
                defer { group.cancelAll() }
                return try await tell(of: cameras.map(\.name)) {
                    CameraSight(cameras: cameras.map(\.status), conditions: health.current)
                }
            }
        }

        private func tell(
            of names: [String], _ look: () async throws -> CameraSight
        ) async throws -> ExitCode {
            var before = try await look()
            var told = 0
            while seconds.map({ told < $0 }) ?? true {
                try await Task.sleep(for: .seconds(1))
                let now = try await look()
                for line in now.lines(since: before) where names.contains(line.camera) {
                    if common.json { Output.line(try ControlJSON.line(line)) } else { Output.line(line.summary) }
                }
                before = now
                told += 1
            }
            return ExitStatus.yes
        }
    }

    /// What is wrong is told once, in the result.
    private static func silent() -> Logger {
        var log = LogSetup.quiet()
        log.logLevel = .critical
        return log
    }
}

private struct Kept: Encodable {
    var camera: String
    var file: String
    var width: Int
    var height: Int
}

/// How all cameras stand at one moment.
struct CameraSight: Sendable {
    var cameras: [CameraStatus]
    var conditions: [HealthCondition]

    /// What each camera has given since an earlier moment.
    func lines(since before: CameraSight) -> [CameraLine] {
        cameras.map { camera in
            CameraLine(
                camera, since: before.cameras.first { $0.name == camera.name },
                conditions: conditions.filter { $0.subject == camera.name }.map(\.code))
        }
    }
}

/// What a camera gave between two looks at it.
struct CameraLine: Encodable, Equatable, Sendable {
    var camera: String
    var isStreaming: Bool
    var pace: CameraPace
    var format: String
    var framesPerSecond: Double
    var latencyMs: Double?
    var frames: UInt64
    var dropped: UInt64
    var broken: UInt64
    var recoveries: UInt64
    var conditions: [String]

    init(_ now: CameraStatus, since before: CameraStatus?, conditions: [String]) {
        // A daemon that was started anew counts from nothing.
        func more(_ count: (CameraStatus) -> UInt64) -> UInt64 {
            let earlier = before.map(count) ?? 0
            return count(now) >= earlier ? count(now) - earlier : count(now)
        }
        camera = now.name
        (isStreaming, pace) = (now.isStreaming, now.pace)
        format = now.format.isEmpty ? "" : "\(now.format) \(now.width)x\(now.height)"
        framesPerSecond = now.framesPerSecond
        latencyMs = now.latencyMs
        frames = more { $0.frames }
        dropped = more { $0.dropped }
        broken = more { $0.broken }
        recoveries = more { $0.recoveries }
        self.conditions = conditions
    }

    /// What a technician reads.
    var summary: String {
        let age = latencyMs.map { ", age \($0) ms" } ?? ""
        let rest = pace == .slow ? ", slowed" : ""
        let still = pace == .released ? "released" : "no pictures"
        let picture = isStreaming ? "\(format) \(framesPerSecond)/s\(age)\(rest)" : still
        let recovered = recoveries > 0 ? ", recovered" : ""
        let trouble = conditions.isEmpty ? "" : " [\(conditions.joined(separator: ", "))]"
        return "\(camera): \(picture), \(frames) new, \(dropped) dropped, \(broken) broken\(recovered)\(trouble)"
    }
}
