public import EdgeCore

extension KeyVault: RecipientSealer {
    /// Begins something for the holder of a private key, signed by this device.
    public func seal(to recipient: [UInt8], purpose: String) throws(EdgeError) -> any SealingStream {
        try RecipientSealing(to: recipient, purpose: purpose, aead: aead, signingKey: signingKey)
    }
}

/// Something that is being sealed to a recipient.
final class RecipientSealing: SealingStream {
    private let aead: AESGCM
    private let signingKey: Ed25519Key
    private let key: SecretBytes
    private let headDigest: [UInt8]
    private var transcript: SHA256Stream
    private var number: UInt64 = 0
    private var pending: [UInt8] = []
    /// What was made and not given out yet.
    private var output: [UInt8]
    private var isFinished = false

    init(to recipient: [UInt8], purpose: String, aead: AESGCM, signingKey: Ed25519Key) throws(EdgeError) {
        let ephemeral = try X25519Key()
        guard let secret = ephemeral.secret(with: recipient) else {
            throw EdgeError(.requestInvalid, "The recipient's public key is none of X25519.", field: "to")
        }
        let head = try RecipientLayout.head(
            device: signingKey.publicKey, ephemeral: ephemeral.publicKey, recipient: recipient)
        key = try RecipientLayout.chunkKey(secret, head: head, purpose: purpose)
        headDigest = try SHA256Digest.of(head)
        transcript = try SHA256Stream()
        try transcript.append(head)
        output = head
        self.aead = aead
        self.signingKey = signingKey
    }

    deinit { wipe(&pending) }

    func append(_ plain: [UInt8]) throws(EdgeError) -> [UInt8] {
        guard !isFinished else { throw EdgeError(.internalFault, "Nothing follows what was finished.") }
        pending += plain
        // One byte more than a chunk: the last chunk is sealed as the last, and it is never empty but for nothing at all.
        var position = 0
        while pending.count - position > RecipientLayout.chunkLength {
            let end = position + RecipientLayout.chunkLength
            try put(Array(pending[position..<end]), isLast: false)
            position = end
        }
        let rest = Array(pending[position...])
        wipe(&pending)
        pending = rest
        return take()
    }

    func finish() throws(EdgeError) -> [UInt8] {
        guard !isFinished else { throw EdgeError(.internalFault, "It was finished before.") }
        isFinished = true
        try put(pending, isLast: true)
        output += try signingKey.sign(RecipientLayout.signed(transcript.finish()))
        return take()
    }

    private func put(_ plain: [UInt8], isLast: Bool) throws(EdgeError) {
        let head = RecipientLayout.chunkHead(length: plain.count, isLast: isLast)
        let chunk = try aead.seal(
            plain, key: key, nonce: RecipientLayout.nonce(number),
            bindingTo: RecipientLayout.binding(headDigest: headDigest, number: number, chunkHead: head), after: head)
        number += 1
        try transcript.append(chunk)
        output += chunk
    }

    private func take() -> [UInt8] {
        defer { output = [] }
        return output
    }
}
