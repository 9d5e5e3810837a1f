import EdgeCore
import Testing

@testable import edged

@Suite("Outbox in the configuration")
struct OutboxConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try .read(try ConfigSource(text, file: "test"), base: "/etc/edged")
    }

    private func value(_ key: String, _ text: String) throws -> String? {
        try read(text).entries.first { $0.key == key }?.value
    }

    @Test("without a central the lanes are short rings, with one they are long and a full audit lane denies")
    func defaults() throws {
        let central = "[central]\nurl = \"https://central.example\""
        #expect(try value("outbox.events.records", "") == "10000")
        #expect(try value("outbox.events.records", central) == "500000")
        #expect(try value("outbox.audit_full", central) == "deny")
    }

    @Test("quotas are written lane by lane, the rest stays, and what holds is told")
    func written() throws {
        let text = """
            [outbox]
            audit_full = "degrade"
            [outbox.events]
            records = 1000
            mebibytes = 3
            """
        #expect(try value("outbox.audit_full", text) == "degrade")
        #expect(try value("outbox.events.records", text) == "1000")
        #expect(try value("outbox.events.mebibytes", text) == "3")
        #expect(try value("outbox.audit.records", text) == "10000")
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            "[outbox]\naudit_full = \"open\"", "[outbox.events]\nrecords = 3", "[outbox.control]\nmebibytes = 0",
            "[outbox.door]\nrecords = 100", "[outbox.audit]\nrecord = 100",
        ])
    func refused(text: String) {
        #expect(throws: EdgeError.self) { try read(text) }
    }
}
