import AsyncHTTPClient
import EdgeTesting
import Foundation
import NIOCore
import Testing

/// A real daemon in a process of its own, on a free loopback port, with a directory of its own.
final class DaemonUnderTest {
    let directory: TemporaryDirectory
    let configPath: String
    private var process: Process?
    private(set) var address = ""

    /// Writes a configuration; `models` may name another model directory.
    init(
        policy: String = "off", camera: String? = nil, sessions: String = "", models: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        configPath = directory.path("edged.toml")
        var text = """
            [http]
            listen = "127.0.0.1:0"
            [store]
            directory = "state"
            [models]
            directory = "\(models ?? TestInputs.models.path)"
            [liveness]
            policy = "\(policy)"
            [sessions]
            \(sessions)
            """
        if let camera {
            text += "\n[[cameras]]\nname = \"door\"\nreplay = \"\(TestInputs.data.appending(path: camera).path)\"\n"
        }
        try text.write(toFile: configPath, atomically: true, encoding: .utf8)
    }

    deinit { process?.terminate() }

    /// Everything that the daemon logged so far.
    var log: String { (try? String(contentsOfFile: directory.path("log"), encoding: .utf8)) ?? "" }

    /// Starts it and waits until it says that it is ready; `socket` is there as if systemd had passed it.
    func start(passing socket: FileHandle? = nil) async throws {
        let process = Process()
        process.executableURL = Program.url
        process.arguments = ["run", "--config", configPath]
        if let socket { Program.pass(socket, to: process) }
        let log = try Program.emptyFile(URL(filePath: directory.path("log")))
        process.standardOutput = log
        process.standardError = log
        try process.run()
        // Foundation keeps what ran, and with it this.
        try log.close()
        self.process = process
        for _ in 0..<600 where process.isRunning {
            let status = try await edged("status", "--json")
            if status.status != 2, let address = try? status.json()["address"]?.text, !address.isEmpty {
                self.address = address
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the daemon did not come up: \(self.log)")
        throw CancellationError()
    }

    /// Sends SIGTERM and waits for the end; the exit status.
    func stop() async throws -> Int32 {
        guard let process else { return -1 }
        self.process = nil
        return try await Program.end(of: process) { process.terminate() }
    }

    /// Ends it without a chance to clean up.
    func kill() async throws {
        guard let process else { return }
        self.process = nil
        _ = try await Program.end(of: process) { Foundation.kill(process.processIdentifier, SIGKILL) }
    }

    /// Tells it to read its configuration anew.
    func hangUp() throws {
        let process = try #require(process)
        #expect(Foundation.kill(process.processIdentifier, SIGHUP) == 0)
    }

    /// Runs a verb of the command line with this configuration.
    func edged(_ arguments: String...) async throws -> Finished {
        try await Program.run(arguments + ["--config", configPath])
    }

    /// A new API client with its access token.
    func makeClient(_ name: String) async throws -> APIClient {
        let made = try await edged("clients", "create", name, "--json")
        #expect(made.status == 0, "\(made.errors)")
        let credentials = try made.json()
        var client = APIClient(address: address, access: nil)
        let tokens = try await client.post(
            "/api/core/auth/client/",
            json: [
                "api_key": try #require(credentials["api_key"]?.text),
                "api_secret": try #require(credentials["api_secret"]?.text),
            ])
        #expect(tokens.status == 200)
        client.access = try #require(tokens.body["access"]?.text)
        return client
    }
}
