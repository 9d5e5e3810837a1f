public import EdgeCore

extension KeyVault {
    /// Unwraps a subject key once, for many records.
    ///
    /// Throws `vault.seal.broken` when it cannot be unwrapped.
    public func opener(for subjectKey: ArraySlice<UInt8>) throws(EdgeError) -> any SubjectOpener {
        UnwrappedSubject(opening: try AESGCMOpening(aead, key: unwrap(Array(subjectKey))))
    }
}

/// A subject whose key lies open in memory for as long as this does.
private struct UnwrappedSubject: SubjectOpener {
    let opening: AESGCMOpening

    func open(_ sealed: ArraySlice<UInt8>, context: SealContext) throws(EdgeError) -> [UInt8] {
        guard sealed.first == SealedRecord.version else { throw EdgeError(.sealBroken) }
        let plain = try opening.open(sealed, headLength: 1, bindingTo: SealedRecord.binding(to: context))
        guard let plain else { throw EdgeError(.sealBroken) }
        return plain
    }
}
