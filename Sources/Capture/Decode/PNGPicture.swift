import CPNG
import EdgeCore

/// PNG files: the header in Swift, the picture through libpng's simplified interface.
enum PNGPicture {
    /// Columns and rows, checked against the limits; the file must reach its end chunk.
    static func size(_ bytes: PictureBytes, _ limits: ImageLimits) throws(EdgeError) -> PixelSize {
        guard reachesEnd(bytes) else { throw EdgeError(.imageCorrupt, "The PNG is damaged or cut off.") }
        guard let size = headerSize(bytes) else { throw EdgeError(.imageCorrupt, "The PNG's header is damaged.") }
        try limits.check(size)
        return size
    }

    /// Decodes over white; 16 bits become 8, palettes and grey become colour.
    ///
    /// `size` is what the header says.
    static func decode(
        _ bytes: PictureBytes, _ size: PixelSize, _ pixels: UnsafeMutablePointer<UInt8>
    ) throws(EdgeError) {
        let status = cpng_decode_bgr(
            bytes.baseAddress, bytes.count, UInt32(size.width), UInt32(size.height), pixels)
        guard status == 0 else { throw EdgeError(.imageCorrupt, "The PNG's picture data is damaged.") }
    }

    /// Whether the chunks lead to the end chunk: the library stops reading at the last row and would not notice.
    private static func reachesEnd(_ bytes: PictureBytes) -> Bool {
        var offset = 8
        while offset + 12 <= bytes.count {
            let length = number(bytes, at: offset)
            let kind = bytes[offset + 4..<offset + 8]
            offset += 12 + length
            if kind.elementsEqual("IEND".utf8) { return offset <= bytes.count }
        }
        return false
    }

    /// What the first chunk says; `nil` when it is not the header, or its check sum is wrong.
    private static func headerSize(_ bytes: PictureBytes) -> PixelSize? {
        let content = 13
        guard bytes.count >= 8 + 12 + content, number(bytes, at: 8) == content,
            bytes[12..<16].elementsEqual("IHDR".utf8),
            checkSum(bytes[12..<16 + content]) == UInt32(number(bytes, at: 16 + content))
        else { return nil }
        let (depth, kind) = (bytes[24], bytes[25])
        let depths: [UInt8: Set<UInt8>] = [
            0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
        ]
        // Compression and filter have one method each, interlacing two.
        guard depths[kind]?.contains(depth) == true, bytes[26] == 0, bytes[27] == 0, bytes[28] <= 1 else { return nil }
        let size = PixelSize(width: number(bytes, at: 16), height: number(bytes, at: 20))
        let most = Int(Int32.max)
        return size.width <= most && size.height <= most ? size : nil
    }

    /// Four bytes, the high one first.
    private static func number(_ bytes: PictureBytes, at offset: Int) -> Int {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    /// CRC-32 as PNG and gzip have it.
    private static func checkSum(_ bytes: Slice<PictureBytes>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
    }
}
