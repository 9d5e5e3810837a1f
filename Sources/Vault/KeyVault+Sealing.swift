public import EdgeCore
import Synchronization

extension KeyVault {
    /// A fresh random subject key, wrapped by the key-encryption key.
    public func makeSubjectKey() throws(EdgeError) -> [UInt8] {
        try wrap(SecretBytes.random(count: AESGCM.keyLength), by: ring.withLock { $0.present })
    }

    /// Seals `plain` under a wrapped subject key, bound to `context`, with a fresh random nonce.
    public func seal(_ plain: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8] {
        try aead.seal(
            plain, key: unwrap(subjectKey), bindingTo: SealedRecord.binding(to: context), after: [SealedRecord.version])
    }

    /// Opens what ``seal(_:subjectKey:context:)`` made.
    ///
    /// Throws `vault.seal.broken` when a bit, the key or the context differs.
    public func open(_ sealed: [UInt8], subjectKey: [UInt8], context: SealContext) throws(EdgeError) -> [UInt8] {
        guard sealed.first == SealedRecord.version else { throw EdgeError(.sealBroken) }
        let plain = try aead.open(
            sealed, headLength: 1, key: unwrap(subjectKey), bindingTo: SealedRecord.binding(to: context))
        guard let plain else { throw EdgeError(.sealBroken) }
        return plain
    }

    /// The same subject key wrapped by the present key-encryption key; unchanged when it is already.
    ///
    /// Throws `vault.seal.broken` when the key that wrapped it is not here any more.
    public func rewrap(_ subjectKey: [UInt8]) throws(EdgeError) -> [UInt8] {
        let key = try unwrap(subjectKey)
        let present = ring.withLock { $0.present }
        if Self.wrappingKeyID(of: subjectKey) == present.id { return subjectKey }
        return try wrap(key, by: present)
    }

    /// The id of the key-encryption key that wrapped this subject key; `nil` for what is no wrapped key.
    public func wrappingKeyID(of subjectKey: [UInt8]) -> UInt32? {
        guard subjectKey.count == SealedRecord.wrappedLength, subjectKey[0] == SealedRecord.version else { return nil }
        return Self.wrappingKeyID(of: subjectKey)
    }

    private func wrap(_ key: SecretBytes, by generation: KeyGeneration) throws(EdgeError) -> [UInt8] {
        var head = [SealedRecord.version]
        SealedRecord.append(generation.id, to: &head)
        return try aead.wrap(
            key, key: generation.wrapping, bindingTo: SealedRecord.wrapBinding(keyID: generation.id), after: head)
    }

    private static func wrappingKeyID(of wrapped: [UInt8]) -> UInt32 {
        wrapped[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
    }

    func unwrap(_ wrapped: [UInt8]) throws(EdgeError) -> SecretBytes {
        guard wrapped.count == SealedRecord.wrappedLength, wrapped[0] == SealedRecord.version else {
            throw EdgeError(.sealBroken)
        }
        let keyID = Self.wrappingKeyID(of: wrapped)
        guard let generation = self.generation(keyID) else {
            throw EdgeError(.sealBroken, "Sealed under a key that is not here.")
        }
        let key = try aead.unwrap(
            wrapped, headLength: 5, key: generation.wrapping, bindingTo: SealedRecord.wrapBinding(keyID: keyID))
        guard let key else { throw EdgeError(.sealBroken) }
        return key
    }
}
