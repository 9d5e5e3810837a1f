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

    /// The code of `message` under a key that is not the vault's; throws `internal.fault` for an empty one.
    static func code(of message: [UInt8], revealing key: Redacted<[UInt8]>) throws(EdgeError) -> [UInt8] {
        let bytes = key.reveal()
        guard !bytes.isEmpty else { throw EdgeError(.internalFault, "A message code needs a key.") }
        return try code(of: message, key: SecretBytes(copying: bytes[...]))
    }
}
