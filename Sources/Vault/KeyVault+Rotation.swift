public import EdgeCore
import FoundationEssentials
import Synchronization

extension KeyVault: KeyRotation {
    /// Whether a rotation was begun and not finished.
    public var isRotating: Bool { ring.withLock { $0.retired != nil } }

    /// Makes a fresh key-encryption key, on disk when this returns, and wraps with it from now on.
    ///
    /// The ring is on disk before the key file says that there must be one, and both before anything is wrapped with the
    /// fresh key: whatever a power cut leaves, every key that wrapped something is there.
    public func beginRotation() throws(EdgeError) -> UInt32 {
        try rotation.withLock { (_) throws(EdgeError) -> UInt32 in
            let now = ring.withLock { $0 }
            guard now.retired == nil else { return now.present.id }
            let next = KeyRing(present: try KeyGeneration.fresh(besides: now.present), retired: now.present)
            try files.put(next, layout)
            try files.demandRing()
            ring.withLock { $0 = next }
            return next.present.id
        }
    }

    /// Destroys every key-encryption key but the present one; what a credential holds stays there.
    public func finishRotation() throws(EdgeError) -> [UInt32] {
        try rotation.withLock { (_) throws(EdgeError) -> [UInt32] in
            let now = ring.withLock { $0 }
            guard let retired = now.retired else { return [] }
            let next = KeyRing(present: now.present, retired: nil)
            try files.removeDrafts()
            try files.put(next, layout)
            ring.withLock { $0 = next }
            return retired.id == keptKeyID ? [] : [retired.id]
        }
    }
}

/// Where the keys lie: the key file, and the ring beside it once there was a rotation.
struct KeyFiles: Sendable {
    let keyFile: String
    /// Whether the master keys come from elsewhere, so that there is no key file to change.
    var isForeign = false
    var ringFile: String { "\(keyFile).ring" }
    var sealedFile: String { "\(keyFile).sealed" }

    /// What shows that there were keys before; `nil` when nothing does.
    func traces() throws(EdgeError) -> String? {
        if try KeyFile.read(sealedFile, limit: SealedMaster.maximum) != nil {
            return "master keys that are sealed to a provider's key; keys.provider names it"
        }
        return try ringBytes() == nil ? nil : "its key ring"
    }

    /// The ring's bytes; `nil` when there is none.
    func ringBytes() throws(EdgeError) -> [UInt8]? { try KeyFile.read(ringFile, limit: KeyRingLayout.maximum) }

    func put(_ ring: KeyRing, _ layout: KeyRingLayout) throws(EdgeError) {
        try KeyFile.replace(ringFile, layout.bytes(of: ring))
    }

    /// Removes what a power cut left of a ring or a key file half put there: it may hold a key that is to be destroyed.
    func removeDrafts() throws(EdgeError) {
        let place = keyFile.lastIndex(of: "/")
        let directory = place.map { String(keyFile[...$0]) } ?? "./"
        let name = place.map { String(keyFile[keyFile.index(after: $0)...]) } ?? keyFile
        do {
            for file in try FileManager.default.contentsOfDirectory(atPath: directory)
            where file.hasPrefix("\(name).") && file.hasSuffix(".new") {
                try DraftFile.discard(directory + file)
            }
        } catch {
            throw EdgeError(.keyUnavailable, "Drafts of the key files cannot be removed.")
        }
    }

    /// Takes the key-encryption key out of the key file: from now on a start without the ring is refused.
    ///
    /// A credential cannot be changed (``KeyVault/keptKeyID``): there the store notices that the ring is missing.
    func demandRing() throws(EdgeError) {
        guard !isForeign else { return }
        guard var old = try KeyFile.read(keyFile) else {
            throw EdgeError(.keyUnavailable, "The key file went away.")
        }
        defer { wipe(&old) }
        let keys = try KeyFile.parse(old)
        guard !keys.needsRing else { return }
        var new = try KeyFile.withoutKeyEncryptionKey(old)
        defer { wipe(&new) }
        try KeyFile.replace(keyFile, new)
    }
}
