import EdgeCore
import SyncCore
import Testing

@testable import edged

@Suite("A fleet in the configuration")
struct FleetConfigurationTests {
    private func read(_ text: String) throws -> DaemonConfiguration {
        try .read(try ConfigSource(text, file: "test"), base: "/etc/edged")
    }

    @Test("without a word a lease holds for thirty days, and central keeps its database beside the store")
    func defaults() throws {
        let configuration = try read("[store]\ndirectory = \"/srv/edged\"")
        #expect(configuration.central.directory == "/srv/edged/central")
        #expect(configuration.central.lease == LeasePolicy())
        #expect(configuration.sync == DaemonConfiguration.Sync())
    }

    @Test("what is written holds and is told")
    func written() throws {
        let configuration = try read(
            """
            [central]
            directory = "fleet"
            lease_fresh = "2h"
            lease_enrolling = "1d"
            lease_valid = "3d"
            [sync]
            ca_file = "central.pem"
            proxy = "http://proxy.example:3128"
            proxy_credentials_file = "proxy.secret"
            no_proxy = [".site.example", "10.0.0.0/8", "central"]
            bytes_per_second = 20000
            long_poll = "10s"
            """)
        #expect(configuration.central.directory == "/etc/edged/fleet")
        #expect(configuration.central.lease.valid == .seconds(3 * 86_400))
        #expect(configuration.sync.caFile == "/etc/edged/central.pem")
        let entries = Dictionary(uniqueKeysWithValues: configuration.entries.map { ($0.key, $0.value) })
        #expect(entries["central.lease_fresh"] == "7200s" && entries["sync.long_poll"] == "10s")
        #expect(entries["sync.proxy_credentials_file"] == "/etc/edged/proxy.secret")
        #expect(entries["sync.no_proxy"] == ".site.example 10.0.0.0/8 central")
        #expect(entries["sync.proxy"] == "http://proxy.example:3128" && entries["sync.bytes_per_second"] == "20000")
    }

    @Test("who shows certificates, and with which key, is read; what a URI holds beside the key is told to nobody")
    func certificates() throws {
        #expect(try read("").central.clientCertificates == .off)
        let configuration = try read(
            """
            [http.lan]
            listen = "127.0.0.1:8443"
            names = ["central"]
            [central]
            client_certificates = "required"
            certificate_life = "7d"
            [sync]
            tls_provider = "pkcs11"
            tls_key = "pkcs11:object=k?pin-value=canary"
            """)
        let entries = Dictionary(uniqueKeysWithValues: configuration.entries.map { ($0.key, $0.value) })
        #expect(entries["central.client_certificates"] == "required")
        #expect(entries["central.certificate_life"] == "604800s")
        #expect(entries["sync.tls_provider"] == "pkcs11" && entries["sync.tls_key"] == "pkcs11:object=k")
        #expect(!entries.values.contains { $0.contains("canary") })
    }

    @Test("how PostgreSQL is reached is read, and told to nobody")
    func postgres() throws {
        let configuration = try read(
            """
            [central]
            postgres = "host=db.example dbname=fleet password=canary"
            postgres_connections = 8
            """)
        #expect(configuration.central.postgres?.text.reveal().contains("canary") == true)
        let entries = Dictionary(uniqueKeysWithValues: configuration.entries.map { ($0.key, $0.value) })
        #expect(entries["central.postgres"] == "(hidden)" && entries["central.postgres_connections"] == "8")
        #expect(!entries.values.contains { $0.contains("canary") } && !"\(configuration)".contains("canary"))
        let file = try read("[central]\npostgres_file = \"fleet.conninfo\"")
        #expect(file.central.postgresFile == "/etc/edged/fleet.conninfo")
    }

    @Test(
        "what makes no sense is refused",
        arguments: [
            "[central]\nlease_fresh = \"2d\"\nlease_valid = \"1d\"", "[central]\nconnections = 1",
            "[central]\npostgres = \"dbname=a\"\npostgres_file = \"b\"",
            "[sync]\nproxy = \"socks5://proxy.example:1\"", "[sync]\nproxy = \"http://proxy.example\"",
            "[sync]\nproxy = \"http://me:secret@proxy.example:3128\"", "[sync]\nproxy_credentials_file = \"a\"",
            "[sync]\nproxy = \"http://proxy.example:3128\"\nno_proxy = [\"10.1.2.3/8\"]",
            "[sync]\ntls_provider = \"tpm2\"", "[central]\nclient_certificates = \"required\"",
            "[http.lan]\nlisten = \"127.0.0.1:1\"\n[central]\nclient_certificates = \"always\"",
            "[central]\ncertificate_life = \"1s\"",
            "[sync]\nlong_poll = \"2h\"", "[sync]\nlanes = 3",
        ])
    func refused(text: String) {
        #expect(throws: EdgeError.self) { try read(text) }
    }
}
