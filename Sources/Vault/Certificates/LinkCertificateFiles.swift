public import EdgeCore
import FoundationEssentials
import Glibc
import Synchronization

/// The certificate with which the device shows central who it is, in a directory that only this user may enter.
public final class LinkCertificateFiles: LinkIdentity {
    private let certificatePath: String
    private let key: LinkKey
    private let directory: String
    /// One at a time puts files in place.
    private let writing = Mutex<Void>(())

    /// The files in `directory`, which is made when the first is put there; `provider` has the key where it is named.
    public init(directory: String, provider: ProviderKey? = nil) {
        self.directory = directory
        certificatePath = "\(directory)/central.crt"
        key = provider.map { .provider($0) } ?? .file("\(directory)/central.key")
    }

    /// The certificate; `nil` where there is none, or something that is none.
    public func present() throws(EdgeError) -> LinkCertificate? {
        guard let bytes = FileManager.default.contents(atPath: certificatePath),
            let certificate = try Certificate(pem: Array(bytes))
        else { return nil }
        return try Self.describe(certificate, fitsKey: certificate.publicKey() == key.publicKey())
    }

    /// A request that the device's key signs.
    public func request(for name: String) throws(EdgeError) -> String {
        try makeDirectory()
        return try writing.withLock { _ throws(EdgeError) in
            String(decoding: try key.request(for: name).pem(), as: UTF8.self)
        }
    }

    /// Puts a certificate in place of the one before it, whole or not at all.
    public func install(_ pem: String) throws(EdgeError) -> LinkCertificate {
        guard let certificate = try Certificate(pem: Array(pem.utf8)),
            try certificate.publicKey() == key.publicKey()
        else { throw EdgeError(.certificateRefused, "Central sent a certificate that is not of the device's key.") }
        let described = try Self.describe(certificate, fitsKey: true)
        try makeDirectory()
        try writing.withLock { _ throws(EdgeError) in
            do throws(DiskFault) {
                let draft = try DraftFile(for: certificatePath)
                try draft.fill(Array(described.pem.utf8), mode: 0o600)
                try draft.replace()
            } catch {
                throw EdgeError(.certificateKey, "\(certificatePath) cannot be \(error.deed): \(error.reason).")
            }
        }
        return described
    }

    /// Signs what a handshake asks for.
    public func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] { try key.sign(message) }

    /// Takes the certificate away; the key stays.
    public func remove() throws(EdgeError) {
        guard unlink(certificatePath) == 0 || errno == ENOENT || errno == ENOTDIR else {
            throw EdgeError(
                .certificateKey, "\(certificatePath) cannot be removed: \(String(cString: strerror(errno))).")
        }
    }

    private func makeDirectory() throws(EdgeError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw EdgeError(.certificateKey, "\(directory) cannot be made: \(String(cString: strerror(errno))).")
        }
    }

    private static func describe(_ certificate: Certificate, fitsKey: Bool) throws(EdgeError) -> LinkCertificate {
        guard let start = certificate.start, let end = certificate.end else {
            throw EdgeError(.certificateRefused, "The certificate says no time.")
        }
        let serial = certificate.serial.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return LinkCertificate(
            pem: String(decoding: try certificate.pem(), as: UTF8.self), serial: serial, start: start, end: end,
            fitsKey: fitsKey)
    }
}
