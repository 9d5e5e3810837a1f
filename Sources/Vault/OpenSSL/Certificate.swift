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

    /// Reads a certificate in DER; `nil` for anything else.
    init?(der: [UInt8]) throws(EdgeError) {
        let buffer = try MemoryBuffer(der)
        guard let handle = d2i_X509_bio(buffer.handle, nil) else {
            ERR_clear_error()
            return nil
        }
        self.handle = handle
    }

    deinit { X509_free(handle) }

    /// The only common name of its subject; `nil` for none and for several.
    var commonName: String? {
        let subject = X509_get_subject_name(handle)
        let place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard place >= 0, X509_NAME_get_index_by_NID(subject, NID_commonName, place) < 0,
            let entry = X509_NAME_get_entry(subject, place), let text = X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        return String(validating: Self.bytes(of: text), as: UTF8.self)
    }

    /// Its serial number, big endian.
    var serial: [UInt8] { X509_get0_serialNumber(handle).map(Self.bytes) ?? [] }

    /// Its public key (SubjectPublicKeyInfo, DER).
    func publicKey() throws(EdgeError) -> [UInt8] {
        guard let key = X509_get0_pubkey(handle) else { throw cryptoFault("X509_get0_pubkey") }
        return try encodedPublicKey(key)
    }

    func der() throws(EdgeError) -> [UInt8] {
        let buffer = try MemoryBuffer()
        guard i2d_X509_bio(buffer.handle, handle) == 1 else { throw cryptoFault("i2d_X509_bio") }
        return try buffer.drain()
    }

    private static func bytes(of text: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        guard let start = ASN1_STRING_get0_data(text) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(text))))
    }

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
