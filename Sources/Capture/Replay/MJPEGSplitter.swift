/// Cuts a stream of concatenated JPEGs into pictures, whatever stands between them.
///
/// It walks markers instead of looking for an end mark, since the thumbnail inside a header has one too.
struct MJPEGSplitter {
    private var pending: [UInt8] = []
    /// Bytes of `pending` that are already given out.
    private var start = 0
    private let largestPicture: Int
    /// Pictures that were cut off or damaged, so far.
    private(set) var broken: UInt64 = 0

    /// A picture beyond `largestPicture` bytes is damaged: its end mark is lost.
    init(largestPicture: Int = 10 << 20) { self.largestPicture = largestPicture }

    /// Appends what was read.
    mutating func push(_ bytes: some Sequence<UInt8>) {
        pending.removeFirst(start)
        start = 0
        pending.append(contentsOf: bytes)
    }

    /// The next whole picture; `nil` when more bytes are needed.
    ///
    /// With `isLast` nothing will be pushed any more: an unfinished picture is counted as broken and left out.
    mutating func next(isLast: Bool = false) -> [UInt8]? {
        while let found = pending.withUnsafeBytes({ Self.pictureStart(in: $0, from: start) }) {
            start = found
            switch walk(from: found) {
            case .success(let structure):
                defer { start = structure.end }
                return Array(pending[found..<structure.end])
            case .failure(.truncated) where !isLast && pending.count - found <= largestPicture:
                return nil
            case .failure:
                // The length of a damaged header may point anywhere: look again right behind this start mark.
                broken += 1
                start = found + 2
            }
        }
        // Keep the last two bytes: they may be the first of a start mark.
        start = isLast ? pending.count : max(start, pending.count - 2)
        return nil
    }

    private func walk(from offset: Int) -> Result<JPEGStructure, JPEGStructure.Failure> {
        pending.withUnsafeBytes { bytes in
            Result { () throws(JPEGStructure.Failure) in try JPEGStructure(bytes, from: offset) }
        }
    }

    private static func pictureStart(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard bytes.count - start >= 3 else { return nil }
        return (start...bytes.count - 3).first {
            bytes[$0] == 0xFF && bytes[$0 + 1] == 0xD8 && bytes[$0 + 2] == 0xFF
        }
    }
}
