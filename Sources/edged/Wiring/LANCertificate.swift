import EdgeAPI
import EdgeCore
import FoundationEssentials
import Logging
import Vault

/// The certificate that other machines are shown: the configured one, or one that the device makes for itself.
struct LANCertificate: Sendable {
    /// What the server shows.
    let served: ServerCertificate
    private let own: Own?
    private let clock: any EdgeClock
    private let health: HealthBoard
    private let log: Logger

    private struct Own: Sendable {
        let directory: String
        let names: [CertificateName]
    }

    /// Opens or makes it; `nil` where no TLS is served.
    ///
    /// Throws `http.tls.unreadable`.
    init?(
        _ configuration: DaemonConfiguration, clientAuthorities: [[UInt8]] = [], clock: any EdgeClock,
        health: HealthBoard, log: Logger
    ) throws(EdgeError) {
        let files: (certificate: String, key: String)
        switch configuration.http.lan?.protection {
        case nil, .plainText: return nil
        case .certificate(let file, let key):
            own = nil
            files = (file, key)
        case .ownCertificate(let names):
            let own = Own(directory: configuration.certificateDirectory, names: names)
            let made = try Self.open(own, clock: clock, log: log)
            self.own = own
            files = (made.certificateFile, made.keyFile)
        }
        served = try ServerCertificate(
            certificateFile: files.certificate, keyFile: files.key, clientAuthorities: clientAuthorities,
            health: health, log: log)
        self.clock = clock
        self.health = health
        self.log = log
    }

    /// SHA-256 of what new connections are shown.
    var fingerprint: String? { try? CertificateFingerprint.text(ofDER: served.der) }

    /// Until when that holds.
    var end: Date? { CertificateTerm.end(ofDER: served.der) }

    /// Reads the files again, after a look whether the device's own certificate is due.
    func reload() async {
        renew()
        await served.reload()
    }

    /// Renews the device's own certificate in time, also when the clock was wrong at the first start.
    func keepRenewed() async {
        while !Task.isCancelled {
            // Cancelled when the daemon stops; nothing to do then.
            try? await Task.sleep(for: .seconds(3600))
            renew()
        }
    }

    private func renew() {
        guard let own else { return }
        do throws(EdgeError) { _ = try Self.open(own, clock: clock, log: log) } catch {
            health.raise(error, severity: .warning)
            log.error("The device's certificate could not be renewed", metadata: ["error": "\(error)"])
        }
    }

    private static func open(_ own: Own, clock: any EdgeClock, log: Logger) throws(EdgeError) -> DeviceCertificate {
        let certificate = try DeviceCertificate.open(directory: own.directory, names: own.names, now: clock.wall)
        if let made = certificate.made {
            log.notice(
                "A certificate was made: compare its fingerprint where clients are asked to trust it",
                metadata: ["why": "\(made.rawValue)", "sha256": "\(certificate.fingerprint)"])
        }
        return certificate
    }
}
