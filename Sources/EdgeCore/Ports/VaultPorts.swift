/// What a sealed record is bound to: opening it in another place fails.
public struct SealContext: Sendable, Hashable {
    /// The table or kind, for example `template`.
    public let kind: String
    /// The tenant.
    public let client: ClientID
    /// The row's own id.
    public let row: String
    /// The record's version.
    public let version: Int

    /// Names a place.
    public init(kind: String, client: ClientID, row: String, version: Int) {
        self.kind = kind
        self.client = client
        self.row = row
        self.version = version
    }
}

/// Seals records (AES-256-GCM).
///
/// `Vault` provides it.
///
/// Every subject (person) has a key of its own, wrapped by the key-encryption key, so that destroying the wrapped key erases the subject.
public protocol Sealer: Sendable {
    /// A fresh subject key, wrapped, safe to store beside the subject's row.
    func makeSubjectKey() throws(EdgeError) -> [UInt8]
    /// Seals `plain` under a wrapped subject key, bound to `context`.
    func seal(_ plain: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8]
    /// Opens what `seal` made. Throws `vault.seal.broken` when a bit, the key or the context differs.
    func open(_ sealed: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8]
}

/// Makes and checks secrets.
///
/// `Vault` provides it.
public protocol SecretKeeper: Sendable {
    /// `bytes` random bytes as url-safe base64 without padding.
    func randomText(bytes: Int) throws(EdgeError) -> String
    /// The keyed digest (HMAC-SHA-256) of a secret, bound to `purpose`; 32 bytes.
    func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8]
    /// Compares two digests in constant time.
    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool
    /// A 32-byte key derived for one purpose (HKDF-SHA-256), the same at every start.
    func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]>
}

/// Makes message authentication codes under keys that the caller brings.
///
/// `Vault` provides it.
public protocol MessageAuthenticator: Sendable {
    /// HMAC-SHA-256 of `message`; 32 bytes. Throws `internal.fault` for an empty key.
    func hmacSHA256(key: Redacted<[UInt8]>, message: [UInt8]) throws(EdgeError) -> [UInt8]
}
