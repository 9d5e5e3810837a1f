public import EdgeCore

extension KeyVault: Signer {
    /// The device's public key; 32 bytes.
    public var publicKey: [UInt8] { signingKey.publicKey }

    /// The Ed25519 signature of `message`; 64 bytes.
    public func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8] { try signingKey.sign(message) }

    /// Whether `signature` is that of `message` under `publicKey`.
    public func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        Ed25519Key.verify(signature, of: message, publicKey: publicKey)
    }

    /// SHA-256 of `message`; 32 bytes.
    public func sha256(_ message: [UInt8]) throws(EdgeError) -> [UInt8] { try SHA256Digest.of(message) }
}

/// Checks proofs of any device, without keys of its own.
public struct PublicProofChecker: ProofChecker, MessageAuthenticator {
    /// Holds nothing.
    public init() {}

    /// SHA-256 of `message`; 32 bytes.
    public func sha256(_ message: [UInt8]) throws(EdgeError) -> [UInt8] { try SHA256Digest.of(message) }

    /// Whether `signature` is that of `message` under `publicKey`.
    public func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool {
        Ed25519Key.verify(signature, of: message, publicKey: publicKey)
    }

    /// HMAC-SHA-256 of `message` under a key that the caller brings.
    ///
    /// Throws `internal.fault` for an empty key.
    public func hmacSHA256(key: Redacted<[UInt8]>, message: [UInt8]) throws(EdgeError) -> [UInt8] {
        try HMACSHA256.code(of: message, revealing: key)
    }
}
