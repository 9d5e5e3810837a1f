import Glibc

/// What the markers of one JPEG say, from its start to its end mark.
///
/// The decoder library forgives a missing end and a wrong length; this walk does not, so a cut-off picture is never
/// taken for a whole one. It also tells where one picture of an MJPEG stream ends. No pixel is decoded.
struct JPEGStructure: Equatable {
    /// Why there is no whole JPEG.
    enum Failure: Error, Equatable {
        /// The bytes end before the picture does.
        case truncated
        /// Something stands where it must not; the offset of it.
        case malformed(at: Int)
    }

    /// Columns as stored, before the orientation mark is applied.
    private(set) var width = 0
    /// Rows as stored.
    private(set) var height = 0
    /// 1 grey, 3 colour, 4 print.
    private(set) var components = 0
    /// Bits a sample.
    private(set) var precision = 0
    /// The low byte of the frame header's marker: 0xC0 baseline … 0xC2 progressive, 0xC3 lossless.
    private(set) var process: UInt8 = 0
    /// How it stands upright.
    private(set) var orientation = ExifOrientation.upright
    /// How often the data goes over the picture: 1 or 3 for baseline, about 10 for progressive.
    private(set) var scans = 0
    /// Offsets of header bytes that the decoder library warns of and then takes for a 1, the picture being whole.
    private(set) var oddBytes: [Int] = []
    /// The offset behind the end mark.
    private(set) var end = 0

    /// Walks the JPEG that starts at `start`.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0) throws(Failure) {
        guard bytes.count - start >= 2 else { throw .truncated }
        guard bytes[start] == 0xFF, bytes[start + 1] == Marker.start else { throw .malformed(at: start) }
        var offset = start + 2
        while true {
            let marker = try Self.marker(in: bytes, at: &offset)
            switch marker {
            case Marker.end:
                guard scans > 0 else { throw .malformed(at: offset) }
                end = offset
                return
            case Marker.start, 0x00:
                throw .malformed(at: offset - 2)
            case 0x01, 0xD0...0xD7:
                continue  // no length follows these
            default:
                let payload = try Self.payload(in: bytes, at: offset)
                guard !Self.swallowsPicture(marker, bytes, payload) else { throw .malformed(at: payload.lowerBound) }
                try read(marker, bytes, payload)
                offset = payload.upperBound
                if marker == Marker.scan { offset = try Self.endOfScan(in: bytes, from: offset) }
            }
        }
    }

    private mutating func read(
        _ marker: UInt8, _ bytes: UnsafeRawBufferPointer, _ payload: Range<Int>
    ) throws(Failure) {
        switch marker {
        case Marker.scan:
            guard width > 0 else { throw .malformed(at: payload.lowerBound) }
            scans += 1
        case 0xC0...0xCF where marker != 0xC4 && marker != 0xC8 && marker != 0xCC:
            // A second frame header would let the size change after it was checked.
            guard payload.count >= 6, process == 0 else { throw .malformed(at: payload.lowerBound) }
            let at = payload.lowerBound
            process = marker
            precision = Int(bytes[at])
            height = Int(bytes[at + 1]) << 8 | Int(bytes[at + 2])
            width = Int(bytes[at + 3]) << 8 | Int(bytes[at + 4])
            components = Int(bytes[at + 5])
            guard width > 0, height > 0 else { throw .malformed(at: at) }
        case 0xE1 where orientation == .upright:
            orientation = ExifOrientation(app1: UnsafeRawBufferPointer(rebasing: bytes[payload]))
        case 0xE0 where payload.count >= 14 && bytes[payload].starts(with: "JFIF\0".utf8):
            let revision = payload.lowerBound + 5
            if bytes[revision] != 1 { oddBytes.append(revision) }
        case 0xEE where payload.count >= 12 && bytes[payload].starts(with: "Adobe".utf8):
            let transform = payload.lowerBound + 11
            if bytes[transform] > 1 { oddBytes.append(transform) }
        default:
            break
        }
    }

    /// The marker at `offset`, fill bytes before it skipped; leaves `offset` behind it.
    private static func marker(in bytes: UnsafeRawBufferPointer, at offset: inout Int) throws(Failure) -> UInt8 {
        guard offset < bytes.count else { throw .truncated }
        guard bytes[offset] == 0xFF else { throw .malformed(at: offset) }
        while offset < bytes.count, bytes[offset] == 0xFF { offset += 1 }
        guard offset < bytes.count else { throw .truncated }
        offset += 1
        return bytes[offset - 1]
    }

    private static func payload(in bytes: UnsafeRawBufferPointer, at offset: Int) throws(Failure) -> Range<Int> {
        guard offset + 2 <= bytes.count else { throw .truncated }
        let length = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
        guard length >= 2 else { throw .malformed(at: offset) }
        guard offset + length <= bytes.count else { throw .truncated }
        return offset + 2..<offset + length
    }

    /// Whether a picture begins inside a table or a short JFIF header, where none can: the one before it was cut off there.
    private static func swallowsPicture(
        _ marker: UInt8, _ bytes: UnsafeRawBufferPointer, _ payload: Range<Int>
    ) -> Bool {
        guard (0xC0...0xDF).contains(marker) || marker == 0xE0 && payload.count <= 14 else { return false }
        guard let base = bytes.baseAddress else { return false }
        var offset = payload.lowerBound
        while offset < payload.upperBound, let found = memchr(base + offset, 0xFF, payload.upperBound - offset) {
            offset = UnsafeRawPointer(found) - base
            // The last of the three may be the first byte behind the table.
            if offset + 2 < bytes.count, bytes[offset + 1] == Marker.start, bytes[offset + 2] == 0xFF { return true }
            offset += 1
        }
        return false
    }

    /// The offset of the first marker after entropy-coded data; stuffed zeros and restart marks belong to the data.
    private static func endOfScan(in bytes: UnsafeRawBufferPointer, from start: Int) throws(Failure) -> Int {
        guard let base = bytes.baseAddress else { throw .truncated }
        var offset = start
        while offset < bytes.count {
            guard let found = memchr(base + offset, 0xFF, bytes.count - offset) else { throw .truncated }
            offset = UnsafeRawPointer(found) - base
            guard offset + 1 < bytes.count else { throw .truncated }
            switch bytes[offset + 1] {
            case 0x00, 0xD0...0xD7: offset += 2
            case 0xFF: offset += 1
            default: return offset
            }
        }
        throw .truncated
    }

    private enum Marker {
        static let start: UInt8 = 0xD8
        static let end: UInt8 = 0xD9
        static let scan: UInt8 = 0xDA
    }
}
