import EdgeCore
import Testing

@testable import edged

@Suite("Limits and origins in the configuration")
struct LimitsConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try .read(try ConfigSource(text, file: "test"), base: "/etc/edged")
    }

    @Test("without a word the limits are generous and no foreign page may call")
    func defaults() throws {
        let configuration = try read("")
        #expect(configuration.limits == .init(framesPerSecond: 30, anonymousPerMinute: 6000))
        #expect(configuration.http.allowedOrigins == [])
    }

    @Test("origins are taken as browsers write them")
    func origins() throws {
        let configuration = try read(
            """
            [http]
            allowed_origins = ["https://kiosk.example", "http://127.0.0.1:5173"]
            """)
        #expect(configuration.http.allowedOrigins == ["https://kiosk.example", "http://127.0.0.1:5173"])
        #expect(configuration.entries.contains { $0.key == "http.allowed_origins" })
    }

    @Test(
        "what no browser would ever send is refused, since it would allow nobody",
        arguments: [
            "*", "kiosk.example", "https://", "https://kiosk.example/", "https://Kiosk.example",
            "https://kiosk.example:443", "http://kiosk.example:80", "https://a@kiosk.example", "ftp://kiosk.example",
            "https://kiosk.example/path", "null",
        ])
    func badOrigins(origin: String) {
        let error = #expect(throws: EdgeError.self) { try read("[http]\nallowed_origins = [\"\(origin)\"]") }
        #expect(error?.detail.contains("http.allowed_origins:") == true)
    }

    @Test("limits of nothing are refused", arguments: ["frames_per_second = 0", "anonymous_per_minute = 59"])
    func badLimits(line: String) {
        let error = #expect(throws: EdgeError.self) { try read("[limits]\n\(line)") }
        #expect(error?.code == .configurationInvalid)
    }
}
