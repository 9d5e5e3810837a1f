import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Capture

@Suite("When a camera rests")
struct IdleWatchTests {
    private static let start = FrameClock().now

    private func at(_ second: Double) -> FrameClock.Instant {
        Self.start.advanced(by: .milliseconds(Int(second * 1000)))
    }

    @Test(
        "it is once nobody has read it for the time configured, as configured",
        arguments: [
            (CameraConfiguration.Idle.stream, CameraPace.full), (.slow(framesPerSecond: 2), .slow),
            (.release, .released),
        ])
    func rests(idle: CameraConfiguration.Idle, pace: CameraPace) {
        var watch = IdleWatch(idle, after: .seconds(30))
        for second in 0..<30 { #expect(watch.pace(isWatched: false, at: at(Double(second))) == .full) }
        #expect(watch.pace(isWatched: false, at: at(30)) == pace)
        #expect(watch.pace(isWatched: true, at: at(31)) == .full, "whoever reads has all pictures at once")
        for second in 32..<61 { #expect(watch.pace(isWatched: false, at: at(Double(second))) == .full) }
        #expect(watch.pace(isWatched: false, at: at(61)) == pace)
    }

    @Test("movement is as good as a reader, and a new stream is seen to work before it rests")
    func wanted() {
        var watch = IdleWatch(.slow(framesPerSecond: 2), after: .seconds(10))
        #expect(watch.pace(isWatched: false, at: at(0)) == .full)
        #expect(watch.pace(isWatched: false, at: at(10)) == .slow)
        watch.wanted(at: at(11))
        #expect(watch.pace(isWatched: false, at: at(20)) == .full)
        #expect(watch.pace(isWatched: false, at: at(21)) == .slow)
        watch.begins()
        #expect(watch.pace(isWatched: false, at: at(100)) == .full)
        #expect(watch.pace(isWatched: false, at: at(110)) == .slow)
    }
}

@Suite("A camera that rests")
struct RestingCameraTests {
    private let folder: TemporaryDirectory
    private let health = HealthBoard()

    init() throws { folder = try TemporaryDirectory() }

    private func write(_ pictures: [Image]) throws {
        for (index, picture) in pictures.enumerated() {
            let name = "\(1000 + index).jpg"
            try Data(try Pictures.jpeg(picture)).write(to: folder.url.appending(path: name))
        }
    }

    private func camera(_ idle: CameraConfiguration.Idle, after: Duration = .milliseconds(300)) -> CameraConfiguration {
        var configuration = CameraConfiguration(
            name: "door", source: .replay(folder.url.path), preferredFrameRate: 50, loops: true)
        (configuration.idle, configuration.idleAfter) = (idle, after)
        return configuration
    }

    @Test("a released one gives nothing, has no fault, and streams again for whoever reads")
    func released() async throws {
        try write([Pictures.quarters(width: 64, height: 64)])
        try await withRunningCamera(camera(.release), health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            #expect(camera.status.pace == .full && camera.status.isStreaming)
            mailbox.finish()
            for _ in 1...3 {
                try await eventually("released") { camera.status.pace == .released }
                let status = camera.status
                #expect(!status.isStreaming && status.isReady && status.fault == nil && status.framesPerSecond == 0)
                let reader = camera.subscribe()
                let frames = try await reader.take(3)
                #expect(frames.allSatisfy { $0.sequence >= status.frames }, "of the time before nothing is left")
                #expect(camera.status.pace == .full && camera.status.isStreaming)
                reader.finish()
            }
            #expect(camera.status.recoveries == 0 && health.current.isEmpty)
        }
    }

    @Test("a reader who stays keeps it awake however long, and one who comes and goes at once wakes it too")
    func readers() async throws {
        try write([Pictures.quarters(width: 64, height: 64)])
        try await withRunningCamera(camera(.release, after: .milliseconds(100))) { camera, mailbox in
            let frames = try await mailbox.take(40)
            #expect(frames.count == 40 && camera.status.pace == .full, "for several times the idle time")
            mailbox.finish()
            try await eventually("released") { camera.status.pace == .released }
            let before = camera.status.frames
            // Who hangs up before the first picture leaves a camera that rests again, not one that hangs.
            for _ in 1...20 { camera.subscribe().finish() }
            let reader = camera.subscribe()
            _ = try await reader.take(2)
            #expect(camera.status.frames > before)
        }
    }

    @Test("a released one stops at once when it is told to")
    func stops() async throws {
        try write([Pictures.quarters(width: 64, height: 64)])
        let camera = Camera(
            configuration: camera(.release), timing: .quick, health: health, log: .silent)
        let running = Task { try await camera.run() }
        try await eventually("released") { camera.status.pace == .released }
        running.cancel()
        try await within(.seconds(60), "the end of the run") { try await running.value }
    }

    @Test("a slow one gives few pictures, counts none of the others as lost, and all of them to whoever reads")
    func slow() async throws {
        try write([Pictures.quarters(width: 320, height: 240)])
        try await withRunningCamera(camera(.slow(framesPerSecond: 5)), health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            mailbox.finish()
            try await eventually("slow") { camera.status.pace == .slow }
            // Measured over some seconds: at 50 a second at first.
            try await eventually("few pictures") { (0.1..<10).contains(camera.status.framesPerSecond) }
            #expect(camera.status.isStreaming && camera.status.dropped == 0 && health.current.isEmpty)
            let reader = camera.subscribe()
            let frames = try await reader.take(20)
            let (first, last) = (try #require(frames.first), try #require(frames.last))
            let seconds = first.capturedAt.duration(to: last.capturedAt) / .seconds(1)
            // A machine that is busy may hold it up, but not to a tenth.
            #expect(Double(last.sequence - first.sequence) / seconds > 6)
            #expect(camera.status.pace == .full)
        }
    }

    @Test("what moves before a slow one wakes it, and when nothing does it rests again")
    func movement() async throws {
        let wall = Pictures.quarters(width: 320, height: 240)
        let visitor = Scene.with(wall, patch: 80..<160, 60..<200, tone: 128)
        try write([Image](repeating: wall, count: 20) + [visitor, visitor])
        try await withRunningCamera(camera(.slow(framesPerSecond: 10))) { camera, mailbox in
            mailbox.finish()
            for _ in 1...2 {
                try await eventually("slow") { camera.status.pace == .slow }
                try await eventually("awake without a reader") { camera.status.pace == .full }
            }
        }
    }

    @Test("a fault ends the rest, and is told as ever")
    func fault() throws {
        let hub = CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2"))
        let sink = FrameSink(
            camera: "door", hub: hub, health: health, log: .silent,
            backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5)))
        let picture = EncodedImage(encoding: .grey, width: 1, height: 1, stride: 1, bytes: [0])
        sink.opened(path: "/dev/video0", format: "GREY", width: 1, height: 1, why: "")
        sink.deliver(picture, capturedAt: FrameClock().now)
        sink.lightChanged(.covered(try #require(Brightness(of: [14, 18]))))
        sink.released()
        #expect(hub.status.pace == .released && hub.status.isReady && !hub.status.isCovered && health.current.isEmpty)
        sink.opened(path: "/dev/video0", format: "GREY", width: 1, height: 1, why: "")
        #expect(hub.status.isReady, "until the first picture is there it is one that will give some")
        _ = sink.failed(EdgeError(.cameraBusy))
        #expect(hub.status.pace == .full && !hub.status.isReady && hub.status.fault == "capture.device.busy")
        sink.deliver(picture, capturedAt: FrameClock().now)
        #expect(hub.status.isStreaming && hub.status.recoveries == 1 && health.current.isEmpty)
    }
}

@Suite("The place of a released device")
struct DevicePlaceTests {
    @Test("is as it was while the same device is there, and not when it has gone or several fit")
    func place() throws {
        let folder = try TemporaryDirectory()
        let file = folder.url.appending(path: "video")
        try Data().write(to: file)
        let place = DevicePlace(of: file.path)
        #expect(place.isAsItWas)
        try FileManager.default.removeItem(at: file)
        #expect(!place.isAsItWas)
        try Data().write(to: file)
        #expect(place.isAsItWas)
        #expect(!DevicePlace(of: "driver:no such driver").isAsItWas)
    }
}
