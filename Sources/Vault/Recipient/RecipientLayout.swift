import EdgeCore

/// The layout of what is sealed to a recipient, version 1.
///
/// Head: `EDGEDEXP`, version, three zero bytes, the device's public key (32), the ephemeral public key (32), SHA-256 of the
/// recipient's public key (32). Then chunks: length of the plain bytes (4, big endian), 1 for the last and 0 for others,
/// nonce (12: four zeros and the chunk's number), cipher text, tag (16). Then the device's signature (64) of all before.
///
/// The chunks' key comes by HKDF from what the ephemeral key and the recipient's agree on, and from the head and the purpose;
/// each tag covers the head's digest, the number and the mark of the last.
enum RecipientLayout {
    static let chunkLength = 65_536
    private static let start = Array("EDGEDEXP".utf8) + [1, 0, 0, 0]
    static let headLength = start.count + 3 * 32
    /// Length and mark.
    static let chunkHead = 5
    static let chunkOverhead = chunkHead + AESGCM.nonceLength + AESGCM.tagLength

    static func head(device: [UInt8], ephemeral: [UInt8], recipient: [UInt8]) throws(EdgeError) -> [UInt8] {
        try start + device + ephemeral + SHA256Digest.of(recipient)
    }

    /// The parts of a head; `nil` when it is none.
    static func parts(of head: [UInt8]) -> (device: [UInt8], ephemeral: [UInt8], recipient: [UInt8])? {
        guard head.count == headLength, head.starts(with: start) else { return nil }
        let parts = (0..<3).map { Array(head[(start.count + 32 * $0)..<(start.count + 32 * ($0 + 1))]) }
        return (parts[0], parts[1], parts[2])
    }

    static func chunkKey(_ secret: SecretBytes, head: [UInt8], purpose: String) throws(EdgeError) -> SecretBytes {
        try HKDFSHA256.derive(
            from: secret, salt: SHA256Digest.of(head), info: Array("edged export: \(purpose)".utf8),
            length: AESGCM.keyLength)
    }

    static func nonce(_ number: UInt64) -> [UInt8] {
        var nonce: [UInt8] = [0, 0, 0, 0]
        SealedRecord.append(number, to: &nonce)
        return nonce
    }

    /// What stands before a chunk's nonce.
    static func chunkHead(length: Int, isLast: Bool) -> [UInt8] {
        var head: [UInt8] = []
        SealedRecord.append(UInt32(length), to: &head)
        return head + [isLast ? 1 : 0]
    }

    static func binding(headDigest: [UInt8], number: UInt64, chunkHead: [UInt8]) -> [UInt8] {
        var binding = headDigest
        SealedRecord.append(number, to: &binding)
        return binding + chunkHead
    }

    /// What the device signs: no signature of a checkpoint or of anything else is ever one of these.
    static func signed(_ digest: [UInt8]) -> [UInt8] { Array("edged export v1\n".utf8) + digest }
}
