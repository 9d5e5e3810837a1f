import EdgeTesting
import Foundation
import Testing

@Suite("Looking through the camera of a daemon", .serialized)
struct LookingTests {
    private let daemon: DaemonUnderTest
    private var file: String { daemon.directory.path("door.jpg") }

    init() throws { daemon = try DaemonUnderTest(camera: "webcam-man") }

    private func allow(_ access: String) throws {
        let directory = daemon.directory.path("conf.d")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data("[preview]\naccess = \"\(access)\"\n".utf8).write(to: URL(filePath: directory + "/50-site.toml"))
    }

    /// A client with a technician's token.
    private func technician() async throws -> APIClient {
        let made = try await daemon.edged("status", "--token", "--json").json()
        return APIClient(address: daemon.address, access: try #require(made["token"]?.text))
    }

    private func picture() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file))) }

    @Test("nobody looks unless the configuration lets them, and the refusal says which key")
    func off() async throws {
        try await daemon.start()
        let refused = try await daemon.edged("cameras", "snapshot", "door", file)
        #expect(refused.status == 67)
        #expect(refused.errors.contains("capture.preview.off") && refused.errors.contains("[preview]"))
        #expect(!FileManager.default.fileExists(atPath: file))
        for path in ["snapshot", "preview"] {
            let answer = try await technician().get("/api/core/cameras/\(path)/")
            #expect(answer.status == 404 && answer.body["code"]?.text == "capture.preview.off")
        }
        #expect(try await daemon.stop() == 0)
    }

    @Test("where it is allowed a picture comes over HTTP and to the command line, and each look is audited")
    func local() async throws {
        try allow("local")
        try await daemon.start()
        let taken = try await daemon.edged("cameras", "snapshot", "door", file, "--json")
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(try taken.json()["camera"]?.text == "door")
        let bytes = try picture()
        #expect(bytes.prefix(2) == [0xFF, 0xD8] && bytes.suffix(2) == [0xFF, 0xD9])
        let answer = try await technician().get("/api/core/cameras/snapshot/?camera=door")
        #expect(answer.status == 200 && answer.headers["content-type"] == "image/jpeg")
        let audit = try await daemon.edged("audit", "show", "--action", "preview.*", "--json").json()
        #expect(audit["lines"]?.items?.count == 2)
        let unknown = try await daemon.edged("cameras", "snapshot", "window", file)
        #expect(unknown.status == 67 && unknown.errors.contains("capture.camera.unknown"))
        #expect(try await daemon.stop() == 0)
    }

    @Test("without a daemon the picture comes from the camera itself")
    func alone() async throws {
        let taken = try await daemon.edged("cameras", "snapshot", "door", file)
        #expect(taken.status == 0, "\(taken.errors)")
        #expect(try picture().prefix(2) == [0xFF, 0xD8])
    }

    @Test("watching tells a line a second, with a daemon and without", arguments: [false, true])
    func watches(isRunning: Bool) async throws {
        if isRunning { try await daemon.start() }
        let watched = try await daemon.edged("cameras", "watch", "door", "--seconds", "2", "--json")
        #expect(watched.status == 0, "\(watched.errors)")
        let lines = String(decoding: watched.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 2)
        let last = try JSONValue(Data(try #require(lines.last).utf8))
        #expect(last["camera"]?.text == "door" && last["is_streaming"]?.flag == true)
        #expect((last["frames"]?.number ?? 0) > 0 && last["conditions"]?.items?.isEmpty == true)
        if isRunning { #expect(try await daemon.stop() == 0) }
    }
}
