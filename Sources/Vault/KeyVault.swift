public import EdgeCore
import Synchronization

/// The keys of the device and all that is done with them.
///
/// Safe to use from any number of threads at once. Nothing that it prints or throws holds a key.
public final class KeyVault: Sealer, SecretKeeper, Sendable {
    /// Where the keys come from, for the status: `file`, `credential` or `provider`.
    public let source: String
    /// What somebody needs besides the disk to have them.
    public let binding: KeyBinding
    let aead: AESGCM
    let files: KeyFiles
    let layout: KeyRingLayout
    let ring: Mutex<KeyRing>
    /// Held while a rotation goes to disk; `ring` is not, so that sealing never waits for the disk.
    let rotation = Mutex<Void>(())
    /// The key-encryption key that a credential holds, which nobody here can take out of it: it goes on unwrapping, since
    /// whoever has the credential can do that too.
    let kept: KeyGeneration?
    /// Its id.
    public var keptKeyID: UInt32? { kept?.id }
    /// Whether the key file shows that keys were exchanged in a store: without one something is lost.
    public let hadStore: Bool
    let signingKey: Ed25519Key
    private let rootKey: SecretBytes
    private let digestKeys = Mutex<[String: SecretBytes]>([:])

    /// The id of the key-encryption key that wraps at present.
    public var wrappingKeyID: UInt32 { ring.withLock { $0.present.id } }

    /// Whether the key-encryption key of this id is here.
    public func holdsKey(_ id: UInt32) -> Bool { generation(id) != nil }

    /// The key-encryption key of this id; `nil` when it is not here.
    func generation(_ id: UInt32) -> KeyGeneration? {
        ring.withLock { $0.generation(id) } ?? (kept?.id == id ? kept : nil)
    }

    init(
        _ keys: DeviceKeys, source: String, binding: KeyBinding = .none, files: KeyFiles
    ) throws(EdgeError) {
        aead = try AESGCM()
        layout = try KeyRingLayout(aead: aead, key: Self.ringKey(of: keys.rootKey))
        self.files = files
        if let bytes = try files.ringBytes() {
            ring = try Mutex(layout.ring(of: bytes))
            // Does again what a power cut may have kept a rotation from doing.
            try files.demandRing()
        } else {
            guard !keys.needsRing else {
                throw EdgeError(.keyUnavailable, "The key ring beside the key file is missing.")
            }
            ring = try Mutex(KeyRing(present: KeyGeneration(id: keys.id, key: keys.keyEncryptionKey), retired: nil))
        }
        // Keys that are sealed to a provider have a ring from the first day.
        hadStore = keys.needsRing && source != "provider"
        let isKept = files.isForeign && !keys.needsRing
        kept = isKept ? try KeyGeneration(id: keys.id, key: keys.keyEncryptionKey) : nil
        rootKey = keys.rootKey
        signingKey = try Ed25519Key(seed: Self.subKey(of: keys.rootKey, purpose: "sign as this device"))
        self.source = source
        self.binding = binding
    }

    /// Reads the key file, or makes it when there is none yet.
    ///
    /// Throws `vault.key.permissions` for a file that others can read or own, `vault.key.unavailable` for one that
    /// cannot be read or is not a key file, and for a ring that is missing, damaged or another device's. No file is made
    /// where a ring or sealed master keys show that there were keys before. The directory must be there.
    public static func open(keyFile path: String) throws(EdgeError) -> KeyVault {
        let files = KeyFiles(keyFile: path)
        if var content = try KeyFile.read(path) {
            defer { wipe(&content) }
            return try KeyVault(KeyFile.parse(content), source: "file", files: files)
        }
        if let traces = try files.traces() {
            throw EdgeError(.keyUnavailable, "The key file is missing beside \(traces).")
        }
        var fresh = try KeyFile.make()
        defer { wipe(&fresh) }
        if try KeyFile.create(path, fresh) {
            return try KeyVault(KeyFile.parse(fresh), source: "file", files: files)
        }
        guard var winner = try KeyFile.read(path) else {
            throw EdgeError(.keyUnavailable, "The key file went away while it was being read.")
        }
        defer { wipe(&winner) }
        return try KeyVault(KeyFile.parse(winner), source: "file", files: files)
    }

    /// Reads the master keys from a credential of the service manager, which has the key file's content.
    ///
    /// The ring of key-encryption keys lies where it would lie beside `keyFile`. A device that has no store yet
    /// (`isFirstStart`) gets a ring at once, so that nothing is ever wrapped with a key that the credential holds: that one
    /// could not be destroyed. Throws `vault.key.unavailable` when the credential is not there or is no key file.
    public static func open(
        credential path: String, besides keyFile: String, isFirstStart: Bool = false
    ) throws(EdgeError) -> KeyVault {
        // Who may read it is the service manager's business: it may grant access by a list, which shows as group rights.
        guard var content = try KeyFile.read(path, isPrivate: false) else {
            throw EdgeError(.keyUnavailable, "The service manager passed no credential of this name.")
        }
        defer { wipe(&content) }
        let (keys, files) = (try KeyFile.parse(content), KeyFiles(keyFile: keyFile, isForeign: true))
        if isFirstStart, !keys.needsRing, try files.ringBytes() == nil {
            let held = try KeyGeneration(id: keys.id, key: keys.keyEncryptionKey)
            let layout = try KeyRingLayout(aead: AESGCM(), key: ringKey(of: keys.rootKey))
            try files.put(KeyRing(present: KeyGeneration.fresh(besides: held), retired: nil), layout)
        }
        return try KeyVault(keys, source: "credential", binding: .credential, files: files)
    }

    /// The content of a key file or credential without the key-encryption key, which lies in the ring once there was an
    /// exchange.
    ///
    /// The caller wipes the result. Throws `vault.key.unavailable` for what is no key file.
    public static func withoutKeyEncryptionKey(_ content: [UInt8]) throws(EdgeError) -> [UInt8] {
        if try KeyFile.parse(content).needsRing { return content }
        return try KeyFile.withoutKeyEncryptionKey(content)
    }

    /// The key for one purpose below the root key, derived once.
    func digestKey(_ purpose: String) throws(EdgeError) -> SecretBytes {
        if let known = digestKeys.withLock({ $0[purpose] }) { return known }
        let made = try Self.subKey(of: rootKey, purpose: "digest \(purpose)")
        // Purposes are a handful of constants; the bound only guards against a caller that makes them up.
        digestKeys.withLock { if $0.count < 64 { $0[purpose] = made } }
        return made
    }

    func derivedSecret(_ purpose: String) throws(EdgeError) -> SecretBytes {
        try Self.subKey(of: rootKey, purpose: "derive \(purpose)")
    }

    static func ringKey(of rootKey: SecretBytes) throws(EdgeError) -> SecretBytes {
        try subKey(of: rootKey, purpose: "seal the key ring")
    }

    static func subKey(of key: SecretBytes, purpose: String) throws(EdgeError) -> SecretBytes {
        try HKDFSHA256.derive(
            from: key, salt: Array("edged v1".utf8), info: Array(purpose.utf8), length: AESGCM.keyLength)
    }
}

extension KeyVault: CustomStringConvertible, CustomReflectable {
    /// Says where the keys come from, never what they are.
    public var description: String { "<keys from \(source)>" }
    /// An empty mirror, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
