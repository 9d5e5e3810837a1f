import COpenSSL
import EdgeCore

/// A private key that signs certificates and requests, and the handshakes of those who show them.
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

    /// Its public half (SubjectPublicKeyInfo, DER).
    func publicKey() throws(EdgeError) -> [UInt8] { try encodedPublicKey(handle) }

    /// ECDSA with SHA-256, as DER.
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        guard let signature = ecdsaSignature(of: message, by: handle, in: nil, preferring: nil) else {
            throw cryptoFault("EVP_DigestSign")
        }
        return signature
    }
}

/// ECDSA with SHA-256, as DER; `nil` where the library or a provider refuses.
///
/// `properties` says in the library's words whose code is to be taken.
func ecdsaSignature(
    of message: [UInt8], by key: OpaquePointer, in library: OpaquePointer?, preferring properties: String?
) -> [UInt8]? {
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    var signature = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(key)))
    var count = signature.count
    guard EVP_DigestSignInit_ex(context, nil, "SHA256", library, properties, key, nil) == 1,
        EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    else { return nil }
    return Array(signature[..<count])
}
