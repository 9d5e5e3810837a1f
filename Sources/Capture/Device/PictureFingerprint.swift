import EdgeCore

/// Numbers that stand for the bytes of a picture: equal pictures have equal ones.
///
/// Nobody attacks them; they tell pictures of one camera apart.
struct PictureFingerprint {
    /// Words that are looked at in a sample, of a picture of any size.
    private static let sampleWords = 512
    /// The head of a JPEG, where some cameras write the time.
    private static let jpegHead = 1024

    private let bytes: UnsafeRawBufferPointer

    /// Looks at `bytes` while they are lent, no longer.
    init(lent bytes: UnsafeRawBufferPointer, _ encoding: ImageEncoding) {
        let isLong = encoding == .jpeg && bytes.count > 4 * Self.jpegHead
        self.bytes = isLong ? UnsafeRawBufferPointer(rebasing: bytes.dropFirst(Self.jpegHead)) : bytes
    }

    /// Of words here and there, evenly spread.
    ///
    /// The noise of a sensor is everywhere; a change of a few pixels may be missed.
    var sample: UInt64 {
        let words = bytes.count / 8
        return digest(step: max(words / Self.sampleWords, 1))
    }

    /// Of every byte.
    var whole: UInt64 {
        let tail = bytes.suffix(bytes.count % 8).reduce(UInt64(bytes.count)) { $0 << 8 ^ UInt64($1) }
        return Self.mixed(digest(step: 1), tail)
    }

    private func digest(step: Int) -> UInt64 {
        var digest = UInt64(bytes.count)
        for word in stride(from: 0, to: bytes.count / 8, by: step) {
            digest = Self.mixed(digest, bytes.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self))
        }
        return digest
    }

    private static func mixed(_ digest: UInt64, _ word: UInt64) -> UInt64 {
        let product = (digest ^ word) &* 0x9E37_79B9_7F4A_7C15
        return product ^ product >> 29
    }
}
