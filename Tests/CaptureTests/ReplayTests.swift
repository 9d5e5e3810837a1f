import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import Capture

@Suite("Replay camera")
struct ReplayTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Pictures of 64, 72, 80 … columns, so that each one's place in the order shows.
    private func write(_ names: [String]) throws {
        for (index, name) in names.enumerated() {
            let jpeg = try Pictures.jpeg(Pictures.quarters(width: 64 + 8 * index, height: 64))
            try Data(jpeg).write(to: folder.url.appending(path: name))
        }
    }

    private func replay(_ path: String? = nil, rate: Int = 200, loops: Bool = false) -> CameraConfiguration {
        CameraConfiguration(
            name: "demo", source: .replay(path ?? folder.url.path), preferredFrameRate: rate, loops: loops)
    }

    @Test("plays a directory in the order of names and ends")
    func order() async throws {
        try write(["a.jpg", "b.JPG", "c.jpeg"])
        try Data("no picture".utf8).write(to: folder.url.appending(path: "notes.txt"))
        try await withRunningCamera(replay(rate: 20)) { camera, mailbox in
            let frames = try await mailbox.take(10)
            // On a busy machine a frame may be replaced before it is read, never the last one.
            #expect(frames.allSatisfy { $0.image.width == 64 + 8 * Int($0.sequence) })
            #expect(frames.last?.sequence == 2 && frames.count + Int(mailbox.replacedFrames) == 3)
            #expect(frames.allSatisfy { $0.origin == .camera && $0.image.encoding == .jpeg })
            #expect(!camera.status.isStreaming && camera.status.frames == 3 && camera.status.fault == nil)
            var late = camera.subscribe().frames.makeAsyncIterator()
            #expect(await late.next() == nil)
        }
    }

    @Test("tells its role and the infrared camera beside it, running or not")
    func duty() {
        var configuration = replay()
        (configuration.role, configuration.infrared) = ("door-in", "door-ir")
        let status = Camera(configuration: configuration, health: HealthBoard(), log: Logger(label: "test")).status
        #expect(status.role == "door-in" && status.infrared == "door-ir")
    }

    @Test("starts over when it loops")
    func loop() async throws {
        try write(["1.jpg", "2.jpg"])
        try await withRunningCamera(replay(rate: 50, loops: true)) { camera, mailbox in
            let frames = try await mailbox.take(7)
            for (frame, next) in zip(frames, frames.dropFirst()) where next.sequence == frame.sequence + 1 {
                #expect(frame.image.width != next.image.width)
            }
            #expect(camera.status.kind == "replay" && camera.status.isStreaming && camera.status.recoveries == 0)
        }
    }

    @Test("keeps its rate", arguments: [25, 50])
    func rate(framesPerSecond: Int) async throws {
        try write(["1.jpg", "2.jpg"])
        try await withRunningCamera(replay(rate: framesPerSecond, loops: true)) { camera, mailbox in
            let frames = try await mailbox.take(30)
            let first = try #require(frames.first)
            let last = try #require(frames.last)
            let seconds = first.capturedAt.duration(to: last.capturedAt) / .seconds(1)
            let rate = Double(last.sequence - first.sequence) / seconds
            // It never runs ahead; a busy machine may hold it up.
            #expect(rate < Double(framesPerSecond) * 1.05)
            #expect(rate > Double(framesPerSecond) * 0.25)
            #expect(camera.status.framesPerSecond > 0)
        }
    }

    @Test("plays an MJPEG file of real footage")
    func mjpeg() async throws {
        let path = TestInputs.data.appending(path: "webcam-man.mjpeg").path
        _ = try TestInputs.bytes("webcam-man.mjpeg").count
        try await withRunningCamera(replay(path, rate: 100, loops: true)) { camera, mailbox in
            let decoder = TurboImageDecoder()
            for frame in try await mailbox.take(10) { _ = try decoder.decode(frame.image, scale: .full) }
            #expect(camera.status.broken == 0)
        }
    }

    @Test("counts pictures that cannot be read and plays the others")
    func badPictures() async throws {
        try write(["1.jpg", "3.jpg"])
        try Data([0xFF, 0xD8, 0xFF, 0xE0]).write(to: folder.url.appending(path: "2.jpg"))
        try await withRunningCamera(replay(rate: 20)) { camera, mailbox in
            let frames = try await mailbox.take(10)
            #expect(frames.allSatisfy { $0.image.width == 64 + 8 * Int($0.sequence) })
            #expect(frames.last?.image.width == 72)
            #expect(camera.status.broken == 1 && camera.status.frames == 2)
        }
    }

    @Test("reports footage that is not there and plays it when it comes")
    func appearsLater() async throws {
        let health = HealthBoard()
        let later = folder.url.appending(path: "later")
        try await withRunningCamera(replay(later.path, loops: true), health: health) { camera, mailbox in
            try await eventually("reported") { health.current.map(\.code) == ["capture.replay.unreadable"] }
            #expect(health.current.first?.subject == "demo")
            #expect(camera.status.fault == "capture.replay.unreadable" && !camera.status.isStreaming)
            try FileManager.default.createDirectory(at: later, withIntermediateDirectories: false)
            try await eventually("an empty directory is reported too") {
                health.current.first?.title.contains("no JPEG") == true
            }
            let jpeg = try Pictures.jpeg(Pictures.quarters(width: 64, height: 64))
            try Data(jpeg).write(to: later.appending(path: "1.jpg"), options: .atomic)
            _ = try await mailbox.take(3)
            #expect(health.current.isEmpty && camera.status.recoveries == 1 && camera.status.isStreaming)
        }
    }

    @Test(
        "refuses by name what is no MJPEG file",
        arguments: [("RIFF....AVI LIST", "AVI"), ("....ftypisom", "MP4"), ("hello", "not an MJPEG")])
    func wrongFile(start: String, word: String) throws {
        let path = folder.path("film")
        try Data(start.utf8).write(to: URL(filePath: path))
        let error = #expect(throws: EdgeError.self) { _ = try MJPEGFile(path: path).broken }
        #expect(error?.code == .replayUnreadable && error?.detail.contains(word) == true)
    }

    @Test("gives every subscriber every frame, and the newest one to a slow reader")
    func subscribers() async throws {
        try write((0..<9).map { "\($0).jpg" })
        try await withRunningCamera(replay(rate: 100, loops: true)) { camera, quick in
            let slow = camera.subscribe()
            let seen = try await quick.take(8)
            var reader = slow.frames.makeAsyncIterator()
            let newest = try #require(await reader.next())
            // The slow one may have been served before the quick one.
            let last = try #require(seen.last)
            #expect(newest.sequence + 1 >= last.sequence)
            #expect(slow.replacedFrames > 0)
            slow.finish()
            // One frame may have come before the end.
            var rest = 0
            while await reader.next() != nil { rest += 1 }
            #expect(rest <= 1)
        }
    }

    @Test("stops in the middle of a wait when cancelled, and can run again")
    func cancelled() async throws {
        let long = Backoff(initial: .seconds(3600), maximum: .seconds(3600))
        let camera = Camera(
            configuration: replay(folder.path("nowhere")), timing: CaptureTiming(backoff: long), health: HealthBoard(),
            log: .silent)
        for _ in 1...3 {
            let mailbox = camera.subscribe()
            let running = Task { try await camera.run() }
            try await eventually("waits") { camera.status.fault != nil }
            running.cancel()
            try await within(.seconds(60), "the end of the run") { try await running.value }
            var frames = mailbox.frames.makeAsyncIterator()
            #expect(await frames.next() == nil)
        }
    }
}
