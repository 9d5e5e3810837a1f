import EdgeCore

/// Something that is being opened by its recipient.
final class RecipientOpening: OpeningStream {
    private let recipient: X25519Key
    private let purpose: String
    private let aead: AESGCM
    private var transcript: SHA256Stream
    private var input: [UInt8] = []
    private var position = 0
    private var chunks: Chunks?
    private var isLastSeen = false

    /// What the head gives.
    private struct Chunks {
        let device: [UInt8]
        let key: SecretBytes
        let headDigest: [UInt8]
        var number: UInt64 = 0
    }

    init(_ recipient: X25519Key, purpose: String) throws(EdgeError) {
        self.recipient = recipient
        self.purpose = purpose
        aead = try AESGCM()
        transcript = try SHA256Stream()
    }

    func append(_ sealed: [UInt8]) throws(EdgeError) -> [UInt8] {
        input += sealed
        var plain: [UInt8] = []
        if chunks == nil {
            guard let head = take(RecipientLayout.headLength) else { return [] }
            chunks = try read(head)
        }
        while !isLastSeen, let part = try nextChunk() { plain += part }
        guard !isLastSeen || input.count - position <= Ed25519Key.signatureLength else {
            throw EdgeError(.sealBroken, "Something follows the end.")
        }
        input.removeFirst(position)
        position = 0
        return plain
    }

    func finish() throws(EdgeError) -> [UInt8] {
        guard isLastSeen, let chunks, let signature = take(Ed25519Key.signatureLength), position == input.count else {
            throw EdgeError(.sealBroken, "The end is missing.")
        }
        let signed = try RecipientLayout.signed(transcript.finish())
        guard Ed25519Key.verify(signature, of: signed, publicKey: chunks.device) else {
            throw EdgeError(.sealBroken, "The signature is not that of the device that is named.")
        }
        return chunks.device
    }

    private func read(_ head: [UInt8]) throws(EdgeError) -> Chunks {
        guard let parts = RecipientLayout.parts(of: head) else {
            throw EdgeError(.sealBroken, "This is nothing that was sealed to a recipient, or by a later version.")
        }
        guard try parts.recipient == SHA256Digest.of(recipient.publicKey) else { throw EdgeError(.recipientWrong) }
        guard let secret = recipient.secret(with: parts.ephemeral) else { throw EdgeError(.sealBroken) }
        try transcript.append(head)
        return Chunks(
            device: parts.device, key: try RecipientLayout.chunkKey(secret, head: head, purpose: purpose),
            headDigest: try SHA256Digest.of(head))
    }

    /// The next chunk's plain bytes; `nil` when it is not all there yet.
    private func nextChunk() throws(EdgeError) -> [UInt8]? {
        guard let chunks, let head = peek(RecipientLayout.chunkHead) else { return nil }
        let length = head[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= RecipientLayout.chunkLength else { throw EdgeError(.sealBroken) }
        guard let chunk = take(length + RecipientLayout.chunkOverhead) else { return nil }
        let nonce = RecipientLayout.chunkHead..<RecipientLayout.chunkHead + AESGCM.nonceLength
        guard Array(chunk[nonce]) == RecipientLayout.nonce(chunks.number) else {
            throw EdgeError(.sealBroken, "A piece is missing, doubled or out of its order.")
        }
        let binding = RecipientLayout.binding(headDigest: chunks.headDigest, number: chunks.number, chunkHead: head)
        let plain = try aead.open(
            chunk, headLength: RecipientLayout.chunkHead, key: chunks.key, bindingTo: binding)
        guard let plain else { throw EdgeError(.sealBroken) }
        try transcript.append(chunk)
        self.chunks?.number += 1
        isLastSeen = head[4] == 1
        return plain
    }

    private func peek(_ count: Int) -> [UInt8]? {
        input.count - position < count ? nil : Array(input[position..<position + count])
    }

    private func take(_ count: Int) -> [UInt8]? {
        guard let bytes = peek(count) else { return nil }
        position += count
        return bytes
    }
}
