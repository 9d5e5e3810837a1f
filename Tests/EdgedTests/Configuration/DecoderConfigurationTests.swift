import EdgeCore
import Testing

@testable import edged

@Suite("Where pictures are decoded, in the configuration")
struct DecoderConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    @Test("in the daemon where nothing is said")
    func defaults() throws {
        #expect(try read("").decoder.isolation == .off)
        #expect(try read("").entries.first { $0.key == "decoder.isolation" }?.value == "off")
    }

    @Test("in a process of its own behind a socket")
    func socket() throws {
        let standard = try read("[decoder]\nisolation = \"socket\"").decoder
        #expect(standard.isolation == .socket && standard.socket == "/run/edged-decoder.sock")
        #expect(try read("[decoder]\nsocket = \"decoder.sock\"").decoder.socket == "/etc/edged/decoder.sock")
    }

    @Test(
        "anything else is refused",
        arguments: [
            "isolation = \"process\"", "isolation = true", "socket = \"/\(String(repeating: "x", count: 120))\"",
        ])
    func refused(line: String) {
        let error = #expect(throws: EdgeError.self) { try read("[decoder]\n\(line)") }
        #expect(error?.code == .configurationInvalid)
    }

    @Test("a reload does not move it, and so central cannot")
    func restart() {
        for key in ["decoder.isolation", "decoder.socket"] { #expect(ConfigCatalogue.key(key)?.effect == .restart) }
    }
}
