import EdgeCore
import EdgeTesting
import Foundation
import SyncCore
import Testing

@testable import edged

@Suite("What central sent for the device to go by")
struct FleetLayerTests {
    private let directory: TemporaryDirectory
    private let device = DeviceID()
    private var path: String { directory.path("edged.toml") }

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(
            atPath: directory.path("store"), withIntermediateDirectories: true)
        try own("")
    }

    private func own(_ text: String) throws {
        let file = "[store]\ndirectory = \"store\"\n[sessions]\nttl = \"9m\"\n" + text
        try Data(file.utf8).write(to: URL(filePath: path))
    }

    private func sent(_ serial: UInt64, _ texts: String...) -> FleetConfiguration {
        FleetConfiguration(
            device: device, serial: serial, parts: texts.enumerated().map { .init(name: "part \($0)", toml: $1) })
    }

    private func keep(_ layer: FleetLayer) throws { try layer.keep(in: directory.path("store")) }

    @Test("it comes after the device's files, and a later text after an earlier one")
    func layered() throws {
        let configuration = sent(1, "[sessions]\nttl = \"5m\"\nmin_frames = 2", "[sessions]\nttl = \"6m\"")
        try keep(FleetLayer().trying(configuration))
        let read = try DaemonConfiguration.load(path)
        #expect(read.sessions.timeToLive == .seconds(360))
        #expect(read.sessions.minFrames == 2)
    }

    @Test("a device that says so goes by its own files alone")
    func refuses() throws {
        try keep(FleetLayer().trying(sent(1, "[sessions]\nttl = \"5m\"")))
        try own("[sync]\nconfiguration = \"refuse\"")
        #expect(try DaemonConfiguration.load(path).sessions.timeToLive == .seconds(540))
    }

    @Test("what became wrong over files that were changed since keeps no device from starting")
    func outlived() throws {
        try keep(FleetLayer().trying(sent(1, "[sessions]\nmin_frames = 9")))
        #expect(try DaemonConfiguration.load(path).sessions.minFrames == 9)
        try own("max_usable_frames = 8")
        #expect(try DaemonConfiguration.load(path).sessions.minFrames == 3)
        #expect(FleetLayer.problems(sent(1, "[sessions]\nmin_frames = 9").parts, over: path).count == 1)
    }

    @Test("only what a reload takes over is central's to say; each problem has its text and line")
    func problems() {
        func problems(_ text: String) -> [String] { FleetLayer.problems(sent(1, text).parts, over: path) }
        #expect(problems("[liveness]\npolicy = \"strict\"\n[retention]\nsessions = \"10d\"") == [])
        #expect(problems("[http]\nlisten = \"127.0.0.1:1\"") == ["part 0:2: http.listen: is the device's own to say"])
        #expect(
            problems("[[cameras]]\nname = \"a\"\ndevice = \"/dev/video9\"")
                == [
                    "part 0:3: cameras[0].device: is the device's own to say",
                    "part 0:2: cameras[0].name: is the device's own to say",
                ])
        #expect(problems("[sync]\nconfiguration = \"take\"").count == 1)
        #expect(problems("[store]\ndirectory = \"/tmp\"").count == 1)
        #expect(
            problems("[liveness]\npolicy = \"mybe\"").first?.hasSuffix("must be one of off, passive, active, strict")
                == true)
        #expect(problems("[liveness]\npolicies = 1").first?.contains("unknown key") == true)
        #expect(problems("[liveness").count == 1)
    }

    @Test("central is told all problems at once: keys of the device's own, and what is wrong beside them")
    func alone() {
        let text = "[http]\nlisten = \"127.0.0.1:99999\"\n[sessions]\ntll = \"5m\"\nmin_frames = 99\n"
        let found = FleetLayer.problems([.init(name: "configuration", toml: text)], over: nil, alone: true)
        #expect(found.first == "configuration:2: http.listen: is the device's own to say")
        #expect(found.contains { $0.hasPrefix("configuration:4: sessions.tll: unknown key") })
        #expect(found.contains { $0.hasPrefix("configuration:5: sessions.min_frames: ") })
        #expect(found.count { $0.hasPrefix("configuration:2: ") } == 1)
        #expect(FleetLayer.problems([.init(name: "c", toml: "[log]\nlevel = \"debug\"")], over: nil, alone: true) == [])
    }

    @Test("what is taken back leaves the one before in force, one on trial is no place to go back to")
    func back() throws {
        var layer = FleetLayer().trying(sent(1, "[sessions]\nttl = \"1m\""))
        layer.report = ConfigurationReport(serial: 1, state: .taken)
        let second = layer.trying(sent(2, "[sessions]\nttl = \"2m\""))
        let third = second.trying(sent(3, "[sessions]\nttl = \"3m\""))
        let own = try DaemonConfiguration.load(path)
        #expect(third.inForce(own).map(\.toml) == ["[sessions]\nttl = \"3m\""])
        let left = third.without(sent(3), .rolledBack, "ill")
        #expect(left.inForce(own).map(\.toml) == ["[sessions]\nttl = \"1m\""])
        #expect(left.report == ConfigurationReport(serial: 3, state: .rolledBack, problem: "ill"))
        #expect(layer.without(sent(4), .refused, "no").inForce(own).map(\.toml) == ["[sessions]\nttl = \"1m\""])
        #expect(FleetLayer().without(sent(4), .refused, "no").inForce(own).isEmpty)
    }

    @Test("a daemon that does not live by it goes back at the fourth start; a proven one is not counted")
    func starts() {
        var layer = FleetLayer().trying(sent(1, "[sessions]\nttl = \"1m\""))
        for _ in 0..<3 {
            layer.noteStart()
            #expect(layer.report.state == .trial)
        }
        layer.noteStart()
        #expect(layer.report.state == .rolledBack && layer.sent == nil)
        var proven = FleetLayer().trying(sent(1))
        proven.report = ConfigurationReport(serial: 1, state: .taken)
        for _ in 0..<9 { proven.noteStart() }
        #expect(proven.report.state == .taken)
    }

    @Test("it is kept for this user alone, and a damaged file is as none")
    func file() throws {
        let layer = FleetLayer().trying(sent(7, "[sessions]\nttl = \"1m\""))
        try keep(layer)
        let store = directory.path("store")
        #expect(FleetLayer.load(from: store) == layer)
        let file = store + "/fleet-configuration.json"
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? NSNumber
        #expect(mode?.intValue == 0o600)
        try Data("{".utf8).write(to: URL(filePath: file))
        #expect(FleetLayer.load(from: store) == FleetLayer())
    }
}
