import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Capture

@Suite("A pinned camera")
struct PinTests {
    private let usb = CameraIdentity(
        driver: "uvcvideo", card: "Door Camera", bus: "usb-0000:00:14.0-2", usb: "046d:085b:A1B2", port: "1-2")
    private let nameless = CameraIdentity(
        driver: "uvcvideo", card: "Cheap Camera", bus: "usb-0000:00:14.0-3", usb: "1bcf:2c99", port: "1-3")
    private let built = CameraIdentity(driver: "unicam", card: "unicam", bus: "platform:fe801000.csi")

    private func code(
        _ pin: CameraPin?, _ identity: CameraIdentity, others: [VideoNode] = [], allowsVirtual: Bool = false
    ) -> ErrorCode? {
        var configuration = CameraConfiguration(name: "door", source: .device("/dev/video0"))
        (configuration.pin, configuration.allowsVirtual) = (pin, allowsVirtual)
        do throws(EdgeError) {
            try CameraAdmission(of: configuration).check(identity, among: others)
            return nil
        } catch {
            return error.code
        }
    }

    private func node(_ serial: String?, port: String) -> VideoNode {
        VideoNode(
            path: "/dev/video7", index: 0, name: "Door Camera", driver: "uvcvideo", device: "/sys/\(port)",
            usb: .init(vendor: 0x046d, product: 0x085b, serial: serial, port: port))
    }

    @Test("with a serial number is the same one at any port; its number is never asked for")
    func moved() {
        let pin = CameraPin(of: usb)
        #expect(pin == CameraPin(driver: "uvcvideo", card: "Door Camera", usb: "046d:085b:A1B2"))
        var moved = usb
        (moved.port, moved.bus) = ("1-4", "usb-0000:00:14.0-4")
        #expect(code(pin, usb) == nil && code(pin, moved) == nil)
        #expect(code(CameraPin(of: usb, isStrict: true), usb) == nil)
        #expect(code(CameraPin(of: usb, isStrict: true), moved) == .cameraChanged)
    }

    @Test("without a serial number is known by its port alone")
    func withoutSerial() {
        let pin = CameraPin(of: nameless)
        #expect(pin.port == "1-3" && pin.bus == nil)
        var moved = nameless
        moved.port = "1-4"
        #expect(code(pin, nameless) == nil && code(pin, moved) == .cameraChanged)
    }

    @Test("that is no USB camera is known by its bus")
    func builtIn() {
        let pin = CameraPin(of: built)
        #expect(pin == CameraPin(driver: "unicam", card: "unicam", bus: "platform:fe801000.csi"))
        var other = built
        other.bus = "platform:fe800000.csi"
        #expect(code(pin, built) == nil && code(pin, other) == .cameraChanged)
    }

    @Test("is refused when anything that was pinned is different, and says what")
    func changed() {
        let pin = CameraPin(of: usb)
        for change in [\CameraIdentity.driver, \CameraIdentity.card] {
            var other = usb
            other[keyPath: change] = "another"
            #expect(code(pin, other) == .cameraChanged)
        }
        for other in ["046d:085b:A1B3", "046d:085b", "046e:085b:A1B2", nil] {
            var changed = usb
            changed.usb = other
            #expect(code(pin, changed) == .cameraChanged)
            #expect(pin.differences(from: changed) == ["usb is \(other ?? "unknown"), pinned is 046d:085b:A1B2"])
        }
        #expect(code(nil, usb) == nil, "without a pin any will do")
    }

    @Test("is refused while another says that it is the same one, unless their ports tell them apart")
    func cloned() {
        let (own, twin) = (node("A1B2", port: "1-2"), node("A1B2", port: "1-4"))
        #expect(code(CameraPin(of: usb), usb, others: [own]) == nil, "its other nodes are no copies")
        #expect(code(CameraPin(of: usb), usb, others: [own, twin]) == .cameraCloned)
        #expect(code(CameraPin(of: usb), usb, others: [own, node("OTHER", port: "1-4")]) == nil)
        #expect(code(CameraPin(of: usb, isStrict: true), usb, others: [own, twin]) == nil)
        #expect(code(CameraPin(of: nameless), nameless, others: [own, twin]) == nil)
    }

    @Test("is called a copy where the selector finds two of one serial number")
    func ambiguous() {
        var configuration = CameraConfiguration(name: "door", source: .device("usb:046d:085b:A1B2"))
        let found = EdgeError(.cameraAmbiguous, "two")
        #expect(CameraAdmission(of: configuration).ambiguous(found).code == .cameraAmbiguous)
        configuration.pin = CameraPin(of: nameless)
        #expect(CameraAdmission(of: configuration).ambiguous(found).code == .cameraAmbiguous)
        configuration.pin = CameraPin(of: usb)
        #expect(CameraAdmission(of: configuration).ambiguous(found).code == .cameraCloned)
        #expect(CameraAdmission(of: configuration).ambiguous(EdgeError(.cameraMissing)).code == .cameraMissing)
    }

    @Test(
        "is never a program, nor is one that is not pinned, unless that is allowed",
        arguments: ["vivid", "v4l2 loopback"])
    func virtual(driver: String) {
        let program = CameraIdentity(driver: driver, card: "Door Camera", bus: "platform:\(driver)-000")
        #expect(code(nil, program) == .cameraVirtual)
        #expect(code(CameraPin(of: program), program) == .cameraVirtual)
        #expect(code(nil, program, allowsVirtual: true) == nil)
        #expect(code(CameraPin(of: usb), program, allowsVirtual: true) == .cameraChanged)
        let unknown = CameraIdentity(driver: "anything", card: "x", bus: "x", isVirtual: true)
        #expect(code(nil, unknown) == .cameraVirtual, "the kernel lists no hardware behind it")
    }

    @Test("is written as a line of the configuration, whatever it calls itself")
    func line() {
        #expect(
            CameraPin(of: usb).configurationLine
                == #"pin = { driver = "uvcvideo", usb = "046d:085b:A1B2", card = "Door Camera" }"#)
        let odd = CameraIdentity(
            driver: "uvcvideo", card: "A \"\\ \n\u{1B}[2J", bus: "b", usb: "1bcf:2c99", port: "1-3")
        #expect(
            CameraPin(of: odd).configurationLine
                == #"pin = { driver = "uvcvideo", usb = "1bcf:2c99", port = "1-3", card = "A \"\\ ??[2J" }"#)
    }

    @Test("is looked up by the very device that is open, and hardware is told from programs")
    func sysfs() throws {
        let folder = try TemporaryDirectory()
        let files = FileManager.default
        for place in ["devices/virtual/video4linux/video3", "devices/pci0/video4linux/video4"] {
            let entry = folder.url.appending(path: place)
            try files.createDirectory(at: entry, withIntermediateDirectories: true)
            try Data("Camera\n".utf8).write(to: entry.appending(path: "name"))
            try files.createDirectory(
                at: folder.url.appending(path: "class/video4linux"), withIntermediateDirectories: true)
            try files.createSymbolicLink(
                at: folder.url.appending(path: "class/video4linux/\(entry.lastPathComponent)"),
                withDestinationURL: entry)
        }
        let nodes = VideoNode.all(sysfs: folder.url.path)
        #expect(nodes.map(\.path) == ["/dev/video3", "/dev/video4"] && nodes.map(\.isVirtual) == [true, false])
        // The null device is 1:3 everywhere.
        try files.createDirectory(at: folder.url.appending(path: "dev/char"), withIntermediateDirectories: true)
        try files.createSymbolicLink(
            at: folder.url.appending(path: "dev/char/1:3"),
            withDestinationURL: folder.url.appending(path: "devices/virtual/video4linux/video3"))
        let null = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        let found = VideoNode.of(descriptor: null.fileDescriptor, sysfs: folder.url.path)
        #expect(found?.path == "/dev/video3" && found?.isVirtual == true)
        let file = try #require(FileHandle(forReadingAtPath: folder.url.appending(path: "devices").path))
        #expect(VideoNode.of(descriptor: file.fileDescriptor, sysfs: folder.url.path) == nil)
    }
}

@Suite("A refused camera")
struct RefusalTellingTests {
    private let start = FrameClock().now
    private func changed(_ what: String) -> EdgeError { EdgeError(.cameraChanged, what) }

    @Test("is told once, however often it is tried again, and again when it was good or away in between")
    func once() {
        var telling = RefusalTelling()
        #expect(telling.failed(changed("a"), at: start) == 1)
        for second in 1...600 {
            #expect(telling.failed(changed("a"), at: start.advanced(by: .seconds(second))) == nil)
        }
        telling.delivered()
        #expect(telling.failed(changed("a"), at: start.advanced(by: .seconds(601))) == 1)
        #expect(telling.failed(EdgeError(.cameraMissing), at: start.advanced(by: .seconds(700))) == nil)
        #expect(telling.failed(changed("a"), at: start.advanced(by: .seconds(701))) == 1)
    }

    @Test("is told at most once a minute, and what was not told is counted")
    func rate() {
        var telling = RefusalTelling()
        var told: [Int] = []
        for second in 0..<150 {
            let error = changed(second % 2 == 0 ? "a" : "b")
            if let times = telling.failed(error, at: start.advanced(by: .seconds(second))) { told.append(times) }
        }
        #expect(told == [1, 60, 60])
    }

    @Test("is told with its camera and code, and is a condition of its own")
    func sink() {
        let health = HealthBoard()
        var told: [CameraRefusal] = []
        let sink = FrameSink(
            camera: "door", hub: CameraHub(CameraStatus(name: "door", device: "/dev/video0", kind: "v4l2")),
            health: health, log: .silent, backoff: Backoff(initial: .milliseconds(250), maximum: .seconds(5))
        ) { told.append($0) }
        for code in [ErrorCode.cameraMissing, .cameraChanged, .cameraChanged] { _ = sink.failed(EdgeError(code, "x")) }
        #expect(told == [CameraRefusal(camera: "door", code: .cameraChanged, detail: "x", times: 1)])
        #expect(health.current.map(\.code) == ["capture.pin.changed"])
        #expect(health.current.map(\.severity) == [.error])
    }
}
