import EdgeCore

/// The master keys as they lie on disk when a provider has the key to them, version 1.
///
/// `EDGEDMSK`, version, three zero bytes; SHA-256 of the provider's public key; length (2 bytes, big endian) and bytes of the
/// encapsulated secret; then, sealed under a key derived from that secret and bound to all before: the key file's content.
struct SealedMaster {
    /// Longer than any; an RSA key of 16384 bits encapsulates in 2048 bytes.
    static let maximum = 4096
    private static let head = Array("EDGEDMSK".utf8) + [1, 0, 0, 0]
    private static let keyStart = head.count
    private static let lengthStart = keyStart + SHA256Digest.length
    private static let encapsulationStart = lengthStart + 2

    let aead: AESGCM

    /// Seals a key file's content to a public key (SubjectPublicKeyInfo, DER).
    func bytes(of content: [UInt8], to publicKey: [UInt8]) throws(EdgeError) -> [UInt8] {
        guard let recipient = EncapsulationKey(publicKey: publicKey) else {
            throw EdgeError(
                .keyUnavailable,
                "The provider's key does not do: it must be RSA of 2048 bits or more, or on a curve like P-256.")
        }
        let (secret, encapsulation) = try recipient.encapsulate()
        guard let length = UInt16(exactly: encapsulation.count) else {
            throw EdgeError(.internalFault, "A secret is encapsulated in \(encapsulation.count) bytes.")
        }
        var head = try Self.head + SHA256Digest.of(publicKey)
        SealedRecord.append(length, to: &head)
        head += encapsulation
        return try aead.seal(content, key: Self.key(secret), bindingTo: head, after: head)
    }

    /// Opens it; the caller wipes the result.
    ///
    /// Throws `vault.key.unavailable` for another key than the one that it was sealed to, and for a damaged file.
    func content(of bytes: [UInt8], by session: ProviderSession) throws(EdgeError) -> [UInt8] {
        guard bytes.count <= Self.maximum, bytes.count > Self.encapsulationStart, bytes.starts(with: Self.head) else {
            throw EdgeError(.keyUnavailable, "The sealed master keys are not in a form that this version reads.")
        }
        guard try Array(bytes[Self.keyStart..<Self.lengthStart]) == SHA256Digest.of(session.publicKey) else {
            throw EdgeError(
                .keyUnavailable,
                "The master keys are sealed to another key than the provider has: another TPM, or another key in it.")
        }
        let length = Int(bytes[Self.lengthStart]) << 8 | Int(bytes[Self.lengthStart + 1])
        let end = Self.encapsulationStart + length
        guard end <= bytes.count else { throw Self.damaged }
        let secret = try session.decapsulate(Array(bytes[Self.encapsulationStart..<end]))
        let content = try aead.open(
            bytes, headLength: end, key: Self.key(secret), bindingTo: Array(bytes[..<end]))
        guard let content else { throw Self.damaged }
        return content
    }

    private static var damaged: EdgeError { EdgeError(.keyUnavailable, "The sealed master keys are damaged.") }

    private static func key(_ secret: SecretBytes) throws(EdgeError) -> SecretBytes {
        try KeyVault.subKey(of: secret, purpose: "seal the master keys")
    }
}
