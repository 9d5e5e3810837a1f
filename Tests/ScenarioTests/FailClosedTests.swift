import EdgeTesting
import Foundation
import Testing

@Suite("Failing closed", .serialized)
struct FailClosedTests {
    /// A copy of the model directory in which `change` may spoil something.
    private func models(_ change: (URL) throws -> Void) throws -> TemporaryDirectory {
        let copy = try TemporaryDirectory()
        for name in try FileManager.default.contentsOfDirectory(atPath: TestInputs.models.path) {
            try FileManager.default.createSymbolicLink(
                at: copy.url.appending(path: name), withDestinationURL: TestInputs.models.appending(path: name))
        }
        try change(copy.url)
        return copy
    }

    private func spoil(_ name: String, in directory: URL, with bytes: Data?) throws {
        let file = directory.appending(path: name)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
        if let bytes { try bytes.write(to: file) }
    }

    @Test("a model of another content is refused by name, and the daemon does not start")
    func wrongHash() async throws {
        let directory = try models { directory in
            var bytes = try Data(contentsOf: TestInputs.models.appending(path: "sface.onnx"))
            bytes[bytes.count / 2] ^= 1
            try spoil("sface.onnx", in: directory, with: bytes)
        }
        let ended = try await DaemonUnderTest(models: directory.url.path).edged("run")
        #expect(ended.status == 69)
        #expect(ended.errors.contains("recognition.model.wrong_hash"))
        #expect(ended.errors.contains("sface"))
    }

    @Test("a missing model is named, and the daemon does not start")
    func missingModel() async throws {
        let directory = try models { try spoil("yunet.onnx", in: $0, with: nil) }
        let ended = try await DaemonUnderTest(models: directory.url.path).edged("run")
        #expect(ended.status == 69)
        #expect(ended.errors.contains("recognition.model.missing"))
    }

    @Test(
        "without the passive nets no session opens under a policy that needs them, and the status says so",
        arguments: ["passive", "strict"])
    func noPassiveNets(policy: String) async throws {
        let directory = try models {
            try spoil("minifasnet_v2.onnx", in: $0, with: nil)
            try spoil("minifasnet_v1se.onnx", in: $0, with: nil)
        }
        let daemon = try DaemonUnderTest(policy: policy, models: directory.url.path)
        try await daemon.start()
        let client = try await daemon.makeClient("kiosk")
        let refused = try await client.post("/api/auth/authentication/", json: ["session_type": "webcam"])
        #expect(refused.status == 503)
        #expect(refused.body["code"]?.text == "liveness.unavailable")
        let status = try await daemon.edged("status", "--json")
        #expect(status.status == 1)
        let codes = try status.json()["conditions"]?.items?.compactMap { $0["code"]?.text } ?? []
        #expect(codes.contains("liveness.unavailable"))
    }

    @Test("a directory in which others may put files is no place for a store")
    func openDirectory() async throws {
        let daemon = try DaemonUnderTest()
        let state = daemon.directory.path("state")
        #expect(mkdir(state, 0o700) == 0 && chmod(state, 0o777) == 0)
        let ended = try await daemon.edged("run")
        #expect(ended.status == 69)
        #expect(ended.errors.contains("chmod go-w"))
    }

    @Test("liveness off is said in capitals in the status")
    func offIsLoud() async throws {
        let daemon = try DaemonUnderTest(policy: "off")
        try await daemon.start()
        let status = try await daemon.edged("status", "--json").json()
        #expect(status["notice"]?.text?.contains("LIVENESS IS OFF") == true)
        #expect(daemon.log.contains("LIVENESS IS OFF"))
    }
}
