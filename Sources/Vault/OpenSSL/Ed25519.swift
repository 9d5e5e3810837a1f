import COpenSSL
import EdgeCore

/// A key that signs (Ed25519, RFC 8032).
final class Ed25519Key: @unchecked Sendable {
    static let keyLength = 32
    static let signatureLength = 64

    /// The raw public key; 32 bytes.
    let publicKey: [UInt8]
    // OpenSSL reads a key from any number of threads at once; nothing writes it after `init`.
    private let handle: OpaquePointer

    /// The key pair of a secret seed of 32 bytes.
    init(seed: SecretBytes) throws(EdgeError) {
        let made = seed.withBytes { bytes in
            EVP_PKEY_new_raw_private_key_ex(
                nil, "ED25519", nil, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
        }
        guard let made else { throw cryptoFault("EVP_PKEY_new_raw_private_key_ex") }
        var key = [UInt8](repeating: 0, count: Self.keyLength)
        var count = key.count
        guard EVP_PKEY_get_raw_public_key(made, &key, &count) == 1, count == Self.keyLength else {
            EVP_PKEY_free(made)
            throw cryptoFault("EVP_PKEY_get_raw_public_key")
        }
        handle = made
        publicKey = key
    }

    deinit { EVP_PKEY_free(handle) }

    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        guard let context = EVP_MD_CTX_new() else { throw cryptoFault("EVP_MD_CTX_new") }
        defer { EVP_MD_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: Self.signatureLength)
        var count = signature.count
        guard EVP_DigestSignInit_ex(context, nil, nil, nil, nil, handle, nil) == 1,
            EVP_DigestSign(context, &signature, &count, message, message.count) == 1, count == signature.count
        else { throw cryptoFault("EVP_DigestSign") }
        return signature
    }

    /// Whether `signature` is that of `message` under a raw public key.
    static func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        guard signature.count == signatureLength, publicKey.count == keyLength,
            let key = EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, publicKey, publicKey.count)
        else { return false }
        defer { EVP_PKEY_free(key) }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            // A signature that does not fit leaves an entry that a later fault would report as its own.
            ERR_clear_error()
        }
        return EVP_DigestVerifyInit_ex(context, nil, nil, nil, nil, key, nil) == 1
            && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }
}
