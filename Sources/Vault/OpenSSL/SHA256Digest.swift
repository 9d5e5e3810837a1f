import COpenSSL
import EdgeCore

/// SHA-256 without a key.
enum SHA256Digest {
    static let length = 32

    /// The digest of `message`.
    static func of(_ message: [UInt8]) throws(EdgeError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: length)
        var written: CUnsignedInt = 0
        guard EVP_Digest(message, message.count, &digest, &written, EVP_sha256(), nil) == 1, written == length else {
            throw cryptoFault("EVP_Digest")
        }
        return digest
    }
}
