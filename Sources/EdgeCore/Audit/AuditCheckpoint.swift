import FoundationEssentials

/// How many lines an audit trail had and what they were, in one hash; signed by the device (C2SP `tlog-checkpoint`).
public struct AuditCheckpoint: Sendable, Equatable {
    /// The trail's name: device and epoch.
    public let origin: String
    /// How many lines of the epoch it covers.
    public let size: Int64
    /// The root of the Merkle tree over them; 32 bytes.
    public let root: [UInt8]

    /// Puts a checkpoint together.
    public init(origin: String, size: Int64, root: [UInt8]) {
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The name of the trail of one device in one epoch.
    public static func origin(device: [UInt8], epoch: [UInt8]) -> String {
        let words = [device, epoch].map { bytes in
            bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return "edged/\(words.joined(separator: "/"))"
    }

    /// The device in a trail's name; `nil` for anything but such a name.
    public static func device(of origin: String) -> [UInt8]? {
        let words = origin.split(separator: "/", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "edged", words[1].utf8.count == 32 else { return nil }
        let digits = Array(words[1])
        let bytes = stride(from: 0, to: 32, by: 2).compactMap { UInt8(String(digits[$0..<($0 + 2)]), radix: 16) }
        return bytes.count == 16 ? bytes : nil
    }

    /// The checkpoint as a signed note, by the key of the same name as the trail.
    public func signed(by signer: any Signer) throws(EdgeError) -> String {
        try SignedNote.sign("\(origin)\n\(size)\n\(Data(root).base64EncodedString())\n", as: origin, signer)
    }

    /// The checkpoint in a note that this trail's key signed; `nil` for anything else.
    public static func open(
        _ note: String, of origin: String, publicKey: [UInt8], _ checker: any ProofChecker
    ) throws(EdgeError) -> AuditCheckpoint? {
        guard let text = try SignedNote.open(note, signedAs: origin, publicKey: publicKey, checker) else { return nil }
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count >= 4, String(lines[0]) == origin, let number = String(lines[1]), let size = Int64(number),
            size >= 0, "\(size)" == number, let root = SignedNote.base64(lines[2]), root.count == 32
        else { return nil }
        return AuditCheckpoint(origin: origin, size: size, root: root)
    }
}

/// Shows that a line stands in a trail as a checkpoint has it; needs nothing but the device's public key.
public struct AuditProof: Sendable, Equatable, Codable {
    /// The line in its canonical form.
    public let line: String
    /// That it is in the tree.
    public let inclusion: InclusionProof
    /// The trail's name.
    public let origin: String
    /// The signed checkpoint of the tree.
    public let checkpoint: String

    /// Puts a proof together.
    public init(line: String, inclusion: InclusionProof, origin: String, checkpoint: String) {
        self.line = line
        self.inclusion = inclusion
        self.origin = origin
        self.checkpoint = checkpoint
    }

    /// Whether the line is the one that the key's owner signed for.
    public func holds(publicKey: [UInt8], _ checker: any ProofChecker) throws(EdgeError) -> Bool {
        let opened = try AuditCheckpoint.open(checkpoint, of: origin, publicKey: publicKey, checker)
        guard let opened, opened.size == inclusion.size else { return false }
        let hash = MerkleHash(checker)
        return try inclusion.root(leaf: hash.leaf(line.utf8), hash) == opened.root
    }
}
