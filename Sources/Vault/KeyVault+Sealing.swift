public import EdgeCore

extension KeyVault {
    /// A fresh random subject key, wrapped by the key-encryption key.
    public func makeSubjectKey() throws(EdgeError) -> [UInt8] {
        var head = [SealedRecord.version]
        SealedRecord.append(wrappingKeyID, to: &head)
        return try aead.wrap(
            SecretBytes.random(count: AESGCM.keyLength), key: wrappingKey,
            bindingTo: SealedRecord.wrapBinding(keyID: wrappingKeyID), after: head)
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

    /// The same subject key wrapped by the present key-encryption key.
    public func rewrap(_ subjectKey: [UInt8]) throws(EdgeError) -> [UInt8] {
        _ = try unwrap(subjectKey)
        return subjectKey
    }

    private func unwrap(_ wrapped: [UInt8]) throws(EdgeError) -> SecretBytes {
        guard wrapped.count == SealedRecord.wrappedLength, wrapped[0] == SealedRecord.version else {
            throw EdgeError(.sealBroken)
        }
        let keyID = wrapped[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
        guard keyID == wrappingKeyID else { throw EdgeError(.sealBroken, "Sealed under a key that is not here.") }
        let key = try aead.unwrap(
            wrapped, headLength: 5, key: wrappingKey, bindingTo: SealedRecord.wrapBinding(keyID: keyID))
        guard let key else { throw EdgeError(.sealBroken) }
        return key
    }
}
