import EdgeCore
import Sync
import SyncCore
import Vault

extension DaemonConfiguration {
    /// What `edged central` adds to a daemon.
    struct Central: Equatable, Sendable {
        /// Where the fleet's database is.
        var directory = ""
        /// How long members may go on without central.
        var lease = LeasePolicy()
        /// A connection string of PostgreSQL; `nil` for an SQLite file in `directory`.
        var postgres: ConnectionText?
        /// A file with the connection string.
        var postgresFile: String?
        /// The most connections to PostgreSQL.
        var postgresConnections = 16
        /// How many connections each listener holds; half of them may be members that wait for news.
        var connections = 800
        /// Whether members are asked for certificates.
        var clientCertificates = CertificatePolicy.off
        /// How long a member's certificate holds.
        var certificateLife = Duration.seconds(30 * 86_400)
    }

    /// How a database is reached, perhaps with a password.
    struct ConnectionText: Equatable, Sendable {
        let text: Redacted<String>

        static func == (left: ConnectionText, right: ConnectionText) -> Bool {
            left.text.reveal() == right.text.reveal()
        }
    }

    /// What becomes of a configuration that central sends.
    enum ConfigurationSource: String, CaseIterable, Sendable { case take, refuse }

    /// How a member of a fleet speaks with central.
    struct Sync: Equatable, Sendable {
        /// The proxy that leads to central.
        var proxy: LinkProxy?
        /// The proxy as it was written.
        var proxyAddress: String?
        /// PEM certificates that alone are trusted for central, where `edged provision` does not say it.
        var caFile: String?
        /// The most payload bytes a second that are sent.
        var bytesPerSecond: Int?
        /// How long central may wait for news before it answers.
        var longPoll = Duration.seconds(25)
        /// Whether central may say what the device goes by.
        var configuration = ConfigurationSource.take
        /// For how long what central says is watched before it counts as good.
        var configurationTrial = Duration.seconds(120)
        /// The key of the certificate that central is shown; `nil` for a file of the device's own.
        var tlsKey: ProviderKey?
    }

    mutating func readCentral(_ section: ConfigSection, _ paths: PathResolver) {
        centralURL = section.text("url")
        if let centralURL, !Self.isSafe(centralURL) {
            section.problem("url", "must begin with https://")
        }
        central.directory = paths.absolute(section.text("directory") ?? storeDirectory + "/central")
        readPostgres(section, paths)
        let years = Duration.seconds(60)...Duration.seconds(10 * 366 * 86_400)
        let standard = LeasePolicy()
        central.lease = LeasePolicy(
            fresh: section.duration("lease_fresh", in: years) ?? standard.fresh,
            enrolling: section.duration("lease_enrolling", in: years) ?? standard.enrolling,
            valid: section.duration("lease_valid", in: years) ?? standard.valid)
        if central.lease.fresh > central.lease.enrolling || central.lease.enrolling > central.lease.valid {
            section.problem("lease_valid", "must not be shorter than lease_enrolling, nor that than lease_fresh")
        }
        central.clientCertificates = section.choice("client_certificates", default: .off)
        if central.clientCertificates != .off, !isServedByTLS {
            section.problem("client_certificates", "needs [http.lan] with TLS: certificates are shown nowhere else")
        }
        central.certificateLife =
            section.duration("certificate_life", in: .seconds(10)...Duration.seconds(825 * 86_400))
            ?? central.certificateLife
        central.connections = section.integer("connections", in: 16...20_000) ?? central.connections
        section.finish()
    }

    /// Whether other machines are served with TLS.
    private var isServedByTLS: Bool {
        switch http.lan?.protection {
        case .ownCertificate, .certificate: true
        case .plainText, nil: false
        }
    }

    private mutating func readPostgres(_ section: ConfigSection, _ paths: PathResolver) {
        central.postgres = section.text("postgres").map { ConnectionText(text: Redacted($0)) }
        central.postgresFile = section.text("postgres_file").map(paths.absolute)
        if central.postgres != nil, central.postgresFile != nil {
            section.problem("postgres_file", "give postgres or postgres_file, not both")
        }
        central.postgresConnections =
            section.integer("postgres_connections", in: 2...500) ?? central.postgresConnections
    }

    mutating func readSync(_ section: ConfigSection, _ paths: PathResolver) {
        readProxy(section, paths)
        sync.tlsKey = Self.providerKey(section, paths, names: ("tls_provider", "tls_key", "tls_tcti"))
        sync.caFile = section.text("ca_file").map(paths.absolute)
        sync.bytesPerSecond = section.integer("bytes_per_second", in: 1024...1_000_000_000)
        sync.configuration = section.choice("configuration", default: .take)
        sync.configurationTrial =
            section.duration("configuration_trial", in: .seconds(1)...Duration.seconds(86_400))
            ?? sync.configurationTrial
        sync.longPoll = section.duration("long_poll", in: .seconds(1)...Duration.seconds(60)) ?? sync.longPoll
        section.finish()
    }

    private mutating func readProxy(_ section: ConfigSection, _ paths: PathResolver) {
        let credentials = section.text("proxy_credentials_file").map(paths.absolute)
        let exceptions = section.texts("no_proxy") ?? []
        guard let address = section.text("proxy") else {
            if credentials != nil { section.problem("proxy_credentials_file", "is of use with proxy only") }
            return
        }
        sync.proxyAddress = address
        sync.proxy = LinkProxy(address)
        if sync.proxy == nil {
            section.problem("proxy", "must be http:// with host and port; credentials go into proxy_credentials_file")
        }
        sync.proxy?.credentialsFile = credentials
        for text in exceptions {
            guard let exception = ProxyException(text) else {
                section.problem("no_proxy", "\"\(text)\" is no host, no .domain and no block of addresses")
                continue
            }
            sync.proxy?.exceptions.append(exception)
        }
    }

    var fleetEntries: [ConfigurationEntry] {
        let days = { (duration: Duration) in "\(duration.components.seconds)s" }
        let rows: [(String, String?)] = [
            ("central.directory", central.directory),
            ("central.postgres", central.postgres.map { _ in "(hidden)" }),
            ("central.postgres_file", central.postgresFile),
            ("central.postgres_connections", "\(central.postgresConnections)"),
            ("central.lease_fresh", days(central.lease.fresh)),
            ("central.lease_enrolling", days(central.lease.enrolling)),
            ("central.lease_valid", days(central.lease.valid)),
            ("central.connections", "\(central.connections)"),
            ("central.client_certificates", central.clientCertificates.rawValue),
            ("central.certificate_life", days(central.certificateLife)),
            ("sync.proxy", sync.proxy == nil ? nil : sync.proxyAddress),
            ("sync.proxy_credentials_file", sync.proxy?.credentialsFile),
            (
                "sync.no_proxy",
                sync.proxy?.exceptions.isEmpty == false
                    ? sync.proxy?.exceptions.map(\.text).joined(separator: " ") : nil
            ),
            ("sync.ca_file", sync.caFile),
            ("sync.configuration", sync.configuration.rawValue),
            ("sync.configuration_trial", days(sync.configurationTrial)), ("sync.tls_provider", sync.tlsKey?.provider),
            ("sync.tls_key", sync.tlsKey.map { Self.withoutAttributes($0.key) }),
            ("sync.tls_tcti", sync.tlsKey?.tcti),
            ("sync.bytes_per_second", sync.bytesPerSecond.map(String.init)),
            ("sync.long_poll", days(sync.longPoll)),
        ]
        return Self.entries(rows)
    }
}
