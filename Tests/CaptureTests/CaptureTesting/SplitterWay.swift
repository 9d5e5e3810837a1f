@testable import Capture

/// The way of footage: bytes in pieces, pictures out.
enum SplitterWay {
    /// The first byte says in how many pieces the rest is read.
    static func stream(_ bytes: [UInt8]) throws(BrokenPromise) {
        guard let first = bytes.first else { return }
        let stream = Array(bytes.dropFirst())
        let whole = split(stream, piece: max(stream.count, 1))
        let pieces = split(stream, piece: stream.count / (1 + Int(first)) + 1)
        try BrokenPromise.unless(whole == pieces, "What is found depends on how it is read.")
        for picture in whole.pictures {
            let structure = picture.withUnsafeBytes { try? JPEGStructure($0) }
            try BrokenPromise.unless(structure?.end == picture.count, "What was given out is not one whole picture.")
        }
    }

    private struct Found: Equatable {
        var pictures: [[UInt8]] = []
        var broken: UInt64 = 0
    }

    private static func split(_ stream: [UInt8], piece: Int) -> Found {
        var splitter = MJPEGSplitter(largestPicture: 1 << 20)
        var found = Found()
        for start in stride(from: 0, to: stream.count, by: piece) {
            splitter.push(stream[start..<min(start + piece, stream.count)])
            while let picture = splitter.next() { found.pictures.append(picture) }
        }
        while let picture = splitter.next(isLast: true) { found.pictures.append(picture) }
        found.broken = splitter.broken
        return found
    }
}
