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
    private static let magic = Array("edgedan2".utf8)
    /// Of versions whose slots could stand in each other's place.
    private static let formerMagic = Array("edgedanc".utf8)

    /// The sector for the slot of this number: the code covers that too, so that a copy of one slot is no other one.
    func bytes(in slot: Int, _ digest: any KeyedDigest) throws(EdgeError) -> [UInt8] {
        try bytes(Self.magic, slot: [UInt8(slot)], digest)
    }

    private func bytes(
        _ magic: [UInt8], slot: [UInt8], _ digest: any KeyedDigest
    ) throws(EdgeError) -> [UInt8] {
        var bytes = magic + SealedSums.bytes(counter) + SealedSums.bytes(auditSequence)
        bytes += SealedSums.bytes(file?.size ?? -1) + epoch + code + auditHash
        bytes += file?.digest ?? AuditLine.origin
        bytes += SealedSums.bytes(erasures)
        bytes += try digest.code(of: bytes + slot)
        return bytes + [UInt8](repeating: 0, count: Self.size - bytes.count)
    }

    init() {}

    /// `nil` for bytes that this device did not write.
    init?(_ bytes: [UInt8], in slot: Int, _ digest: any KeyedDigest) throws(EdgeError) {
        let isFormer = bytes.starts(with: Self.formerMagic)
        guard bytes.count == Self.size, isFormer || bytes.starts(with: Self.magic) else { return nil }
        counter = SealedSums.number(bytes[8..<16])
        auditSequence = SealedSums.number(bytes[16..<24])
        let size = SealedSums.number(bytes[24..<32])
        epoch = Array(bytes[32..<48])
        code = Array(bytes[48..<80])
        auditHash = Array(bytes[80..<112])
        erasures = SealedSums.number(bytes[144..<152])
        file = size < 0 ? nil : File(size: size, digest: Array(bytes[112..<144]))
        let expected = isFormer ? try self.bytes(Self.formerMagic, slot: [], digest) : try self.bytes(in: slot, digest)
        guard expected == bytes else { return nil }
    }
}
