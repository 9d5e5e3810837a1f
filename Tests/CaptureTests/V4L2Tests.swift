import EdgeCore
import Foundation
import Testing

@testable import Capture

/// Whether this machine has the kernel modules vivid and dummy_hcd, the program `uvcfake`, and may use them.
private let hasTestCameras = ProcessInfo.processInfo.environment["EDGED_CAMERA_TESTS"] != nil

@Suite(
    "V4L2 on a real kernel",
    .enabled(if: hasTestCameras, "set EDGED_CAMERA_TESTS on a machine with vivid, dummy_hcd and uvcfake"), .serialized)
struct V4L2Tests {
    let decoder = TurboImageDecoder()

    @Test("lists a USB camera with formats, sizes, rates and controls, and its other node as no camera")
    func catalogue() async throws {
        let camera = try await FakeUSBCamera.plugIn(serial: "CATALOG")
        defer { camera.unplug() }
        let devices = CameraCatalog.devices().filter { $0.driver == "uvcvideo" }
        let found = try #require(devices.first { $0.isCamera })
        #expect(found.path == camera.path)
        #expect(found.card.contains("Software Camera"))
        #expect(devices.contains { !$0.isCamera })
        let mjpeg = try #require(found.formats.first { $0.code == "MJPG" })
        #expect(mjpeg.isCompressed && !mjpeg.isEmulated)
        #expect(mjpeg.sizes.contains { $0.width == 640 && $0.height == 480 && !$0.intervals.isEmpty })
        #expect(mjpeg.sizes.flatMap(\.intervals).contains { $0.framesPerSecond == 30 })
        let brightness = try #require(found.controls.first { $0.name == "brightness" })
        #expect(brightness.minimum < brightness.maximum && brightness.value != nil)
    }

    @Test("streams MJPEG from a USB camera in order, each frame whole")
    func mjpeg() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "MJPEG")
        defer { device.unplug() }
        try await withRunningCamera(CameraConfiguration(name: "door", source: .device(device.path))) {
            camera, mailbox in
            let frames = try await mailbox.take(30)
            #expect(frames.count == 30)
            for (frame, next) in zip(frames, frames.dropFirst()) {
                #expect(frame.sequence < next.sequence)
                #expect(frame.capturedAt < next.capturedAt)
            }
            for frame in frames {
                #expect(frame.image.encoding == .jpeg)
                let image = try decoder.decode(frame.image, scale: .full)
                #expect(image.width == 640 && image.height == 480)
            }
            let age = try #require(frames.last).capturedAt.duration(to: FrameClock().now)
            #expect(age >= .zero && age < .seconds(5))
            #expect(camera.status.format == "MJPG" && camera.status.isStreaming && camera.status.fault == nil)
            #expect(camera.status.framesPerSecond > 5)
        }
    }

    @Test("streams raw formats", arguments: ["YUYV", "NV12", "GREY"])
    func raw(format: String) async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        var configuration = CameraConfiguration(
            name: "door", source: .device(device), preferredSize: (640, 360), formatPreference: [format])
        configuration.allowsVirtual = true
        try await withRunningCamera(configuration) { camera, mailbox in
            for frame in try await mailbox.take(5) {
                let image = try decoder.decode(frame.image, scale: .full)
                #expect(image.width == 640 && image.height == 360)
                // The test picture is colour bars: it has both dark and bright pixels.
                #expect(image.pixels.contains { $0 < 60 } && image.pixels.contains { $0 > 180 })
            }
            #expect(camera.status.format == format)
        }
    }

    @Test("takes a camera whose own formats are not wanted through libv4l2, which converts")
    func converted() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "CONVERT")
        defer { device.unplug() }
        let configuration = CameraConfiguration(
            name: "door", source: .device(device.path), formatPreference: ["NV12"])
        try await withRunningCamera(configuration) { camera, mailbox in
            for frame in try await mailbox.take(3) {
                let image = try decoder.decode(frame.image, scale: .full)
                #expect(image.width == 640 && image.height == 480)
                #expect(Set(stride(from: 0, to: image.pixels.count, by: 97).map { image.pixels[$0] }).count > 10)
            }
            #expect(camera.status.format == "BGR3")
        }
    }

    @Test("comes back by itself when a USB camera is unplugged and plugged in again")
    func replug() async throws {
        var device = try await FakeUSBCamera.plugIn(serial: "REPLUG")
        defer { device.unplug() }
        let health = HealthBoard()
        try await withRunningCamera(
            CameraConfiguration(name: "door", source: .device(device.path)), health: health
        ) { camera, mailbox in
            for round in 1...3 {
                _ = try await mailbox.take(5)
                try await eventually("no condition while it streams") { health.current.isEmpty }
                device.unplug()
                try await eventually("a condition names the camera") {
                    health.current.contains { $0.subject == "door" && $0.code == "capture.device.missing" }
                }
                #expect(!camera.status.isStreaming && camera.status.fault == "capture.device.missing")
                device = try await FakeUSBCamera.plugIn(serial: "REPLUG")
                _ = try await mailbox.take(5)
                #expect(camera.status.recoveries == UInt64(round))
                #expect(camera.status.isStreaming && camera.status.fault == nil)
            }
        }
        #expect(health.current.isEmpty)
    }

    @Test("waits for a busy camera and takes it when it is free")
    func busy() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "BUSY")
        defer { device.unplug() }
        let health = HealthBoard()
        let first = CameraConfiguration(name: "first", source: .device(device.path))
        let second = CameraConfiguration(name: "second", source: .device(device.path))
        let holder = Camera(configuration: first, health: health, log: .silent)
        let holding = holder.subscribe()
        let running = Task { try await holder.run() }
        _ = try await holding.take(3)
        try await withRunningCamera(second, health: health) { camera, mailbox in
            try await eventually("busy") { camera.status.fault == "capture.device.busy" }
            #expect(health.current.map(\.code) == ["capture.device.busy"])
            #expect(health.current.map(\.subject) == ["second"])
            running.cancel()
            try await running.value
            _ = try await mailbox.take(3)
            #expect(health.current.isEmpty)
        }
    }

    @Test("keeps streaming and counting while nobody watches")
    func unwatched() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "ALONE")
        defer { device.unplug() }
        try await withRunningCamera(CameraConfiguration(name: "door", source: .device(device.path))) {
            camera, mailbox in
            mailbox.finish()
            try await eventually("frames") { camera.status.frames > 20 }
            let later = camera.subscribe()
            let frame = try #require(try await later.take(1).first)
            #expect(frame.sequence >= 20)
            _ = try decoder.decode(frame.image, scale: .full)
        }
    }

    @Test("counts cut-off frames and delivers none of them")
    func cutFrames() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "CUT", "-t", "5")
        defer { device.unplug() }
        try await withRunningCamera(CameraConfiguration(name: "door", source: .device(device.path))) {
            camera, mailbox in
            for frame in try await mailbox.take(24) { _ = try decoder.decode(frame.image, scale: .full) }
            #expect(camera.status.broken >= 3)
        }
    }

    @Test("sets controls by name and reports those that are not there")
    func controls() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "CONTROL")
        defer { device.unplug() }
        let health = HealthBoard()
        let configuration = CameraConfiguration(
            name: "door", source: .device(device.path), controls: ["brightness": 17, "warp_drive": 1])
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(2)
            #expect(health.current.map(\.code) == ["capture.control.unknown"])
            #expect(health.current.first?.severity == .warning)
            #expect(camera.status.isStreaming)
            #expect(health.current.first?.title.contains("warp_drive") == true)
            let brightness = try VideoDevice(path: device.path).controls().first { $0.name == "brightness" }
            #expect(brightness?.value == 17)
        }
    }

    @Test("turns an automatic off before the value that it would overrule, and reports what is out of range")
    func automatics() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        let health = HealthBoard()
        var configuration = Vivid.camera(device)
        configuration.controls = ["gain": 77, "brightness": 999]
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(2)
            #expect(health.current.map(\.code) == ["capture.control.refused"])
            #expect(camera.status.isStreaming)
            let controls = try VideoDevice(path: device).controls()
            #expect(controls.first { $0.name == "gain" }?.value == 77)
            #expect(controls.first { $0.name == "gain_automatic" }?.value == 0)
        }
    }

    @Test("recovers from an error in the middle of the stream")
    func streamError() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        try await withRunningCamera(Vivid.camera(device)) { camera, mailbox in
            _ = try await mailbox.take(3)
            try Machine.run("v4l2-ctl", "-d", device, "-c", "inject_fatal_streaming_error=1")
            try await eventually("recovered") { camera.status.recoveries == 1 }
            _ = try await mailbox.take(3)
        }
    }

    @Test("calls a picture in which nothing moves frozen, starts anew and moves on when the picture does")
    func frozen() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        let health = HealthBoard()
        var configuration = Vivid.camera(device)
        configuration.frozenAfter = .seconds(2)
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            // Without its clock it shows the same bars each time.
            try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=2")
            try await eventually("frozen again after a new start") { camera.status.frozen >= 2 }
            #expect(health.current.map(\.code) == ["capture.stream.frozen"])
            #expect(!camera.status.isStreaming && camera.status.recoveries == 0)
            try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=0")
            try await eventually("recovered") { camera.status.recoveries == 1 && health.current.isEmpty }
            _ = try await mailbox.take(3)
        }
    }

    @Test("warns of a camera that shows but black or white, which is not frozen, until it shows something")
    func covered() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        let health = HealthBoard()
        var configuration = Vivid.camera(device)
        (configuration.frozenAfter, configuration.coveredAfter) = (.seconds(2), .seconds(4))
        try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=2")
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            for pattern in [5, 6] {
                try Machine.run("v4l2-ctl", "-d", device, "-c", "test_pattern=\(pattern)")
                try await eventually("covered") { health.current.map(\.code) == ["capture.picture.covered"] }
                #expect(camera.status.isStreaming && camera.status.isCovered)
                try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=0", "-c", "test_pattern=0")
                try await eventually("uncovered") { health.current.isEmpty && !camera.status.isCovered }
                try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=2")
            }
            _ = try await mailbox.take(3)
            #expect(camera.status.frozen == 0)
        }
    }

    @Test("refuses a camera that is a program, unless it is allowed")
    func virtual() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        let health = HealthBoard()
        let refused = CameraConfiguration(name: "door", source: .device(device))
        try await withRunningCamera(refused, health: health) { camera, _ in
            try await eventually("refused") { health.current.map(\.code) == ["capture.device.virtual"] }
            #expect(camera.status.frames == 0)
        }
        #expect(CameraExplanation(of: refused).code == "capture.device.virtual")
        #expect(CameraExplanation(of: Vivid.camera(device)).code == nil)
    }

    @Test("takes a pinned camera and no other, also after another was plugged in")
    func pinned() async throws {
        var device = try await FakeUSBCamera.plugIn(serial: "PINNED")
        defer { device.unplug() }
        var configuration = CameraConfiguration(name: "door", source: .device("driver:uvcvideo"))
        let identity = try #require(CameraExplanation(of: configuration).identity)
        #expect(identity.usb == "1d6b:0102:PINNED" && identity.driver == "uvcvideo" && !identity.isVirtual)
        configuration.pin = CameraPin(of: identity)
        let health = HealthBoard()
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            device.unplug()
            device = try await FakeUSBCamera.plugIn(serial: "OTHER")
            try await eventually("refused") { health.current.map(\.code) == ["capture.pin.changed"] }
            let frames = camera.status.frames
            try await eventually("refused again") { health.current.map(\.code) == ["capture.pin.changed"] }
            #expect(camera.status.frames == frames && !camera.status.isStreaming)
            device.unplug()
            device = try await FakeUSBCamera.plugIn(serial: "PINNED")
            _ = try await mailbox.take(3)
            #expect(health.current.isEmpty)
        }
    }

    @Test("notices a stream without frames, and goes on when they come back")
    func stall() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        let health = HealthBoard()
        try await withRunningCamera(
            Vivid.camera(device), health: health
        ) { camera, mailbox in
            _ = try await mailbox.take(3)
            try Machine.run("v4l2-ctl", "-d", device, "-c", "percentage_of_dropped_buffers=100")
            try await eventually("stalled") {
                health.current.contains { $0.code == "capture.stream.stalled" }
            }
            try Machine.run("v4l2-ctl", "-d", device, "-c", "percentage_of_dropped_buffers=0")
            try await eventually("recovered") { camera.status.recoveries >= 1 }
            #expect(health.current.isEmpty)
        }
    }

    @Test("counts broken buffers and frames that the driver lost, over a wrap of its numbers")
    func losses() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        try Machine.run("v4l2-ctl", "-d", device, "-c", "wrap_sequence_number=1")
        try await withRunningCamera(Vivid.camera(device)) { camera, mailbox in
            _ = try await mailbox.take(3)
            try Machine.run("v4l2-ctl", "-d", device, "-c", "inject_v4l2_buf_flag_error=1")
            try await eventually("broken") { camera.status.broken > 0 }
            try Machine.run("v4l2-ctl", "-d", device, "-c", "percentage_of_dropped_buffers=50")
            try await eventually("dropped") { camera.status.dropped > 5 }
            #expect(camera.status.dropped < 10_000)
            #expect(camera.status.recoveries == 0)
        }
    }

    @Test(
        "says what is wrong with a path that is no camera",
        arguments: [
            ("/dev/video97", ErrorCode.cameraMissing), ("/dev/null", .cameraNotCapture), ("/tmp", .cameraNotCapture),
        ])
    func noCamera(path: String, code: ErrorCode) throws {
        let error = #expect(throws: EdgeError.self) { _ = try VideoDevice(path: path).card }
        #expect(error?.code == code)
        #expect(error?.detail.contains(path) == true)
    }
}
