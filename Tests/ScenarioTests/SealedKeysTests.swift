import EdgeTesting
import Foundation
import Testing

/// `edged keys create` on a directory, with OpenSSL's default provider; the same path as with a TPM.
@Suite("Keys sealed to a provider's key, by the command line")
struct SealedKeysTests {
    private let directory: TemporaryDirectory
    private var config: String { directory.path("edged.toml") }
    private var keyFile: String { directory.path("state/keys/key-encryption.key") }

    init() throws {
        directory = try TemporaryDirectory()
        try configure("")
    }

    private func configure(_ keys: String) throws {
        try """
        [http]
        listen = "127.0.0.1:0"
        [store]
        directory = "state"
        \(keys)
        """.write(toFile: config, atomically: true, encoding: .utf8)
    }

    private func edged(_ arguments: String...) async throws -> Finished {
        try await Program.run(arguments + ["--config", config, "--json"])
    }

    private func makeKey(_ name: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = [
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", directory.path(name),
        ]
        process.standardError = FileHandle.nullDevice
        try #require(try await Program.end(of: process) { try process.run() } == 0)
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    @Test("the keys of a key file move under the provider's key, and the store opens as before")
    func migration() async throws {
        #expect(try await edged("clients", "create", "kiosk").status == 0)
        let before = try await edged("keys", "status").json()
        #expect(before["source"]?.text == "file")
        #expect(before["binding"]?.text == "none")
        try await makeKey("sealing.pem")
        try configure("[keys]\nprovider = \"default\"\nkey = \"sealing.pem\"")
        // Named, and nothing sealed to it yet: refused, and no fresh key.
        let early = try await edged("keys", "status")
        #expect(early.status == 69)
        #expect(early.errors.contains("vault.key.unavailable"))

        let created = try await edged("keys", "create", "--source", "provider")
        #expect(created.status == 0, "\(created.errors)")
        #expect(try created.json()["outcome"]?.text == "migrated")
        #expect(!exists(keyFile))
        let after = try await edged("keys", "status").json()
        #expect(after["source"]?.text == "provider")
        #expect(after["key_encryption_key"]?.text == before["key_encryption_key"]?.text)
        let clients = try await edged("clients", "list").json()
        #expect(clients["clients"]?.items?.first?["name"]?.text == "kiosk")
        let again = try await edged("keys", "create", "--source", "provider")
        #expect(try again.json()["outcome"]?.text == "present")

        let rotated = try await edged("keys", "rotate")
        #expect(rotated.status == 0, "\(rotated.errors)")
        #expect(try await edged("audit", "verify").status == 0)
        let lines = try await edged("audit").json()["lines"]?.items?.compactMap { $0["action"]?.text } ?? []
        #expect(lines.count { $0 == "keys.sealed" } == 1)
    }

    @Test("without the provider's key nothing opens, nothing is made, and the reason is told")
    func unavailable() async throws {
        try await makeKey("sealing.pem")
        try configure("[keys]\nprovider = \"default\"\nkey = \"sealing.pem\"")
        let created = try await edged("keys", "create", "--source", "provider")
        #expect(try created.json()["outcome"]?.text == "made", "\(created.errors)")
        #expect(try await edged("clients", "create", "kiosk").status == 0)
        try FileManager.default.moveItem(atPath: directory.path("sealing.pem"), toPath: directory.path("away.pem"))
        for arguments in [["clients", "list"], ["keys", "create", "--source", "provider"]] {
            let refused = try await Program.run(arguments + ["--config", config, "--json"])
            #expect(refused.status == 69)
            #expect(refused.errors.contains("vault.key.unavailable"))
        }
        // A configuration that forgets the provider makes no key beside the sealed ones either.
        try configure("")
        let forgotten = try await edged("clients", "list")
        #expect(forgotten.status == 69)
        #expect(forgotten.errors.contains("keys.provider"))
        #expect(!exists(keyFile))
        try await makeKey("sealing.pem")
        try configure("[keys]\nprovider = \"default\"\nkey = \"sealing.pem\"")
        #expect(try await edged("clients", "list").errors.contains("another key"))
        try configure("[keys]\nprovider = \"default\"\nkey = \"away.pem\"")
        #expect(try await edged("clients", "list").status == 0)
    }

    @Test("a store whose keys are elsewhere gets no fresh ones")
    func storeWithoutKeys() async throws {
        #expect(try await edged("clients", "create", "kiosk").status == 0)
        try FileManager.default.removeItem(atPath: keyFile)
        try await makeKey("sealing.pem")
        try configure("[keys]\nprovider = \"default\"\nkey = \"sealing.pem\"")
        let refused = try await edged("keys", "create", "--source", "provider")
        #expect(refused.status == 69)
        #expect(!exists(keyFile + ".sealed"))
    }
}
