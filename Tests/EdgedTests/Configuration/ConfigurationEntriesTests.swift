import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import edged

@Suite("Configuration as rows")
struct ConfigurationEntriesTests {
    private func entries(_ text: String) throws -> [ConfigurationEntry] {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged").entries
    }

    @Test("each key stands there once, as in the file, with the value in force")
    func keys() throws {
        let entries = try entries(
            """
            [liveness]
            policy = "strict"
            [sessions]
            ttl = "90s"
            [[cameras]]
            name = "door"
            device = "/dev/video0"
            """)
        let keys = entries.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(entries.allSatisfy { !$0.value.isEmpty && !$0.about.isEmpty })
        func value(_ key: String) -> String? { entries.first { $0.key == key }?.value }
        #expect(value("liveness.policy") == "strict")
        #expect(value("sessions.ttl") == "90000ms")
        #expect(value("cameras.door.device") == "/dev/video0")
        #expect(value("http.listen") == "127.0.0.1:8080")
        #expect(value("central.url") == nil)
    }

    @Test("a duration that is told can be written into the file again")
    func durations() throws {
        #expect(try entries("[sessions]\nttl = \"90000ms\"").first { $0.key == "sessions.ttl" }?.value == "90000ms")
        let kept = try entries("[store]\naudit_retention = \"730d\"").first { $0.key == "store.audit_retention" }
        #expect(kept?.value == "63072000s")
        #expect(try !entries("").contains { $0.key == "store.audit_retention" })
    }

    @Test("no secret stands there: of an address only the host, of a certificate not the key")
    func secrets() throws {
        let entries = try entries(
            """
            [central]
            url = "https://name:canary@central.example:8443/path?token=canary"
            [http.lan]
            listen = "0.0.0.0:8443"
            certificate = "/etc/edged/lan.pem"
            key = "/etc/edged/canary.key"
            """)
        #expect(entries.first { $0.key == "central.url" }?.value == "https://central.example:8443")
        #expect(entries.first { $0.key == "http.lan.certificate" }?.value == "/etc/edged/lan.pem")
        #expect(!entries.contains { $0.value.contains("canary") })
    }
}
