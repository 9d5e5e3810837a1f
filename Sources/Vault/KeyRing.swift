import EdgeCore

/// One key-encryption key: what is kept of it, and what wraps.
struct KeyGeneration {
    let id: UInt32
    let key: SecretBytes
    /// Derived from `key`, so that no other use of it can ever meet this one.
    let wrapping: SecretBytes

    init(id: UInt32, key: SecretBytes) throws(EdgeError) {
        self.id = id
        self.key = key
        key.lockInMemory()
        wrapping = try KeyVault.subKey(of: key, purpose: "wrap subject keys")
        wrapping.lockInMemory()
    }

    /// A fresh one, with an id that `other` does not have.
    static func fresh(besides other: KeyGeneration) throws(EdgeError) -> KeyGeneration {
        var id = other.id
        while id == other.id { id = try RandomBytes.array(4).reduce(0) { $0 << 8 | UInt32($1) } }
        return try KeyGeneration(id: id, key: SecretBytes.random(count: AESGCM.keyLength))
    }
}

/// The key-encryption key that wraps, and during a rotation the one that only unwraps.
struct KeyRing {
    let present: KeyGeneration
    let retired: KeyGeneration?

    func generation(_ id: UInt32) -> KeyGeneration? {
        if present.id == id { return present }
        return retired?.id == id ? retired : nil
    }
}

/// The layout of the ring's file, version 1.
///
/// `EDGEDRNG`, version, three zero bytes; then sealed under a key derived from the root key and bound to this head: for each
/// generation, the present one first, its id (big endian) and its key.
struct KeyRingLayout {
    private static let head = Array("EDGEDRNG".utf8) + [1, 0, 0, 0]
    private static let entry = 4 + AESGCM.keyLength
    /// The longest there is, with two generations.
    static let maximum = head.count + AESGCM.nonceLength + 2 * entry + AESGCM.tagLength

    let aead: AESGCM
    let key: SecretBytes

    func bytes(of ring: KeyRing) throws(EdgeError) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(2 * Self.entry)
        defer { wipe(&plain) }
        for generation in [ring.present, ring.retired].compactMap({ $0 }) {
            SealedRecord.append(generation.id, to: &plain)
            generation.key.withBytes { plain.append(contentsOf: $0) }
        }
        return try aead.seal(plain, key: key, bindingTo: Self.head, after: Self.head)
    }

    func ring(of bytes: [UInt8]) throws(EdgeError) -> KeyRing {
        guard bytes.count <= Self.maximum, bytes.starts(with: Self.head) else {
            throw EdgeError(.keyUnavailable, "The key ring is not one that this version reads.")
        }
        let opened = try aead.open(bytes, headLength: Self.head.count, key: key, bindingTo: Self.head)
        guard var plain = opened, [Self.entry, 2 * Self.entry].contains(plain.count) else {
            throw EdgeError(.keyUnavailable, "The key ring is damaged or belongs to another key file.")
        }
        defer { wipe(&plain) }
        let present = try Self.generation(plain[..<Self.entry])
        let retired = plain.count > Self.entry ? try Self.generation(plain[Self.entry...]) : nil
        return KeyRing(present: present, retired: retired)
    }

    private static func generation(_ bytes: ArraySlice<UInt8>) throws(EdgeError) -> KeyGeneration {
        try KeyGeneration(
            id: bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }, key: SecretBytes(copying: bytes.dropFirst(4)))
    }
}
