import EdgeTesting
import Foundation
import Testing

@Suite("A sign beside the camera of a daemon", .serialized)
struct OnAirTests {
    private let daemon: DaemonUnderTest
    private var told: [String] {
        let text = (try? String(contentsOfFile: daemon.directory.path("told"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map(String.init)
    }

    init() throws { daemon = try DaemonUnderTest(camera: "webcam-man") }

    private func configure(_ command: String) throws {
        let directory = daemon.directory.path("conf.d")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = "[preview]\naccess = \"local\"\n[on_air]\ncommand = \(command)\n"
        try Data(text.utf8).write(to: URL(filePath: directory + "/50-site.toml"))
    }

    private func status() async throws -> JSONValue { try await daemon.edged("status", "--json").json() }

    @Test("goes on before somebody sees a picture, off afterwards, and is off when the daemon has stopped")
    func wholeWay() async throws {
        let script = #"echo "$1 $2 $EDGED_ON_AIR $EDGED_CAMERA" >> "$0""#
        try configure("[\"/bin/sh\", \"-c\", '\(script)', \"\(daemon.directory.path("told"))\"]")
        try await daemon.start()
        let idle = try await status()
        #expect(idle["on_air"]?["is_on_air"]?.flag == false)
        let taken = try await daemon.edged("cameras", "snapshot", "door", daemon.directory.path("door.jpg"))
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(told.first == "off  off ", "at the start nobody knows what it shows")
        #expect(told.contains("on door on door"))
        #expect(try await daemon.stop() == 0)
        #expect(told.last == "off door off door")
    }

    @Test("that cannot be set is a condition, and keeps nobody from a picture")
    func broken() async throws {
        try configure("[\"/no/such/lamp\"]")
        try await daemon.start()
        let taken = try await daemon.edged("cameras", "snapshot", "door", daemon.directory.path("door.jpg"))
        #expect(taken.status == 0, "\(taken.errors)")
        let conditions = try await status()["conditions"]?.items ?? []
        let condition = try #require(conditions.first { $0["code"]?.text == "on_air.failed" })
        #expect(condition["title"]?.text?.contains("/no/such/lamp") == true)
        #expect(try await daemon.stop() == 0)
    }
}
