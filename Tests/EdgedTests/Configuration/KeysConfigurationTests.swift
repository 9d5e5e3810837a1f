import EdgeCore
import Foundation
import Testing

@testable import edged

@Suite("Configuration of the keys")
struct KeysConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("without a word the master key is a file; a named provider comes before it, a credential before both")
    func origin() throws {
        var configuration = try read("")
        configuration.keys.credential = nil
        #expect(configuration.keys.origin == .file)
        configuration = try read("[keys]\nprovider = \"tpm2\"\nkey = \"tpm.pem\"\ntcti = \"device:/dev/tpmrm0\"")
        guard case .provider = configuration.keys.origin else { return fail(configuration) }
        let rows = Dictionary(configuration.entries.map { ($0.key, $0.value) }) { $1 }
        #expect(rows["keys.provider"] == "tpm2")
        #expect(rows["keys.key"] == "/etc/edged/tpm.pem")
        #expect(rows["keys.tcti"] == "device:/dev/tpmrm0")
        configuration.keys.credential = "/run/credentials/edged.key"
        #expect(configuration.keys.origin == .credential("/run/credentials/edged.key"))
        configuration.keys.source = .provider
        guard case .provider = configuration.keys.origin else { return fail(configuration) }
        configuration.keys.source = .file
        #expect(configuration.keys.origin == .file)
    }

    private func fail(_ configuration: DaemonConfiguration) { Issue.record("\(configuration.keys.origin)") }

    @Test("a URI is taken as it is")
    func uri() throws {
        for place in ["handle:0x81000001", "pkcs11:object=edged;type=private"] {
            let entries = try read("[keys]\nprovider = \"p\"\nkey = \"\(place)\"").entries
            #expect(entries.first { $0.key == "keys.key" }?.value == place)
        }
    }

    @Test(
        "half a provider, or one that is a path, is refused",
        arguments: [
            "source = \"provider\"", "provider = \"tpm2\"", "key = \"k\"", "tcti = \"device\"",
            "provider = \"/lib/tpm2.so\"\nkey = \"k\"", "source = \"tpm\"",
        ])
    func refused(_ lines: String) throws {
        let error = #expect(throws: EdgeError.self) { try read("[keys]\n\(lines)") }
        #expect(error?.detail.contains("keys.") == true)
    }

    @Test("the PIN that a token's URI may hold is told to nobody")
    func pin() throws {
        let entries = try read("[keys]\nprovider = \"pkcs11\"\nkey = \"pkcs11:object=k?pin-value=canary\"").entries
        #expect(entries.first { $0.key == "keys.key" }?.value == "pkcs11:object=k")
        #expect(!entries.contains { $0.value.contains("canary") })
    }
}
