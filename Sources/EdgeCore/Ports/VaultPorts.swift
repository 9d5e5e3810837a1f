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
    /// Opens many records of one subject: its key is unwrapped once for all of them.
    ///
    /// Throws `vault.seal.broken` when the key cannot be unwrapped.
    func opener(for subjectKey: ArraySlice<UInt8>) throws(EdgeError) -> any SubjectOpener
    /// The id of the key-encryption key that fresh subject keys are wrapped by.
    var wrappingKeyID: UInt32 { get }
    /// Whether the key-encryption key of this id is here.
    func holdsKey(_ id: UInt32) -> Bool
    /// The id of the key-encryption key that wrapped this subject key; `nil` when that cannot be read.
    func wrappingKeyID(of subjectKey: [UInt8]) -> UInt32?
    /// The same subject key wrapped by the present key-encryption key; unchanged when it is already.
    ///
    /// Throws `vault.seal.broken` when the key that wrapped it is not here any more.
    func rewrap(_ subjectKey: [UInt8]) throws(EdgeError) -> [UInt8]
}

/// Opens records of one subject; for one thread, and for as long as its user needs it.
public protocol SubjectOpener {
    /// Opens what `Sealer.seal` made under this subject's key.
    ///
    /// Throws `vault.seal.broken` when a bit or the context differs.
    func open(_ sealed: ArraySlice<UInt8>, context: SealContext) throws(EdgeError) -> [UInt8]
}

extension Sealer {
    /// For a sealer that has no quicker way: unwraps the key for each record.
    public func opener(for subjectKey: ArraySlice<UInt8>) throws(EdgeError) -> any SubjectOpener {
        RecordByRecord(sealer: self, subjectKey: Array(subjectKey))
    }
}

private struct RecordByRecord: SubjectOpener {
    let sealer: any Sealer
    let subjectKey: [UInt8]

    func open(_ sealed: ArraySlice<UInt8>, context: SealContext) throws(EdgeError) -> [UInt8] {
        try sealer.open(Array(sealed), subjectKey: subjectKey, context: context)
    }
}

/// Exchanges the key-encryption key while the device works.
///
/// `Vault` provides it. Between the two steps whoever keeps subject keys wraps each anew (`Sealer.rewrap`).
public protocol KeyRotation: Sendable {
    /// Makes a fresh key-encryption key, on disk when this returns, and wraps with it from now on; old ones still unwrap.
    ///
    /// Returns its id. Called again before ``finishRotation()``, after a crash for example, it goes on with the same key.
    func beginRotation() throws(EdgeError) -> UInt32
    /// Destroys every key-encryption key but the present one: what they alone wrapped is gone.
    ///
    /// Returns the ids of the destroyed keys; ``keptKeyID`` is not among them.
    func finishRotation() throws(EdgeError) -> [UInt32]
    /// Whether a rotation was begun and not finished.
    var isRotating: Bool { get }
    /// A key-encryption key that no exchange destroys, because it lies where the master keys come from; `nil` when there is
    /// none.
    var keptKeyID: UInt32? { get }
}

extension KeyRotation {
    /// None.
    public var keptKeyID: UInt32? { nil }
}

/// Checks what needs no secret.
///
/// `Vault` provides it.
public protocol ProofChecker: Sendable {
    /// SHA-256 of `message`; 32 bytes.
    func sha256(_ message: [UInt8]) throws(EdgeError) -> [UInt8]
    /// Whether `signature` is that of `message` under `publicKey`; false for keys and signatures of a wrong length.
    func verify(_ signature: [UInt8], of message: [UInt8], publicKey: [UInt8]) -> Bool
}

/// Signs with the device's own key (Ed25519, RFC 8032).
///
/// `Vault` provides it.
public protocol Signer: ProofChecker, MessageAuthenticator {
    /// The device's public key; 32 bytes.
    var publicKey: [UInt8] { get }
    /// The signature of `message`; 64 bytes.
    func sign(_ message: [UInt8]) throws(EdgeError) -> [UInt8]
}

/// Makes and checks secrets.
///
/// `Vault` provides it.
public protocol SecretKeeper: Sendable {
    /// `bytes` random bytes as url-safe base64 without padding.
    func randomText(bytes: Int) throws(EdgeError) -> String
    /// The keyed digest (HMAC-SHA-256) of a secret, bound to `purpose`; 32 bytes.
    func digest(_ secret: String, purpose: String) throws(EdgeError) -> [UInt8]
    /// The same for bytes: HMAC-SHA-256 of `message`, bound to `purpose`; 32 bytes.
    func digest(_ message: [UInt8], purpose: String) throws(EdgeError) -> [UInt8]
    /// Compares two digests in constant time.
    func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool
    /// Makes the digests of ``digest(_:purpose:)`` one after the other, for whoever needs thousands of them.
    func keyedDigest(purpose: String) throws(EdgeError) -> any KeyedDigest
    /// A 32-byte key derived for one purpose (HKDF-SHA-256), the same at every start.
    func derivedKey(_ purpose: String) throws(EdgeError) -> Redacted<[UInt8]>
}

/// Makes keyed digests for one purpose.
public protocol KeyedDigest: Sendable {
    /// HMAC-SHA-256 of `message`; 32 bytes.
    func code(of message: [UInt8]) throws(EdgeError) -> [UInt8]
}

extension SecretKeeper {
    /// Asks ``digest(_:purpose:)`` for each.
    public func keyedDigest(purpose: String) throws(EdgeError) -> any KeyedDigest {
        SingleDigests(secrets: self, purpose: purpose)
    }
}

private struct SingleDigests: KeyedDigest {
    let secrets: any SecretKeeper
    let purpose: String

    func code(of message: [UInt8]) throws(EdgeError) -> [UInt8] {
        try secrets.digest(message, purpose: purpose)
    }
}

/// Seals what leaves the device to somebody's public key.
///
/// `Vault` provides it.
public protocol RecipientSealer: Sendable {
    /// Begins something for the holder of the private key to an X25519 public key of 32 bytes, signed by this device.
    ///
    /// `purpose` says what it is; it opens for the same purpose only. Throws `request.invalid` for a key that is none.
    func seal(to recipient: [UInt8], purpose: String) throws(EdgeError) -> any SealingStream
}

/// Opens what a ``RecipientSealer`` sealed.
///
/// `Vault` provides it.
public protocol RecipientOpener: Sendable {
    /// Begins to open something.
    func open(purpose: String) throws(EdgeError) -> any OpeningStream
}

/// Something that is being sealed, piece by piece.
public protocol SealingStream: AnyObject {
    /// Takes a piece and returns what can be written of the result so far.
    func append(_ plain: [UInt8]) throws(EdgeError) -> [UInt8]
    /// Ends it and returns the rest of the result.
    func finish() throws(EdgeError) -> [UInt8]
}

/// Something that is being opened, piece by piece.
///
/// What ``append(_:)`` returns is what was sealed up to there; that nothing is missing, and who sealed it, is known after
/// ``finish()`` only, and nobody acts on it before.
public protocol OpeningStream: AnyObject {
    /// Takes a piece of any size and returns what could be opened.
    ///
    /// Throws `import.recipient.wrong` when it was sealed to somebody else, `vault.seal.broken` when it was changed.
    func append(_ sealed: [UInt8]) throws(EdgeError) -> [UInt8]
    /// Says that there is no more; returns the public key of the device that sealed it.
    ///
    /// Throws `vault.seal.broken` when the end is missing or the signature is not that device's.
    func finish() throws(EdgeError) -> [UInt8]
}

/// Makes message authentication codes under keys that the caller brings.
///
/// `Vault` provides it.
public protocol MessageAuthenticator: Sendable {
    /// HMAC-SHA-256 of `message`; 32 bytes. Throws `internal.fault` for an empty key.
    func hmacSHA256(key: Redacted<[UInt8]>, message: [UInt8]) throws(EdgeError) -> [UInt8]
}
