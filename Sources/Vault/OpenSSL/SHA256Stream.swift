import COpenSSL
import EdgeCore

/// SHA-256 of what comes piece by piece.
struct SHA256Stream: ~Copyable {
    private let handle: OpaquePointer

    init() throws(EdgeError) {
        guard let handle = EVP_MD_CTX_new() else { throw cryptoFault("EVP_MD_CTX_new") }
        guard EVP_DigestInit_ex2(handle, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(handle)
            throw cryptoFault("EVP_DigestInit_ex2")
        }
        self.handle = handle
    }

    deinit { EVP_MD_CTX_free(handle) }

    mutating func append(_ bytes: [UInt8]) throws(EdgeError) {
        guard EVP_DigestUpdate(handle, bytes, bytes.count) == 1 else { throw cryptoFault("EVP_DigestUpdate") }
    }

    /// The digest of all; nothing comes after it.
    mutating func finish() throws(EdgeError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: SHA256Digest.length)
        guard EVP_DigestFinal_ex(handle, &digest, nil) == 1 else { throw cryptoFault("EVP_DigestFinal_ex") }
        return digest
    }
}
