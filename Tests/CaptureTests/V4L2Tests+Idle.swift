import EdgeCore
import Foundation
import Testing

@testable import Capture

extension V4L2Tests {
    /// Whether this process has a device file open.
    private func holds(_ device: String) throws -> Bool {
        let folder = "/proc/self/fd"
        return try FileManager.default.contentsOfDirectory(atPath: folder).contains { descriptor in
            // The listing's own descriptor is gone by now.
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)")) == device
        }
    }

    /// The time between frames as the driver has it.
    private func interval(of device: String) -> FrameInterval? {
        guard let camera = try? VideoDevice(path: device) else { return nil }
        return camera.interval()
    }

    /// Waits of a machine without udev.
    private var timing: CaptureTiming {
        var timing = CaptureTiming.quick
        timing.releasedLook = .milliseconds(100)
        return timing
    }

    @Test("closes a released camera, opens it for whoever reads, and notices that it was unplugged meanwhile")
    func released() async throws {
        var device = try await FakeUSBCamera.plugIn(serial: "RELEASED")
        defer { device.unplug() }
        let health = HealthBoard()
        var configuration = CameraConfiguration(name: "door", source: .device("usb:1d6b:0102:RELEASED"))
        (configuration.idle, configuration.idleAfter) = (.release, .milliseconds(500))
        try await withRunningCamera(configuration, timing: timing, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            #expect(try holds(device.path))
            mailbox.finish()
            for _ in 1...3 {
                try await eventually("released") { camera.status.pace == .released }
                #expect(try !holds(device.path) && camera.status.fault == nil && health.current.isEmpty)
                let reader = camera.subscribe()
                _ = try await reader.take(3)
                #expect(try holds(device.path))
                reader.finish()
            }
            #expect(camera.status.recoveries == 0)
            try await eventually("released") { camera.status.pace == .released }
            device.unplug()
            try await eventually("it is missed") { health.current.map(\.code) == ["capture.device.missing"] }
            #expect(camera.status.pace == .full && camera.status.fault == "capture.device.missing")
            device = try await FakeUSBCamera.plugIn(serial: "RELEASED")
            try await eventually("it was looked at and released again") { camera.status.pace == .released }
            #expect(health.current.isEmpty && camera.status.recoveries == 1)
        }
    }

    @Test("another camera in the place of a released one is refused as it is of one that streams")
    func exchangedWhileReleased() async throws {
        var device = try await FakeUSBCamera.plugIn(serial: "PINNED")
        defer { device.unplug() }
        let health = HealthBoard()
        var configuration = CameraConfiguration(name: "door", source: .device("driver:uvcvideo"))
        configuration.pin = CameraPin(of: try #require(CameraExplanation(of: configuration).identity))
        (configuration.idle, configuration.idleAfter) = (.release, .milliseconds(500))
        try await withRunningCamera(configuration, timing: timing, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            mailbox.finish()
            try await eventually("released") { camera.status.pace == .released }
            device.unplug()
            device = try await FakeUSBCamera.plugIn(serial: "OTHER")
            try await eventually("refused") { health.current.map(\.code) == ["capture.pin.changed"] }
        }
    }

    @Test("asks a driver that can for fewer pictures while nobody reads, and for all again for whoever does")
    func slowed() async throws {
        let device = try await Vivid.load()
        defer { Vivid.unload() }
        var configuration = Vivid.camera(device)
        (configuration.idle, configuration.idleAfter) = (.slow(framesPerSecond: 2), .milliseconds(500))
        // Its clock moves, and so would wake it.
        try Machine.run("v4l2-ctl", "-d", device, "-c", "osd_text_mode=2")
        configuration.frozenAfter = nil
        try await withRunningCamera(configuration) { camera, mailbox in
            _ = try await mailbox.take(3)
            let full = try #require(interval(of: device))
            mailbox.finish()
            try await eventually("slow") { camera.status.pace == .slow }
            try await eventually("slow in the driver") { interval(of: device)?.framesPerSecond == 2 }
            let reader = camera.subscribe()
            _ = try await reader.take(5)
            #expect(camera.status.pace == .full && camera.status.fault == nil)
            #expect(interval(of: device) == full)
        }
    }

    @Test("stops and starts a USB camera to slow it, which is no fault, and it gives all pictures again")
    func slowedUSB() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "SLOW")
        defer { device.unplug() }
        let health = HealthBoard()
        var configuration = CameraConfiguration(name: "door", source: .device(device.path))
        // It shows people who move: only its rate is looked at, in the moments in which it is slow.
        (configuration.idle, configuration.idleAfter) = (.slow(framesPerSecond: 1), .milliseconds(200))
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            mailbox.finish()
            for _ in 1...3 {
                try await eventually("slow") { camera.status.pace == .slow }
                let reader = camera.subscribe()
                for frame in try await reader.take(5) { _ = try decoder.decode(frame.image, scale: .full) }
                try await eventually("as fast as before") { interval(of: device.path)?.framesPerSecond == 30 }
                reader.finish()
            }
            #expect(camera.status.recoveries == 0 && health.current.isEmpty)
        }
    }

    @Test("sets the gain by faces that are dark, as far as it may, and puts it back after the last one")
    func faceExposure() async throws {
        let device = try await FakeUSBCamera.plugIn(serial: "FACES")
        defer { device.unplug() }
        let health = HealthBoard()
        var configuration = CameraConfiguration(name: "door", source: .device(device.path))
        var rule = FaceLightRule()
        rule.mostGain = 40
        configuration.faceLight = rule
        func gain() -> Int? {
            guard let camera = try? VideoDevice(path: device.path) else { return nil }
            return camera.controls().first { $0.name == "gain" }?.value
        }
        try await withRunningCamera(configuration, health: health) { camera, mailbox in
            _ = try await mailbox.take(3)
            let found = gain()
            #expect(found == 16)
            try await eventually("the gain is as great as it may be") {
                camera.noteFace(FaceBrightness(luma: 20, takenAt: FrameClock().now))
                return gain() == 40
            }
            try await eventually("nobody is there any more") { gain() == found }
            #expect(camera.status.isStreaming && health.current.isEmpty)
        }
    }
}
