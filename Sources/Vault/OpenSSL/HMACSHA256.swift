import COpenSSL
import EdgeCore

/// HMAC-SHA-256 under one key.
enum HMACSHA256 {
    static let length = 32

    /// The code of `message`.
    static func code(of message: [UInt8], key: SecretBytes) throws(EdgeError) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: length)
        var written = 0
        let made = key.withBytes { key in
            EVP_Q_mac(
                nil, "HMAC", nil, "SHA256", nil, key.baseAddress, key.count, message, message.count, &code, length,
                &written)
        }
        guard made != nil, written == length else { throw cryptoFault("EVP_Q_mac") }
        return code
    }
}
