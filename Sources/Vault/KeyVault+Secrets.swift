public import EdgeCore

extension KeyVault {
    /// `bytes` random bytes as url-safe base64 without padding.
    public func randomText(bytes: Int) throws(EdgeError) -> String {
        var secret = try SecretBytes.random(count: bytes).copy()
        defer { wipe(&secret) }
        return urlSafeBase64(secret)
    }

    /// The keyed digest (HMAC-SHA-256) of a secret under a key of its own for each purpose; 32 bytes.
    public func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8] {
        try HMACSHA256.code(of: Array(secret.utf8), key: digestKey(purpose))
    }

    /// The same for bytes.
    public func digest(_ message: [UInt8], purpose: String) throws(EdgeError) -> [UInt8] {
        try HMACSHA256.code(of: message, key: digestKey(purpose))
    }

    /// The same digests with a context that is kept.
    public func keyedDigest(purpose: String) throws(EdgeError) -> any KeyedDigest {
        try HMACStream(digestKey(purpose))
    }

    /// Compares two digests in constant time.
    public func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool { equalInConstantTime(left, right) }

    /// A 32-byte key derived for one purpose, the same at every start and unrelated to any digest.
    public func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]> {
        try Redacted(derivedSecret(purpose).copy())
    }
}

extension KeyVault: MessageAuthenticator {
    /// HMAC-SHA-256 of `message` under a key that is not the vault's; 32 bytes.
    ///
    /// Throws `internal.fault` for an empty key.
    public func hmacSHA256(key: Redacted<[UInt8]>, message: [UInt8]) throws(EdgeError) -> [UInt8] {
        let bytes = key.reveal()
        guard !bytes.isEmpty else { throw EdgeError(.internalFault, "A message code needs a key.") }
        return try HMACSHA256.code(of: message, key: SecretBytes(copying: bytes[...]))
    }
}

private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

/// RFC 4648 section 5, without padding.
func urlSafeBase64(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in bytes {
        pending = pending << 8 | UInt32(byte)
        bits += 8
        while bits >= 6 {
            bits -= 6
            text.append(alphabet[Int(pending >> UInt32(bits) & 63)])
        }
    }
    if bits > 0 { text.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
    return String(decoding: text, as: UTF8.self)
}

/// Reads what ``urlSafeBase64(_:)`` writes; `nil` for anything else.
func bytesOfURLSafeBase64(_ text: some StringProtocol) -> [UInt8]? {
    var bytes: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for character in text.utf8 {
        guard let value = alphabet.firstIndex(of: character) else { return nil }
        pending = pending << 6 | UInt32(value)
        bits += 6
        guard bits >= 8 else { continue }
        bits -= 8
        bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
    }
    return urlSafeBase64(bytes) == String(text) ? bytes : nil
}
