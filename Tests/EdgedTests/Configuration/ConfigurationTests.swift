import Capture
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import edged

@Suite("Configuration")
struct ConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch let error as EdgeError {
            return error.detail.split(separator: "\n").map(String.init)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("an empty file gives the safe defaults")
    func defaults() throws {
        let configuration = try read("")
        #expect(configuration.http.host == "127.0.0.1")
        #expect(configuration.liveness.policy == .passive)
        #expect(configuration.sessions.targetSamples == 3)
        #expect(configuration.sessions.timeToLive == .seconds(600))
        #expect(configuration.sessions.duplicates == .refuse)
        #expect(configuration.cameras.isEmpty)
        #expect(!configuration.webhooks.localDelivery)
    }

    @Test("every key that is written is read")
    func everyKey() throws {
        let configuration = try read(
            """
            [http]
            listen = "127.0.0.1:0"
            control_socket = "/run/edged/control.sock"
            [store]
            directory = "/srv/edged"
            [models]
            directory = "/srv/models"
            [[cameras]]
            name = "front-door"
            device = "/dev/video2"
            width = 1280
            height = 720
            fps = 15
            formats = ["YUYV"]
            controls = { brightness = 10 }
            frozen_after = "8s"
            covered_after = "off"
            allow_virtual = true
            pin = { driver = "uvcvideo", usb = "046d:085b:A1", port = "1-2", bus = "usb-0", card = "A \\"\\\\" }
            [[cameras]]
            name = "demo"
            replay = "footage"
            loops = false
            frozen_after = "off"
            [recognition]
            threads = 2
            verification_fmr = 1e-4
            identification_fmr = 1e-6
            [liveness]
            policy = "strict"
            threshold_logit = -1
            [sessions]
            ttl = "2m"
            target_samples = 5
            min_frames = 2
            max_usable_frames = 12
            max_upload_frames = 30
            max_camera_frames = 300
            decision_timeout = "1500ms"
            max_open_per_client = 7
            duplicates = "warn"
            lockout_misses = 3
            lockout_first = 10
            lockout_maximum = "1h"
            [limits]
            frames_per_second = 15
            anonymous_per_minute = 600
            [webhooks]
            local_delivery = true
            allow = ["192.168.1.0/24", "fd12:3456::/32"]
            [central]
            url = "https://central.example"
            [log]
            level = "debug"
            """)
        #expect(configuration.http.port == 0)
        #expect(configuration.http.controlSocket == "/run/edged/control.sock")
        #expect(configuration.cameras.map(\.name) == ["front-door", "demo"])
        #expect(configuration.cameras[0].source == .device("/dev/video2"))
        #expect(configuration.cameras[0].controls["brightness"] == .number(10))
        #expect(configuration.cameras.map(\.frozenAfter) == [.seconds(8), nil])
        #expect(configuration.cameras.map(\.coveredAfter) == [nil, .seconds(10)])
        let pin = CameraPin(driver: "uvcvideo", card: "A \"\\", usb: "046d:085b:A1", port: "1-2", bus: "usb-0")
        #expect(configuration.cameras.map(\.pin) == [pin, nil])
        #expect(configuration.cameras.map(\.allowsVirtual) == [true, false])
        #expect(configuration.cameras[1].source == .replay("/etc/edged/footage"), "relative to the file's directory")
        #expect(!configuration.cameras[1].loops)
        #expect(configuration.recognition.threads == 2)
        #expect(configuration.recognition.verificationFMR == 1e-4)
        #expect(configuration.liveness.policy == .strict)
        #expect(configuration.sessions.timeToLive == .seconds(120))
        #expect(configuration.sessions.decisionTimeout == .milliseconds(1500))
        #expect(configuration.sessions.lockoutFirst == .seconds(10))
        #expect(configuration.sessions.duplicates == .warn)
        #expect(configuration.limits == .init(framesPerSecond: 15, anonymousPerMinute: 600))
        #expect(configuration.webhooks.localDelivery)
        #expect(configuration.webhooks.allow.count == 2)
        #expect(configuration.centralURL == "https://central.example")
        #expect(configuration.logLevel == .debug)
    }

    @Test("all problems are told at once, each with its key")
    func allProblemsAtOnce() {
        let found = problems(
            """
            colour = "red"
            [http]
            listen = "nonsense"
            [liveness]
            policy = "maybe"
            [sessions]
            ttl = "forever"
            target_samples = 99
            """)
        #expect(found.count == 5)
        for key in ["colour", "http.listen", "liveness.policy", "sessions.ttl", "sessions.target_samples"] {
            #expect(found.contains { $0.contains("\(key):") }, "no problem names \(key)")
        }
    }

    @Test(
        "what would be unsafe or ambiguous is refused",
        arguments: [
            ("[http]\nlisten = \"0.0.0.0:8080\"", "http.listen"),
            ("[[cameras]]\nname = \"a\"", "cameras[0].device"),
            ("[[cameras]]\nname = \"a\"\ndevice = \"/dev/video0\"\nreplay = \"x\"", "cameras[0].device"),
            ("[[cameras]]\ndevice = \"/dev/video0\"\n[[cameras]]\ndevice = \"/dev/video1\"", "cameras[1].name"),
            ("[liveness]\nthreshold_logit = -2.5", "liveness.threshold_logit"),
            ("[sessions]\nmin_frames = 11", "sessions.min_frames"),
            ("[sessions]\nmax_usable_frames = 4\nmin_frames = 2", "sessions.max_usable_frames"),
            ("[sessions]\nmax_upload_frames = 9", "sessions.max_usable_frames"),
            ("[sessions]\nlockout_first = \"2h\"", "sessions.lockout_first"),
            ("[models]\ndirectory = \"\"", "models.directory"),
            ("[webhooks]\nlocal_delivery = true", "webhooks.allow"),
            ("[webhooks]\nlocal_delivery = true\nallow = []", "webhooks.allow"),
            ("[webhooks]\nallow = [\"0.0.0.0/0\"]", "webhooks.allow"),
            ("[webhooks]\nallow = [\"192.168.1.7/24\"]", "webhooks.allow"),
            ("[webhooks]\nallow = [\"169.254.0.0/16\"]", "webhooks.allow"),
            ("[webhooks]\nallow = [\"door.lan\"]", "webhooks.allow"),
            ("[webhooks]\nlocal_delivery = \"yes\"", "webhooks.local_delivery"),
            ("[central]\nurl = \"http://central.example\"", "central.url"),
            ("[central]\nurl = \"http://127.0.0.1.evil.example\"", "central.url"),
            ("http = 3", "http"),
        ])
    func refuses(text: String, key: String) {
        #expect(problems(text).contains { $0.contains("\(key):") })
    }

    @Test("a syntax error names its line")
    func syntaxErrorNamesLine() {
        let found = problems("[http]\nlisten = \n")
        #expect(found.first?.hasPrefix("edged.toml:2:") == true)
    }

    @Test("a socket path that an address cannot hold is reached through its directory")
    func longSocketPath() throws {
        let directory = try TemporaryDirectory()
        let long = directory.url.appending(path: String(repeating: "x", count: 120))
        try FileManager.default.createDirectory(at: long, withIntermediateDirectories: false)
        let path = try ControlSocketPath.reachable(long.appending(path: "edged.sock").path)
        #expect(path.utf8.count <= ControlSocketPath.longest)
        try Data([1]).write(to: long.appending(path: "edged.sock"))
        #expect(FileManager.default.contents(atPath: path) == Data([1]))
        #expect(try ControlSocketPath.reachable("/var/lib/edged/edged.sock") == "/var/lib/edged/edged.sock")
    }

    @Test("what is not a socket of this user or of root is not taken for the daemon")
    func untrustworthySocket() throws {
        let directory = try TemporaryDirectory()
        try Data().write(to: URL(filePath: directory.path("edged.sock")))
        #expect(!ControlSocketPath.isTrustworthy(directory.path("edged.sock")))
        #expect(!ControlSocketPath.isTrustworthy(directory.path("missing.sock")))
    }

    @Test(
        "an address is split at its last colon",
        arguments: [
            ("127.0.0.1:0", "127.0.0.1", 0), ("[::1]:8080", "::1", 8080), ("localhost:65535", "localhost", 65535),
        ])
    func listenAddress(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.isLoopback)
    }

    @Test("nonsense is no address", arguments: ["", "8080", ":8080", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1"])
    func badListenAddress(text: String) { #expect(ListenAddress(text) == nil) }
}
