import CPNG
import EdgeCore

/// PNG files, through libpng's simplified interface.
enum PNGPicture {
    /// Columns and rows, checked against the limits; the file must reach its end chunk.
    static func size(_ bytes: [UInt8], _ limits: ImageLimits) throws(EdgeError) -> PixelSize {
        guard reachesEnd(bytes) else { throw EdgeError(.imageCorrupt, "The PNG is damaged or cut off.") }
        var width: UInt32 = 0
        var height: UInt32 = 0
        guard cpng_size(bytes, bytes.count, &width, &height) == 0 else {
            throw EdgeError(.imageCorrupt, "The PNG's header is damaged.")
        }
        let size = PixelSize(width: Int(width), height: Int(height))
        try limits.check(size)
        return size
    }

    /// Decodes over white; 16 bits become 8, palettes and grey become colour.
    static func decode(_ bytes: [UInt8], _ limits: ImageLimits) throws(EdgeError) -> Image {
        let size = try size(bytes, limits)
        return try Image(size, damaged: "The PNG's picture data is damaged.") { pixels in
            cpng_decode_bgr(bytes, bytes.count, UInt32(size.width), UInt32(size.height), pixels) == 0
        }
    }

    /// Whether the chunks lead to the end chunk: the library stops reading at the last row and would not notice.
    private static func reachesEnd(_ bytes: [UInt8]) -> Bool {
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            let kind = bytes[offset + 4..<offset + 8]
            offset += 12 + length
            if kind.elementsEqual("IEND".utf8) { return offset <= bytes.count }
        }
        return false
    }
}
