import EdgeCore
import EdgeTesting
import Foundation
import Logging
import Testing

@testable import edged

@Suite("Configuration of the listeners")
struct ListenerConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try DaemonConfiguration.read(try ConfigSource(text, file: "edged.toml"), base: "/etc/edged")
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch {
            return (error as? EdgeError)?.detail.split(separator: "\n").map(String.init) ?? ["\(error)"]
        }
    }

    @Test("without a word there is loopback and nothing else")
    func defaults() throws {
        let http = try read("").http
        #expect(http.socket == nil)
        #expect(http.lan == nil)
    }

    @Test("a LAN listener uses TLS with the device's own certificate unless told otherwise")
    func ownCertificate() throws {
        let lan = try #require(try read("[http.lan]\nlisten = \"0.0.0.0:8443\"").http.lan)
        #expect(lan.host == "0.0.0.0")
        #expect(lan.port == 8443)
        #expect(lan.protection == .ownCertificate(names: []))
        let named = try read("[http.lan]\nlisten = \"[::]:8443\"\nnames = [\"door.example\", \"192.0.2.7\"]")
        guard case .ownCertificate(let names)? = named.http.lan?.protection else {
            Issue.record("no own certificate")
            return
        }
        #expect(names.map { "\($0)" } == ["host(\"door.example\")", "address(\"192.0.2.7\")"])
    }

    @Test("a given certificate and the API's socket are taken relative to the file's directory")
    func givenCertificate() throws {
        let http = try read(
            """
            [http]
            socket = "api.sock"
            [http.lan]
            listen = "192.0.2.7:443"
            certificate = "tls/door.crt"
            key = "/etc/ssl/private/door.key"
            """
        ).http
        #expect(http.socket == "/etc/edged/api.sock")
        #expect(
            http.lan?.protection == .certificate(file: "/etc/edged/tls/door.crt", key: "/etc/ssl/private/door.key"))
    }

    @Test("plain HTTP for other machines takes the whole word")
    func plain() throws {
        let text = "[http.lan]\nlisten = \"0.0.0.0:8081\"\nplain_http_sends_faces_and_passwords_unprotected = "
        #expect(try read(text + "true").http.lan?.protection == .plainText)
        #expect(try read(text + "false").http.lan?.protection == .ownCertificate(names: []))
    }

    @Test(
        "what would be unsafe or ambiguous is refused",
        arguments: [
            ("[http]\nlisten = \"0.0.0.0:8080\"", "http.listen"),
            ("[http]\nsocket = \"\"", "http.socket"),
            ("[http]\nsocket = \"/run/e.sock\"\ncontrol_socket = \"/run/e.sock\"", "http.socket"),
            ("[http]\nsocket = \"/run/\(String(repeating: "x", count: 100))\"", "http.socket"),
            ("[http.lan]\nnames = [\"door.example\"]", "http.lan.listen"),
            ("[http.lan]\nlisten = \"everywhere\"", "http.lan.listen"),
            ("[http.lan]\nlisten = \"0.0.0.0:8080\"", "http.lan.listen"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\ncertificate = \"c\"", "http.lan.key"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\nkey = \"k\"", "http.lan.certificate"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\ncertificate = \"c\"\nkey = \"k\"\nnames = []", "http.lan.names"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\nnames = [\"*.example\"]", "http.lan.names"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\nnames = \"door.example\"", "http.lan.names"),
            ("[http.lan]\nlisten = \"0.0.0.0:1\"\nplain = true", "http.lan.plain"),
            (
                "[http.lan]\nlisten = \"0.0.0.0:1\"\nplain_http_sends_faces_and_passwords_unprotected = \"yes\"",
                "http.lan.plain_http_sends_faces_and_passwords_unprotected"
            ),
            (
                "[http.lan]\nlisten = \"0.0.0.0:1\"\nplain_http_sends_faces_and_passwords_unprotected = true\n"
                    + "certificate = \"c\"\nkey = \"k\"",
                "http.lan.plain_http_sends_faces_and_passwords_unprotected"
            ),
            (
                "[http.lan]\nlisten = \"0.0.0.0:1\"\nplain_http_sends_faces_and_passwords_unprotected = true\n"
                    + "names = [\"door.example\"]",
                "http.lan.plain_http_sends_faces_and_passwords_unprotected"
            ),
            ("[http]\nlan = true", "http.lan"),
        ])
    func refuses(text: String, key: String) {
        #expect(problems(text).contains { $0.contains("\(key):") }, "\(problems(text))")
    }

    @Test("the certificate that is shown follows from the configuration, and a new one is shown after a reload")
    func certificate() async throws {
        let directory = try TemporaryDirectory()
        let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (clock, health) = (ManualClock(), HealthBoard())
        var configuration = DaemonConfiguration()
        configuration.storeDirectory = directory.url.path
        #expect(try LANCertificate(configuration, clock: clock, health: health, log: log) == nil)
        configuration.http.lan = .init(host: "127.0.0.1", port: 0, protection: .plainText)
        #expect(try LANCertificate(configuration, clock: clock, health: health, log: log) == nil)
        configuration.http.lan?.protection = .ownCertificate(names: [])
        let own = try #require(try LANCertificate(configuration, clock: clock, health: health, log: log))
        let first = try #require(own.fingerprint)
        await own.reload()
        #expect(own.fingerprint == first)
        clock.advance(by: .seconds(800 * 86_400))
        await own.reload()
        #expect(own.fingerprint != first)
        configuration.http.lan?.protection = .certificate(
            file: directory.path("tls/device.crt"), key: directory.path("tls/device.key"))
        let given = try #require(try LANCertificate(configuration, clock: clock, health: health, log: log))
        #expect(given.fingerprint == own.fingerprint)
        configuration.http.lan?.protection = .certificate(file: "/nowhere.crt", key: "/nowhere.key")
        #expect(throws: EdgeError.self) { try LANCertificate(configuration, clock: clock, health: health, log: log) }
    }
}
