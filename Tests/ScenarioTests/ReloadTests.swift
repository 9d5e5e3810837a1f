import EdgeTesting
import Foundation
import Testing

@Suite("A configuration that is changed while the daemon runs")
struct ReloadTests {
    private let daemon: DaemonUnderTest

    init() throws { daemon = try DaemonUnderTest() }

    private func write(_ text: String) throws {
        let directory = daemon.directory.path("conf.d")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: directory + "/50-site.toml"))
    }

    private func running(_ key: String) async throws -> String? {
        let shown = try await daemon.edged("config", "show", "--running", "--json").json()
        return shown["keys"]?.items?.first { $0["key"]?.text == key }?["value"]?.text
    }

    private func conditions() async throws -> [String] {
        try await daemon.edged("status", "--json").json()["conditions"]?.items?.compactMap { $0["code"]?.text } ?? []
    }

    @Test("a reload takes over what can change at work, and an open session goes on")
    func takenOver() async throws {
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        _ = try await client.openEnrollment(of: "E-1")
        try write("[sessions]\nttl = \"77s\"\nmax_open_per_client = 1\n[log]\nlevel = \"debug\"")
        let diff = try await daemon.edged("config", "diff", "--json")
        #expect(diff.status == 1)
        #expect(
            try diff.json()["changes"]?.items?.compactMap { $0["key"]?.text }
                == ["sessions.ttl", "sessions.max_open_per_client", "log.level"])
        let reload = try await daemon.edged("config", "reload")
        #expect(reload.status == 0, "\(reload.errors)")
        #expect(try await running("sessions.ttl") == "77000ms")
        #expect(try await daemon.edged("config", "diff").status == 0)
        #expect(try await conditions().allSatisfy { !$0.hasPrefix("configuration.") })
        let refused = try await client.post(
            "/api/auth/enrollment/", json: ["user_id": "E-2", "session_type": "webcam"])
        #expect(refused.status == 429, "the limit of one open session holds, and the first one is open still")
        #expect(try await daemon.stop() == 0)
        #expect(daemon.log.contains("configuration reloaded"))
    }

    @Test("a wrong one changes nothing and is told until it is mended")
    func wrong() async throws {
        try await daemon.start()
        try write("[sessions]\nttl = \"77s\"\ntarget_sample = 2")
        try daemon.hangUp()
        // Each look is a process of its own, which takes a while.
        for _ in 0..<200 where try await !conditions().contains("configuration.refused") {}
        #expect(try await conditions().contains("configuration.refused"))
        #expect(daemon.log.contains("50-site.toml:3: sessions.target_sample: unknown key"))
        #expect(try await daemon.edged("config", "reload").status == 78)
        try write("[sessions]\nttl = \"77s\"\ntarget_samples = 2")
        #expect(try await daemon.edged("config", "reload").status == 0)
        #expect(try await running("sessions.target_samples") == "2")
        #expect(try await !conditions().contains("configuration.refused"))
        #expect(try await daemon.stop() == 0)
    }

    @Test("what needs a restart waits for one, and is named")
    func waits() async throws {
        try await daemon.start()
        try write("[limits]\nframes_per_second = 7")
        #expect(try await daemon.edged("config", "reload").status == 0)
        #expect(try await running("limits.frames_per_second") == "30")
        #expect(try await conditions().contains("configuration.waiting"))
        let audit = try await daemon.edged("audit", "--json")
        #expect(String(decoding: audit.output, as: UTF8.self).contains("configuration.reloaded"))
        #expect(try await daemon.stop() == 0)
        try await daemon.start()
        #expect(try await running("limits.frames_per_second") == "7")
        #expect(try await !conditions().contains("configuration.waiting"))
        #expect(try await daemon.stop() == 0)
    }
}
