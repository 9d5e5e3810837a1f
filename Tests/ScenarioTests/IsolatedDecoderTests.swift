import EdgeTesting
import Foundation
import Testing

/// The decoder in a process of its own, killed and missing, beside a daemon that needs it.
@Suite("A daemon whose decoder is another process", .serialized)
struct IsolatedDecoderTests {
    private let daemon: DaemonUnderTest
    private var socket: String { daemon.directory.path("decoder.sock") }

    init() throws {
        daemon = try DaemonUnderTest()
        let directory = daemon.directory.path("conf.d")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = "[decoder]\nisolation = \"socket\"\nsocket = \"decoder.sock\"\n"
        try Data(text.utf8).write(to: URL(filePath: directory + "/50-site.toml"))
    }

    private func startDecoder() throws -> Process {
        let process = Process()
        process.executableURL = Program.url
        process.arguments = ["decoder", "--listen", socket]
        try process.run()
        return process
    }

    private func kill(_ process: Process) async throws {
        _ = try await Program.end(of: process) { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    private func codes() async throws -> [String] {
        let status = try await daemon.edged("status", "--json").json()
        return status["conditions"]?.items?.compactMap { $0["code"]?.text } ?? []
    }

    @Test(
        "people are enrolled and recognised; killed, it costs pictures until it is there again, and none is decoded here"
    )
    func life() async throws {
        var decoder = try startDecoder()
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let frames = every(7, of: try TestInputs.footage("webcam-man"))
        let enrolled = try await client.feed(frames, to: try await client.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")

        try await kill(decoder)
        let session = try await client.openAuthentication(of: "alice")
        let refused = try await client.upload(frames[0], to: session)
        #expect(refused.status == 503, "\(refused.body)")
        #expect(refused.body["code"]?.text == "decoder.unavailable")
        #expect(try await codes().contains("decoder.unavailable"))
        let counted = try await daemon.edged("status", "--json").json()["decoder"]
        #expect(counted?["isolation"]?.text == "socket", "\(String(describing: counted))")

        decoder = try startDecoder()
        // The daemon asks for it by itself, every five seconds.
        while try await codes().contains("decoder.unavailable") { await Task.yield() }
        let verified = try await client.feed(frames, to: try await client.openAuthentication(of: "alice"))
        #expect(verified.body["success"]?.flag == true, "\(verified.body)")
        #expect(try await daemon.stop() == 0)
        try await kill(decoder)
    }

    @Test("a decoder without a socket, or with a path that cannot be, says so and ends")
    func noSocket() async throws {
        let bare = try await Program.run(["decoder"])
        #expect(bare.status == 78)
        #expect(bare.errors.contains("edged-decoder.socket"))
        let nowhere = try await Program.run(["decoder", "--listen", "/nowhere/decoder.sock"])
        #expect(nowhere.status == 69 && nowhere.errors.contains("http.listen.failed"))
    }
}
