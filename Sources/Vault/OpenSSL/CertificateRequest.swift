import COpenSSL
import EdgeCore

/// A request for a certificate (PKCS #10), signed by the key that it is for.
final class CertificateRequest {
    let handle: OpaquePointer

    /// A request for `key`, signed by it; `nil` where the library or a provider refuses.
    ///
    /// `properties` says in the library's words whose code is to be taken.
    init?(_ name: String, key: OpaquePointer, in library: OpaquePointer? = nil, preferring properties: String? = nil) {
        guard let handle = X509_REQ_new_ex(library, properties) else { return nil }
        self.handle = handle
        let text = Array(name.utf8.prefix(64))
        guard X509_REQ_set_version(handle, 0) == 1,
            X509_NAME_add_entry_by_txt(
                X509_REQ_get_subject_name(handle), "CN", MBSTRING_ASC, text, CInt(text.count), -1, 0) == 1,
            X509_REQ_set_pubkey(handle, key) == 1, X509_REQ_sign(handle, key, EVP_sha256()) > 0
        else { return nil }
    }

    /// Reads a request in PEM; `nil` for anything else.
    init?(pem: [UInt8]) throws(EdgeError) {
        let buffer = try MemoryBuffer(pem)
        guard let handle = PEM_read_bio_X509_REQ(buffer.handle, nil, noPassword, nil) else {
            ERR_clear_error()
            return nil
        }
        self.handle = handle
    }

    deinit { X509_REQ_free(handle) }

    /// The key that it is for, where that signed it and is one on P-256.
    var provenKey: OpaquePointer? {
        defer { ERR_clear_error() }
        guard let key = X509_REQ_get0_pubkey(handle), EVP_PKEY_is_a(key, "EC") == 1 else { return nil }
        var name = [CChar](repeating: 0, count: 64)
        var count = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &count) == 1,
            String(decoding: name.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) == "prime256v1",
            X509_REQ_verify(handle, key) == 1
        else { return nil }
        return key
    }

    func pem() throws(EdgeError) -> [UInt8] {
        let buffer = try MemoryBuffer()
        guard PEM_write_bio_X509_REQ(buffer.handle, handle) == 1 else { throw cryptoFault("PEM_write_bio_X509_REQ") }
        return try buffer.drain()
    }
}
