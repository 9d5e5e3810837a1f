import COpenSSL
import EdgeCore

/// A private key that signs a certificate and, later, the handshakes of those who serve it.
final class SigningKey {
    let handle: OpaquePointer

    private init(_ handle: OpaquePointer) { self.handle = handle }

    /// A fresh key on the curve P-256.
    static func make() throws(EdgeError) -> SigningKey {
        guard let handle = edged_make_p256_key() else { throw cryptoFault("EVP_EC_gen") }
        return SigningKey(handle)
    }

    /// Reads an unencrypted PEM file's content; `nil` when it is none.
    init?(pem: [UInt8]) throws(EdgeError) {
        let buffer = try MemoryBuffer(pem)
        guard let handle = PEM_read_bio_PrivateKey(buffer.handle, nil, noPassword, nil) else {
            ERR_clear_error()
            return nil
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    /// The key as unencrypted PKCS #8 in PEM.
    ///
    /// The caller wipes the result.
    func pem() throws(EdgeError) -> [UInt8] {
        let buffer = try MemoryBuffer()
        guard PEM_write_bio_PKCS8PrivateKey(buffer.handle, handle, nil, nil, 0, nil, nil) == 1 else {
            throw cryptoFault("PEM_write_bio_PKCS8PrivateKey")
        }
        return try buffer.drain()
    }
}
