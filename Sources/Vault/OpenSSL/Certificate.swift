import COpenSSL
public import EdgeCore
import FoundationEssentials
import Glibc

/// An X.509 certificate.
final class Certificate {
    let handle: OpaquePointer

    init() throws(EdgeError) {
        guard let handle = X509_new() else { throw cryptoFault("X509_new") }
        self.handle = handle
    }

    /// Reads the first certificate of a PEM file's content; `nil` when there is none.
    init?(pem: [UInt8]) throws(EdgeError) {
        let buffer = try MemoryBuffer(pem)
        guard let handle = PEM_read_bio_X509(buffer.handle, nil, noPassword, nil) else {
            ERR_clear_error()
            return nil
        }
        self.handle = handle
    }

    deinit { X509_free(handle) }

    /// From when on it holds.
    var start: Date? { Self.date(X509_get0_notBefore(handle)) }

    /// Until when it holds.
    var end: Date? { Self.date(X509_get0_notAfter(handle)) }

    /// Whether `key` is the private half of its key.
    func belongs(to key: SigningKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(handle, key.handle) == 1
    }

    /// Whether it stands for `name`, as a client checks it: by its alternative names alone.
    func covers(_ name: CertificateName) -> Bool {
        switch name {
        case .host(let text):
            X509_check_host(handle, text, 0, UInt32(X509_CHECK_FLAG_NEVER_CHECK_SUBJECT), nil) == 1
        case .address(let text): X509_check_ip_asc(handle, text, 0) == 1
        }
    }

    /// SHA-256 of the whole certificate, as people compare it.
    func fingerprint() throws(EdgeError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: CUnsignedInt = 0
        guard X509_digest(handle, EVP_sha256(), &digest, &count) == 1, count == 32 else {
            throw cryptoFault("X509_digest")
        }
        return CertificateFingerprint.spelled(digest)
    }

    func pem() throws(EdgeError) -> [UInt8] {
        let buffer = try MemoryBuffer()
        guard PEM_write_bio_X509(buffer.handle, handle) == 1 else { throw cryptoFault("PEM_write_bio_X509") }
        return try buffer.drain()
    }

    private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Date(timeIntervalSince1970: TimeInterval(timegm(&parts)))
    }
}

/// How people compare certificates.
public enum CertificateFingerprint {
    /// The SHA-256 of a certificate in DER: upper-case hexadecimal digits, a colon between bytes.
    public static func text(ofDER der: [UInt8]) throws(EdgeError) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        var count = 0
        guard EVP_Q_digest(nil, "SHA256", nil, der, der.count, &digest, &count) == 1, count == 32 else {
            throw cryptoFault("EVP_Q_digest")
        }
        return spelled(digest)
    }

    static func spelled(_ digest: [UInt8]) -> String {
        digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: ":")
    }
}
