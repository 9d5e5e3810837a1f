import COpenSSL
import EdgeCore

/// Agrees on a secret with whoever has a private key, knowing the public one alone.
///
/// RSA: a random secret is encrypted by OAEP with SHA-256. Curves: an ephemeral key meets the public one. Both are done in
/// software; only taking the secret out again needs the private key.
final class EncapsulationKey {
    /// What RSA needs 2048 bits for.
    private static let securityBits: CInt = 112
    private static let secretLength = 32
    private let handle: OpaquePointer

    /// Reads a public key (SubjectPublicKeyInfo, DER); `nil` when it is none, too weak, or of a kind that only signs.
    init?(publicKey: [UInt8]) {
        guard let handle = decodedPublicKey(publicKey, in: nil) else { return nil }
        // Other kinds only sign.
        let agrees = ["RSA", "EC", "X25519", "X448"].contains { (kind: String) in EVP_PKEY_is_a(handle, kind) == 1 }
        guard agrees, EVP_PKEY_get_security_bits(handle) >= Self.securityBits else {
            EVP_PKEY_free(handle)
            return nil
        }
        self.handle = handle
    }

    deinit { EVP_PKEY_free(handle) }

    /// A fresh secret, and what its other holder makes it of.
    func encapsulate() throws(EdgeError) -> (secret: SecretBytes, encapsulation: [UInt8]) {
        if EVP_PKEY_is_a(handle, "RSA") == 1 {
            let secret = try SecretBytes.random(count: Self.secretLength)
            return (secret, try encrypted(secret))
        }
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else {
            throw cryptoFault("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { EVP_PKEY_CTX_free(context) }
        var made: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &made) == 1, let ephemeral = made else {
            throw cryptoFault("EVP_PKEY_generate")
        }
        defer { EVP_PKEY_free(ephemeral) }
        guard let secret = agreedSecret(of: ephemeral, with: handle, in: nil, by: nil) else {
            throw cryptoFault("EVP_PKEY_derive")
        }
        return (secret, try encodedPublicKey(ephemeral))
    }

    private func encrypted(_ secret: SecretBytes) throws(EdgeError) -> [UInt8] {
        guard let context = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else {
            throw cryptoFault("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_encrypt_init(context) == 1, choosesOAEP(context) else {
            throw cryptoFault("EVP_PKEY_encrypt_init")
        }
        var output = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(handle)))
        var count = output.count
        let status = secret.withBytes { secret in
            EVP_PKEY_encrypt(
                context, &output, &count, secret.assumingMemoryBound(to: UInt8.self).baseAddress, secret.count)
        }
        guard status == 1 else { throw cryptoFault("EVP_PKEY_encrypt") }
        return Array(output[..<count])
    }
}

/// Asks for OAEP with SHA-256; false where the key's provider has no such thing.
func choosesOAEP(_ context: OpaquePointer) -> Bool {
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
        && EVP_PKEY_CTX_set_rsa_oaep_md_name(context, "SHA256", nil) == 1
}

/// What a private key and another's public key agree on; `nil` when they cannot.
///
/// `context` and `provider` say who does it: `nil` for software.
func agreedSecret(
    of key: OpaquePointer, with peer: OpaquePointer, in library: OpaquePointer?, by provider: String?
) -> SecretBytes? {
    let query = provider.map { "provider=\($0)" } ?? ""
    guard let context = EVP_PKEY_CTX_new_from_pkey(library, key, query) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    // The longest there is: P-521 has 66 bytes.
    var output = [UInt8](repeating: 0, count: 80)
    defer { wipe(&output) }
    var count = output.count
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer_ex(context, peer, 0) == 1,
        EVP_PKEY_derive(context, &output, &count) == 1, count > 0
    else { return nil }
    return SecretBytes(copying: output[..<count])
}

/// Reads a public key (SubjectPublicKeyInfo, DER); the caller frees it.
///
/// `nil` for bytes that are none, and for a point that is not on its curve.
func decodedPublicKey(_ bytes: [UInt8], in library: OpaquePointer?) -> OpaquePointer? {
    let read = bytes.withUnsafeBufferPointer { buffer -> OpaquePointer? in
        var place = buffer.baseAddress
        let key = d2i_PUBKEY_ex(nil, &place, buffer.count, library, "provider=default")
        // Nothing may follow.
        guard let key, place == buffer.baseAddress.map({ $0 + buffer.count }) else {
            EVP_PKEY_free(key)
            return nil
        }
        return key
    }
    guard let read, let context = EVP_PKEY_CTX_new_from_pkey(library, read, "provider=default") else {
        EVP_PKEY_free(read)
        ERR_clear_error()
        return nil
    }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_public_check(context) == 1 else {
        EVP_PKEY_free(read)
        ERR_clear_error()
        return nil
    }
    return read
}

/// The public half of a key (SubjectPublicKeyInfo, DER).
func encodedPublicKey(_ key: OpaquePointer) throws(EdgeError) -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = i2d_PUBKEY(key, &start)
    guard count > 0, let start else { throw cryptoFault("i2d_PUBKEY") }
    defer { edged_free(start) }
    return Array(UnsafeBufferPointer(start: start, count: Int(count)))
}
