import EdgeTesting
import Foundation
import Testing

@Suite("A daemon with an infrared camera beside the door's", .serialized)
struct InfraredTests {
    /// A door whose infrared camera plays other footage; the grey of its pictures is what is looked at.
    private func daemon(infrared footage: String) throws -> DaemonUnderTest {
        let daemon = try DaemonUnderTest(camera: "webcam-man")
        let directory = daemon.directory.path("conf.d")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let text = """
            [[cameras]]
            name = "door"
            role = "door-in"
            infrared = "door-ir"
            [[cameras]]
            name = "door-ir"
            replay = "\(TestInputs.data.appending(path: footage).path)"
            """
        try Data(text.utf8).write(to: URL(filePath: directory + "/50-infrared.toml"))
        return daemon
    }

    /// What the door says to the person of its footage, who was enrolled by upload before.
    private func outcome(_ daemon: DaemonUnderTest) async throws -> JSONValue {
        let client = try await daemon.makeClient("kiosk")
        let frames = try TestInputs.footage("webcam-man")
        let enrolled = try await client.feed(every(7, of: frames), to: try await client.openEnrollment(of: "alice"))
        #expect(enrolled.body["enrollment_complete"]?.flag == true, "\(enrolled.body)")
        let camera = try await client.openAuthentication(source: "camera")
        return try await client.get("/api/auth/sessions/\(camera)/result/?wait=30").body
    }

    @Test("lets in whom both cameras see; the status tells roles and pairs")
    func agrees() async throws {
        let daemon = try daemon(infrared: "webcam-man")
        try await daemon.start()
        let seen = try await outcome(daemon)
        #expect(seen["matched_user"]?["user_id"]?.text == "alice", "\(seen)")
        let cameras = try await daemon.edged("status", "--json").json()["cameras"]?.items
        #expect(cameras?.map { $0["role"]?.text } == ["door-in", "ir"])
        #expect(cameras?.first?["infrared"]?.text == "door-ir")
        let text = try await daemon.edged("status")
        #expect(String(decoding: text.output, as: UTF8.self).contains("camera door (door-in, infrared door-ir):"))
        #expect(try await daemon.stop() == 0)
    }

    @Test("does not let in whom the infrared camera does not see")
    func contradicts() async throws {
        let daemon = try daemon(infrared: "no-face")
        try await daemon.start()
        let seen = try await outcome(daemon)
        #expect(seen["result"]?.text == "failure", "\(seen)")
        #expect(seen["reason"]?.text == "authentication.not_recognized")
        #expect(try await daemon.stop() == 0)
    }
}
