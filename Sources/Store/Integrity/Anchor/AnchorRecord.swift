import EdgeCore

/// What the anchor knows of the database after a commit.
struct AnchorRecord: Sendable, Equatable {
    /// The size and the keyed digest of the database's file.
    struct File: Sendable, Equatable {
        var size: Int64
        var digest: [UInt8]
    }

    /// The counter of ``SealedSums``.
    var counter: Int64 = 0
    /// The code over all tables' sums; it stands for the audit chain's head, the trees and the lanes, which are in tables.
    var code = [UInt8](repeating: 0, count: 32)
    /// The epoch's 16 bytes; zeros before there is one.
    var epoch = [UInt8](repeating: 0, count: 16)
    /// The last audit line, so that it can be told how many are gone.
    var auditSequence: Int64 = 0
    /// That line's hash; zeros when there is no line.
    var auditHash = AuditLine.origin
    /// How many erasures there were: a copy that knows of fewer would bring somebody back.
    var erasures: Int64 = 0
    /// The file as it was closed in order; `nil` while it is in use.
    var file: File?

    /// One sector: a power cut leaves the old one or the new one.
    static let size = 512
    private static let magic = Array("edgedanc".utf8)
    private static let content = 192

    func bytes(_ digest: any KeyedDigest) throws(EdgeError) -> [UInt8] {
        var bytes = Self.magic + SealedSums.bytes(counter) + SealedSums.bytes(auditSequence)
        bytes += SealedSums.bytes(file?.size ?? -1) + epoch + code + auditHash
        bytes += file?.digest ?? AuditLine.origin
        bytes += SealedSums.bytes(erasures)
        bytes += try digest.code(of: bytes)
        return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
    }

    init() {}

    /// `nil` for bytes that this device did not write.
    init?(_ bytes: [UInt8], _ digest: any KeyedDigest) throws(EdgeError) {
        guard bytes.count == Self.size, bytes.starts(with: Self.magic) else { return nil }
        counter = SealedSums.number(bytes[8..<16])
        auditSequence = SealedSums.number(bytes[16..<24])
        let size = SealedSums.number(bytes[24..<32])
        epoch = Array(bytes[32..<48])
        code = Array(bytes[48..<80])
        auditHash = Array(bytes[80..<112])
        erasures = SealedSums.number(bytes[144..<152])
        file = size < 0 ? nil : File(size: size, digest: Array(bytes[112..<144]))
        guard try self.bytes(digest) == bytes else { return nil }
    }
}
