import COpenSSL
import EdgeCore

/// A key that agrees on secrets (X25519, RFC 7748).
///
/// Unchecked because of the pointer; safe because nothing writes the key after `init`.
final class X25519Key: @unchecked Sendable {
    static let keyLength = 32
    private static let name = "X25519"

    /// The raw public key; 32 bytes.
    let publicKey: [UInt8]
    private let handle: OpaquePointer

    /// A fresh key.
    convenience init() throws(EdgeError) { try self.init(seed: SecretBytes.random(count: Self.keyLength)) }

    /// The key of a secret of 32 bytes.
    convenience init(seed: SecretBytes) throws(EdgeError) {
        let made = seed.withBytes { bytes in
            EVP_PKEY_new_raw_private_key_ex(
                nil, Self.name, nil, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
        }
        guard let made else { throw cryptoFault("EVP_PKEY_new_raw_private_key_ex") }
        try self.init(taking: made)
    }

    /// Reads an unencrypted PEM file's content; `nil` when it holds no such key.
    convenience init?(pem: [UInt8]) throws(EdgeError) {
        let buffer = try MemoryBuffer(pem)
        guard let key = PEM_read_bio_PrivateKey(buffer.handle, nil, noPassword, nil) else {
            ERR_clear_error()
            return nil
        }
        guard EVP_PKEY_is_a(key, Self.name) == 1 else {
            EVP_PKEY_free(key)
            return nil
        }
        try self.init(taking: key)
    }

    private init(taking key: OpaquePointer) throws(EdgeError) {
        var raw = [UInt8](repeating: 0, count: Self.keyLength)
        var count = raw.count
        guard EVP_PKEY_get_raw_public_key(key, &raw, &count) == 1, count == raw.count else {
            EVP_PKEY_free(key)
            throw cryptoFault("EVP_PKEY_get_raw_public_key")
        }
        handle = key
        publicKey = raw
    }

    deinit { EVP_PKEY_free(handle) }

    /// What this key and a raw public key agree on; `nil` for bytes that are no key, or one that agrees with everybody.
    func secret(with peer: [UInt8]) -> SecretBytes? {
        guard peer.count == Self.keyLength,
            let key = EVP_PKEY_new_raw_public_key_ex(nil, Self.name, nil, peer, peer.count)
        else { return nil }
        defer {
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        return agreedSecret(of: handle, with: key, in: nil, by: nil)
    }

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
