import EdgeCore
import Foundation
import Testing

@testable import Capture

@Suite("Which camera is meant")
struct CameraSelectorTests {
    /// A machine with two alike USB cameras of two nodes each, and the kernel's test camera.
    private let nodes = [
        VideoNode(path: "/dev/video0", index: 0, name: "vivid-000-vid-cap", driver: "vivid", device: "/sys/vivid.0"),
        usb("/dev/video1", index: 1, serial: "A", port: "1-1"),
        usb("/dev/video2", index: 0, serial: "A", port: "1-1"),
        usb("/dev/video3", index: 0, serial: "B", port: "1-2.4"),
        usb("/dev/video4", index: 1, serial: "B", port: "1-2.4"),
    ]

    private static func usb(_ path: String, index: Int, serial: String, port: String) -> VideoNode {
        VideoNode(
            path: path, index: index, name: "Door Cam: Door Cam", driver: "uvcvideo", device: "/sys/usb/\(port)",
            usb: .init(vendor: 0x1D6B, product: 0x0102, serial: serial, port: port))
    }

    @Test(
        "finds the node with pictures by what the camera is",
        arguments: [
            ("usb:1d6b:0102:A", "/dev/video2"), ("usb:1D6B:0102:B", "/dev/video3"), ("path:1-1", "/dev/video2"),
            ("path:1-2.4", "/dev/video3"), ("driver:vivid", "/dev/video0"), ("name:vivid-000-vid-cap", "/dev/video0"),
            ("/dev/v4l/by-id/usb-x", "/dev/v4l/by-id/usb-x"),
        ])
    func finds(text: String, path: String) throws {
        let selector = try #require(CameraSelector(text))
        #expect(try selector.deviceFile(among: nodes) == path)
    }

    @Test(
        "says so when no camera fits",
        arguments: ["usb:1d6b:0103", "usb:1d6b:0102:C", "path:1-2", "driver:v4l2", "name:Door"])
    func missing(text: String) throws {
        let selector = try #require(CameraSelector(text))
        let error = #expect(throws: EdgeError.self) { try selector.deviceFile(among: nodes) }
        #expect(error?.code == .cameraMissing)
        #expect(error?.detail.contains(text) == true)
    }

    @Test(
        "takes none of several cameras that fit, and names them",
        arguments: ["usb:1d6b:0102", "driver:uvcvideo", "name:Door Cam"])
    func ambiguous(text: String) throws {
        let selector = try #require(CameraSelector(text))
        let error = #expect(throws: EdgeError.self) { try selector.deviceFile(among: nodes) }
        #expect(error?.code == .cameraAmbiguous)
        #expect(error?.detail.contains("/dev/video2, /dev/video3") == true)
    }

    @Test(
        "takes nothing that is no selector",
        arguments: [
            "", "video0", "usb", "usb:", "usb:1d6b", "usb:1d6b:", "usb:1d6b:102", "usb:xxxx:0102", "usb:1d6b:0102:",
            "path:", "driver:", "name:", "serial:A",
        ])
    func noSelector(text: String) {
        #expect(CameraSelector(text) == nil)
    }

    @Test(
        "is written as it was read",
        arguments: ["/dev/video0", "usb:1d6b:0002", "usb:046d:082d:A:B", "path:1-1.2", "driver:v", "name:Cam: 1"])
    func written(text: String) {
        #expect(CameraSelector(text)?.description == text)
    }
}

@Suite("Video devices in sysfs")
struct VideoNodeTests {
    @Test("a USB camera is told by the device above its interface, one without hardware by its name alone")
    func nodes() throws {
        let sysfs = try FakeSysfs()
        defer { sysfs.remove() }
        let usb = "devices/pci/usb1/1-1"
        try sysfs.write("\(usb)/idVendor", "046d\n")
        try sysfs.write("\(usb)/idProduct", "082d\n")
        try sysfs.write("\(usb)/serial", "C0FFEE\n")
        try sysfs.node("video0", at: "\(usb)/1-1:1.0", driver: "uvcvideo", name: "HD Cam: HD Cam", index: 0)
        try sysfs.node("video1", at: "\(usb)/1-1:1.0", driver: "uvcvideo", name: "HD Cam: HD Cam", index: 1)
        try sysfs.node("video10", at: "devices/platform/vivid.0", driver: "vivid", name: "vivid-000-vid-cap", index: 0)
        try sysfs.write("class/video4linux/video2/name", "Loop\n")
        try sysfs.write("class/video4linux/v4l-subdev0/name", "a part of something\n")

        let nodes = VideoNode.all(sysfs: sysfs.root)
        #expect(nodes.map(\.path) == ["/dev/video0", "/dev/video1", "/dev/video2", "/dev/video10"])
        #expect(nodes.map(\.index) == [0, 1, 0, 0])
        #expect(nodes[0].usb == .init(vendor: 0x046D, product: 0x082D, serial: "C0FFEE", port: "1-1"))
        #expect(nodes[0].device == nodes[1].device)
        #expect(nodes.map(\.driver) == ["uvcvideo", "uvcvideo", "", "vivid"])
        #expect(nodes[2].usb == nil && nodes[3].usb == nil)
        #expect(
            nodes[0].selectors.map(\.description) == [
                "usb:046d:082d:C0FFEE", "path:1-1", "name:HD Cam: HD Cam", "driver:uvcvideo",
            ])
        #expect(nodes[2].selectors.map(\.description) == ["name:Loop"])
    }

    @Test("each name that a camera has finds it")
    func roundTrip() throws {
        let sysfs = try FakeSysfs()
        defer { sysfs.remove() }
        try sysfs.write("devices/usb1/1-3/idVendor", "1d6b\n")
        try sysfs.write("devices/usb1/1-3/idProduct", "0102\n")
        try sysfs.node("video4", at: "devices/usb1/1-3/1-3:1.0", driver: "uvcvideo", name: "Cam", index: 0)
        let nodes = VideoNode.all(sysfs: sysfs.root)
        let node = try #require(nodes.first)
        #expect(node.selectors.count == 4)
        for selector in node.selectors {
            let read = try #require(CameraSelector(selector.description))
            #expect(try read.deviceFile(among: nodes) == "/dev/video4")
        }
    }

    @Test("a machine without video devices has none")
    func none() throws {
        let sysfs = try FakeSysfs()
        defer { sysfs.remove() }
        #expect(VideoNode.all(sysfs: sysfs.root) == [])
    }
}

@Suite("Waiting for a device")
struct HotplugWaitTests {
    @Test("a stop ends the wait at once, with and without a way to hear of devices")
    func stop() throws {
        for monitor in [HotplugMonitor(), nil] {
            let stop = try StopSignal()
            stop.set()
            let started = FrameClock().now
            #expect(!stop.wait(for: .seconds(3600), orNewsOf: monitor))
            #expect(started.duration(to: FrameClock().now) < .seconds(1800))
        }
    }

    @Test("without news the wait is as long as it was asked for")
    func limit() throws {
        let stop = try StopSignal()
        let started = FrameClock().now
        #expect(!stop.wait(for: .milliseconds(20), orNewsOf: HotplugMonitor()))
        #expect(started.duration(to: FrameClock().now) >= .milliseconds(20))
    }
}

/// A directory that looks like the kernel's.
private struct FakeSysfs {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "sysfs-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }

    func write(_ path: String, _ text: String) throws {
        let file = URL(filePath: "\(root)/\(path)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    func node(_ node: String, at device: String, driver: String, name: String, index: Int) throws {
        let entry = "class/video4linux/\(node)"
        try write("\(entry)/name", "\(name)\n")
        try write("\(entry)/index", "\(index)\n")
        try link("\(entry)/device", to: device)
        try write("drivers/\(driver)/module", "")
        if !FileManager.default.fileExists(atPath: "\(root)/\(device)/driver") {
            try link("\(device)/driver", to: "drivers/\(driver)")
        }
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createDirectory(atPath: "\(root)/\(target)", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(root)/\(path)", withDestinationPath: "\(root)/\(target)")
    }
}
