import CKernels
import CWebP
import EdgeCore

/// WebP files: the header in Swift, the picture through libwebp.
enum WebPPicture {
    /// What the header says, checked against the limits.
    static func size(_ bytes: PictureBytes, _ limits: ImageLimits) throws(EdgeError) -> PixelSize {
        guard bytes.count >= 25, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WEBP".utf8),
            number(bytes, at: 4, 4) + 8 <= bytes.count, let size = try headerSize(bytes)
        else {
            throw EdgeError(.imageCorrupt, "The WebP's header is damaged or cut off.")
        }
        try limits.check(size)
        return size
    }

    /// Decodes; what is transparent shows white.
    ///
    /// `size` is what the header says.
    static func decode(
        _ bytes: PictureBytes, _ size: PixelSize, _ pixels: UnsafeMutablePointer<UInt8>
    ) throws(EdgeError) {
        var features = WebPBitstreamFeatures()
        let (width, height) = (size.width, size.height)
        // Two readers that disagree about the size are how buffers overflow.
        guard cwebp_features(bytes.baseAddress, bytes.count, &features) == 0, features.has_animation == 0,
            Int(features.width) == width, Int(features.height) == height
        else { throw EdgeError(.imageCorrupt, "The WebP's header is damaged or cut off.") }
        let isWhole: Bool
        if features.has_alpha == 0 {
            isWhole =
                WebPDecodeBGRInto(bytes.baseAddress, bytes.count, pixels, 3 * width * height, CInt(3 * width)) != nil
        } else {
            isWhole = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4 * width * height) { buffer in
                guard let bgra = buffer.baseAddress else { return false }
                let made = WebPDecodeBGRAInto(bytes.baseAddress, bytes.count, bgra, buffer.count, CInt(4 * width))
                if made != nil { ck_bgra_over_white(bgra, width * height, pixels) }
                return made != nil
            }
        }
        guard isWhole else { throw EdgeError(.imageCorrupt, "The WebP's picture data is damaged or cut off.") }
    }

    /// Columns and rows that the first chunk tells: lossy, lossless, or extended.
    private static func headerSize(_ bytes: PictureBytes) throws(EdgeError) -> PixelSize? {
        let kind = bytes[12..<16]
        if kind.elementsEqual("VP8 ".utf8) {
            // Three bytes of frame tag, of which the lowest bit is clear in a key frame, and three of a start code.
            guard bytes.count >= 30, bytes[20] & 1 == 0, bytes[23..<26].elementsEqual([0x9D, 0x01, 0x2A]) else {
                return nil
            }
            return PixelSize(width: number(bytes, at: 26, 2) & 0x3FFF, height: number(bytes, at: 28, 2) & 0x3FFF)
        }
        if kind.elementsEqual("VP8L".utf8) {
            let sides = number(bytes, at: 21, 4)
            // Behind the two sides stand one bit for transparency and three of a version, which is 0.
            guard bytes[20] == 0x2F, sides >> 29 == 0 else { return nil }
            return PixelSize(width: sides & 0x3FFF + 1, height: sides >> 14 & 0x3FFF + 1)
        }
        guard kind.elementsEqual("VP8X".utf8), bytes.count >= 30 else { return nil }
        guard bytes[20] & 0x02 == 0 else {
            throw EdgeError(.imageUnsupported, "Animated WebP files are not read; send one picture.")
        }
        return PixelSize(width: number(bytes, at: 24, 3) + 1, height: number(bytes, at: 27, 3) + 1)
    }

    /// So many bytes, the low one first.
    private static func number(_ bytes: PictureBytes, at offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
}
