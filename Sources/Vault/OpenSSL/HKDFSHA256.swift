import COpenSSL
import EdgeCore

/// HKDF-SHA-256 (RFC 5869), extract and expand.
enum HKDFSHA256 {
    /// Derives `length` bytes; the result goes straight into memory that is wiped.
    static func derive(
        from secret: SecretBytes, salt: [UInt8], info: [UInt8], length: Int
    ) throws(EdgeError) -> SecretBytes {
        let context = try KDFContext()
        return try SecretBytes(count: length) { output throws(EdgeError) in
            try context.derive(from: secret, salt: salt, info: info, into: output)
        }
    }
}

/// One derivation.
private struct KDFContext: ~Copyable {
    private let handle: OpaquePointer

    init() throws(EdgeError) {
        guard let kdf = EVP_KDF_fetch(nil, "HKDF", nil) else { throw cryptoFault("EVP_KDF_fetch") }
        // The context holds a reference of its own.
        defer { EVP_KDF_free(kdf) }
        guard let handle = EVP_KDF_CTX_new(kdf) else { throw cryptoFault("EVP_KDF_CTX_new") }
        self.handle = handle
    }

    deinit { EVP_KDF_CTX_free(handle) }

    borrowing func derive(
        from secret: SecretBytes, salt: [UInt8], info: [UInt8], into output: UnsafeMutableRawBufferPointer
    ) throws(EdgeError) {
        let status = secret.withBytes { secret in
            edged_hkdf_sha256(
                handle, secret.assumingMemoryBound(to: UInt8.self).baseAddress, secret.count, salt, salt.count, info,
                info.count, output.assumingMemoryBound(to: UInt8.self).baseAddress, output.count)
        }
        guard status == 1 else { throw cryptoFault("EVP_KDF_derive") }
    }
}
