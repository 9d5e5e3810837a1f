public import EdgeCore
import FoundationEssentials
import Synchronization

/// How master keys came to be sealed to a provider's key.
public enum MasterSealing: String, Sendable {
    /// Fresh ones were made.
    case made
    /// Those of the key file were sealed; the file is still there.
    case migrated
    /// They were sealed before.
    case present
}

extension KeyVault {
    /// Where the sealed master keys lie: beside the place of the key file.
    public static func sealedMaster(besides keyFile: String) -> String { KeyFiles(keyFile: keyFile).sealedFile }

    /// Opens the master keys with a provider's key.
    ///
    /// The provider is used in this call and never again. Throws `vault.key.unavailable` when it cannot be used, has
    /// another key, or nothing was sealed to it yet. Makes no keys.
    public static func open(sealedTo key: ProviderKey, besides keyFile: String) throws(EdgeError) -> KeyVault {
        let files = KeyFiles(keyFile: keyFile, isForeign: true)
        guard let sealed = try KeyFile.read(files.sealedFile, limit: SealedMaster.maximum) else {
            throw EdgeError(
                .keyUnavailable, "No master keys are sealed to the provider's key yet; `edged keys create` makes them.")
        }
        var content = try SealedMaster(aead: AESGCM()).content(of: sealed, by: ProviderSession(key))
        defer { wipe(&content) }
        return try KeyVault(KeyFile.parse(content), source: "provider", binding: key.binding, files: files)
    }

    /// Seals the master keys to a provider's key: those of the key file where there is one, else fresh ones.
    ///
    /// What was sealed is opened by the provider again before this returns; an existing key file is not removed, see
    /// ``removeKeyFile(_:)``. Done again after a power cut, it ends the same. `mayMakeKeys` is false where records exist that
    /// fresh keys could not open. Throws `vault.key.unavailable`.
    public static func seal(
        to key: ProviderKey, besides keyFile: String, mayMakeKeys: Bool
    ) throws(EdgeError) -> MasterSealing {
        let files = KeyFiles(keyFile: keyFile)
        let layout = try SealedMaster(aead: AESGCM())
        let session = try ProviderSession(key)
        if let sealed = try KeyFile.read(files.sealedFile, limit: SealedMaster.maximum) {
            return try compare(files, layout.content(of: sealed, by: session))
        }
        var (content, outcome) = try masterContent(files, mayMakeKeys: mayMakeKeys)
        defer { wipe(&content) }
        let sealed = try layout.bytes(of: content, to: session.publicKey)
        // Tried before it is on disk: a provider that cannot open it leaves everything as it was.
        try expect(content, layout.content(of: sealed, by: session))
        guard try KeyFile.create(files.sealedFile, sealed) else {
            throw EdgeError(.keyUnavailable, "Somebody else seals the master keys at this moment.")
        }
        guard let written = try KeyFile.read(files.sealedFile, limit: SealedMaster.maximum) else {
            throw EdgeError(.keyUnavailable, "The sealed master keys went away.")
        }
        try expect(content, layout.content(of: written, by: ProviderSession(key)))
        return outcome
    }

    /// Overwrites and removes the key file; nothing happens when there is none.
    public static func removeKeyFile(_ path: String) throws(EdgeError) {
        guard try KeyFile.read(path, isPrivate: false) != nil else { return }
        try KeyFile.overwrite(path)
        try KeyFiles(keyFile: path).removeDrafts()
    }

    /// What is to be sealed, without the key-encryption key, which is put into the ring.
    ///
    /// The ring comes first: sealed master keys demand one from the start.
    private static func masterContent(
        _ files: KeyFiles, mayMakeKeys: Bool
    ) throws(EdgeError) -> (content: [UInt8], outcome: MasterSealing) {
        if try KeyFile.read(files.keyFile) != nil {
            let vault = try open(keyFile: files.keyFile)
            if try files.ringBytes() == nil { try files.put(vault.ring.withLock { $0 }, vault.layout) }
            try files.demandRing()
            guard let content = try KeyFile.read(files.keyFile) else {
                throw EdgeError(.keyUnavailable, "The key file went away.")
            }
            return (content, .migrated)
        }
        guard mayMakeKeys else {
            throw EdgeError(.keyUnavailable, "There is a store already, and no key file beside it to seal.")
        }
        var fresh = try KeyFile.make()
        defer { wipe(&fresh) }
        let keys = try KeyFile.parse(fresh)
        let layout = try KeyRingLayout(aead: AESGCM(), key: ringKey(of: keys.rootKey))
        let generation = try KeyGeneration(id: keys.id, key: keys.keyEncryptionKey)
        try files.put(KeyRing(present: generation, retired: nil), layout)
        return (try KeyFile.withoutKeyEncryptionKey(fresh), .made)
    }

    /// Whether sealed master keys are those of the key file that is still there.
    private static func compare(_ files: KeyFiles, _ opened: [UInt8]) throws(EdgeError) -> MasterSealing {
        var opened = opened
        defer { wipe(&opened) }
        guard var plain = try KeyFile.read(files.keyFile) else { return .present }
        defer { wipe(&plain) }
        let (mine, theirs) = (try KeyFile.parse(plain).rootKey.copy(), try KeyFile.parse(opened).rootKey.copy())
        guard equalInConstantTime(mine, theirs) else {
            throw EdgeError(.keyUnavailable, "The sealed master keys are not those of the key file beside them.")
        }
        try files.demandRing()
        return .migrated
    }

    private static func expect(_ content: [UInt8], _ opened: [UInt8]) throws(EdgeError) {
        var opened = opened
        defer { wipe(&opened) }
        guard equalInConstantTime(content, opened) else {
            throw EdgeError(.keyUnavailable, "The provider gives back something else than was sealed.")
        }
    }
}
