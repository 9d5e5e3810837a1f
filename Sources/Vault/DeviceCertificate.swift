public import EdgeCore
public import FoundationEssentials

/// The certificate that a device makes for itself when it is given none.
///
/// Nobody vouches for it: whoever trusts it compares its fingerprint. Its key outlives it, so that a client which
/// remembers the key instead of the certificate need not ask again.
public struct DeviceCertificate: Sendable, Equatable {
    /// Why a certificate was made.
    public enum Occasion: String, Sendable {
        /// There was none.
        case first = "there was none"
        /// It was about to end, or had not begun by this device's clock.
        case time = "its time was over or near its end"
        /// The configuration has a name that it did not stand for.
        case names = "it lacked a name of the configuration"
        /// It could not be read, or others could read its key.
        case unusable = "the old one could not be used"
    }

    /// Days that a certificate holds; some clients refuse one of more than 825.
    static let days = 820
    /// Days before the end at which it is replaced.
    static let lastDays = 30

    /// The PEM file with the certificate.
    public let certificateFile: String
    /// The PEM file with its key, for this user alone.
    public let keyFile: String
    /// SHA-256 of the certificate: upper-case hexadecimal digits, a colon between bytes.
    public let fingerprint: String
    /// Until when it holds.
    public let end: Date
    /// Why it was made just now; `nil` when it was there.
    public let made: Occasion?

    /// Gives the certificate in `directory`, or makes it: at the first start, and whenever it cannot serve any longer.
    ///
    /// It stands for this device's host name, `localhost`, `127.0.0.1`, `::1` and `names`. The directory is made, its
    /// parent must be there. Throws `http.tls.unreadable` when the disk refuses.
    public static func open(
        directory: String, names: [CertificateName], now: Date
    ) throws(EdgeError) -> DeviceCertificate {
        let files = try CertificateFiles(directory: directory)
        let certificate = try files.certificate()
        let key = try files.key()
        let occasion: Occasion
        if let certificate, let key, certificate.belongs(to: key), let end = certificate.end {
            guard let why = Self.reason(against: certificate, names: names, now: now) else {
                return try DeviceCertificate(files, certificate, end: end, made: nil)
            }
            occasion = why
        } else {
            occasion = files.isEmpty ? .first : .unusable
        }
        return try make(files, key: occasion == .unusable ? nil : key, names: names, now: now, occasion: occasion)
    }

    private static func reason(
        against certificate: Certificate, names: [CertificateName], now: Date
    ) -> Occasion? {
        guard let start = certificate.start, let end = certificate.end else { return .unusable }
        if now < start || now.addingTimeInterval(TimeInterval(lastDays * 86_400)) >= end { return .time }
        return names.allSatisfy(certificate.covers) ? nil : .names
    }

    private static func make(
        _ files: CertificateFiles, key old: SigningKey?, names: [CertificateName], now: Date, occasion: Occasion
    ) throws(EdgeError) -> DeviceCertificate {
        let key = if let old { old } else { try SigningKey.make() }
        // A day back, for clients whose clock is behind.
        let start = now.addingTimeInterval(-86_400)
        let end = start.addingTimeInterval(TimeInterval(days * 86_400))
        var all: [CertificateName] = []
        for name in CertificateName.ofThisDevice() + names where !all.contains(name) { all.append(name) }
        let certificate = try Certificate.selfSigned(
            by: key, commonName: CertificateName.hostName() ?? "edged", names: all, from: start, to: end)
        // The key first: a certificate without its key would be of no use after a power cut.
        if old == nil { try files.put(key) }
        try files.put(certificate)
        return try DeviceCertificate(files, certificate, end: end, made: occasion)
    }

    private init(
        _ files: CertificateFiles, _ certificate: Certificate, end: Date, made: Occasion?
    ) throws(EdgeError) {
        certificateFile = files.certificatePath
        keyFile = files.keyPath
        fingerprint = try certificate.fingerprint()
        self.end = end
        self.made = made
    }
}
