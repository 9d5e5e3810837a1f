/// How a picture must be turned to stand upright: the orientation mark of EXIF, 1…8.
enum ExifOrientation: Int, CaseIterable, Sendable {
    case upright = 1
    case mirrored
    case upsideDown
    case flipped
    case transposed
    case turnRight
    case transversed
    case turnLeft

    /// Whether columns become rows.
    var swapsSides: Bool { rawValue >= 5 }

    /// Reads the payload of an APP1 segment; anything that is not a well-formed mark means upright.
    ///
    /// The payload comes from strangers: every offset in it is checked against its end.
    init(app1 payload: UnsafeRawBufferPointer) {
        self = Self.mark(in: payload).flatMap(Self.init(rawValue:)) ?? .upright
    }

    private static func mark(in payload: UnsafeRawBufferPointer) -> Int? {
        let tag: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif\0\0"
        guard payload.count >= tag.count + 8, payload.prefix(tag.count).elementsEqual(tag) else { return nil }
        let tiff = TIFFReader(bytes: UnsafeRawBufferPointer(rebasing: payload[tag.count...]))
        guard let tiff, let directory = tiff.uint32(at: 4), let entries = tiff.uint16(at: directory) else { return nil }
        for index in 0..<entries {
            let entry = directory + 2 + 12 * index
            guard let key = tiff.uint16(at: entry) else { return nil }
            guard key == 0x0112 else { continue }
            guard let type = tiff.uint16(at: entry + 2), tiff.uint32(at: entry + 4) == 1 else { return nil }
            switch type {
            case 3: return tiff.uint16(at: entry + 8)
            case 4: return tiff.uint32(at: entry + 8)
            default: return nil
            }
        }
        return nil
    }
}

/// Numbers of a TIFF structure in its own byte order; `nil` for every place outside it.
private struct TIFFReader {
    private let bytes: UnsafeRawBufferPointer
    private let isBigEndian: Bool

    init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 8 else { return nil }
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0x49, 0x49, 0x2A, 0): isBigEndian = false
        case (0x4D, 0x4D, 0, 0x2A): isBigEndian = true
        default: return nil
        }
        self.bytes = bytes
    }

    func uint16(at offset: Int) -> Int? {
        guard offset >= 0, offset <= bytes.count - 2 else { return nil }
        let first = Int(bytes[offset])
        let second = Int(bytes[offset + 1])
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    func uint32(at offset: Int) -> Int? {
        guard let first = uint16(at: offset), let second = uint16(at: offset + 2) else { return nil }
        return isBigEndian ? first << 16 | second : second << 16 | first
    }
}
