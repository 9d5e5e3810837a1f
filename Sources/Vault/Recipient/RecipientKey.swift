public import EdgeCore

/// The key pair of somebody whom things are sealed to.
public final class RecipientKey: RecipientOpener, Sendable {
    private static let prefix = "x25519:"
    /// Longer than any PEM file of such a key, comments included.
    private static let maximum = 16_384
    private let key: X25519Key

    private init(_ key: X25519Key) { self.key = key }

    /// The raw public key; 32 bytes.
    public var publicKey: [UInt8] { key.publicKey }

    /// The public key as people hand it on.
    public var publicText: String { Self.prefix + urlSafeBase64(publicKey) }

    /// Makes a key pair and puts the private key into a new file, PKCS #8 in PEM, mode 0600.
    ///
    /// Throws `vault.key.unavailable` when there is a file of this name already, or when it cannot be written.
    public static func make(file path: String) throws(EdgeError) -> RecipientKey {
        let key = try X25519Key()
        var pem = try key.pem()
        defer { wipe(&pem) }
        guard try KeyFile.create(path, pem) else {
            throw EdgeError(.keyUnavailable, "There is a file of this name already; it is left as it is.")
        }
        return RecipientKey(key)
    }

    /// Reads the private key from a file.
    ///
    /// Throws `vault.key.permissions` for one that others may read, `vault.key.unavailable` for none.
    public static func read(file path: String) throws(EdgeError) -> RecipientKey {
        guard var pem = try KeyFile.read(path, limit: maximum) else {
            throw EdgeError(.keyUnavailable, "There is no file of this name.")
        }
        defer { wipe(&pem) }
        guard let key = try X25519Key(pem: pem) else {
            throw EdgeError(.keyUnavailable, "The file holds no private key of X25519 in PEM without a password.")
        }
        return RecipientKey(key)
    }

    /// Reads a public key as ``publicText`` writes it; `nil` when it is none.
    public static func publicKey(of text: String) -> [UInt8]? {
        guard text.hasPrefix(prefix), let bytes = bytesOfURLSafeBase64(text.dropFirst(prefix.count)),
            bytes.count == X25519Key.keyLength
        else { return nil }
        return bytes
    }

    /// Begins to open something that was sealed to this key.
    public func open(purpose: String) throws(EdgeError) -> any OpeningStream {
        try RecipientOpening(key, purpose: purpose)
    }
}
