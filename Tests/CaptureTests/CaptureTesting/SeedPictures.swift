import CPNG
import CTurboJPEG
import CWebP
import EdgeCore

/// Encodes pictures in the ways that a decoder has paths of its own for; empty when an encoder refuses.
enum SeedPictures {
    enum JPEGKind: CaseIterable {
        case plain
        case fullColour
        case grey
        case progressive
    }

    static func jpeg(_ image: Image, _ kind: JPEGKind) -> [UInt8] {
        guard let handle = tjInitCompress() else { return [] }
        defer { tjDestroy(handle) }
        var buffer: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let sampling =
            switch kind {
            case .plain, .progressive: TJSAMP_420
            case .fullColour: TJSAMP_444
            case .grey: TJSAMP_GRAY
            }
        let status = tjCompress2(
            handle, image.pixels, CInt(image.width), 0, CInt(image.height), CInt(TJPF_BGR.rawValue), &buffer, &size,
            CInt(sampling.rawValue), 60, kind == .progressive ? TJFLAG_PROGRESSIVE : 0)
        defer { tjFree(buffer) }
        return status == 0 ? Array(UnsafeBufferPointer(start: buffer, count: Int(size))) : []
    }

    /// Forms as libpng numbers them: B G R, grey, R G B A, and 16 bits of grey, which are made of pairs of the picture's bytes.
    static func pngs(_ image: Image) -> [[UInt8]] {
        [(0x12, image.width), (0x00, image.width), (0x03, image.width / 2), (0x04, image.width)].map {
            png(image.pixels, format: $0.0, width: $0.1, height: image.height)
        }
    }

    private static func png(_ bytes: [UInt8], format: UInt32, width: Int, height: Int) -> [UInt8] {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        (image.width, image.height, image.format) = (UInt32(width), UInt32(height), format)
        var output = [UInt8](repeating: 0, count: 4 * bytes.count + 10_000)
        var size = output.count
        let isWritten = bytes.withUnsafeBytes {
            png_image_write_to_memory(&image, &output, &size, 0, $0.baseAddress, 0, nil)
        }
        return isWritten != 0 ? Array(output.prefix(size)) : []
    }

    /// Lossless, lossy and with transparency.
    static func webps(_ image: Image) -> [[UInt8]] {
        let (width, height, half) = (CInt(image.width), CInt(image.height), CInt(image.width / 2))
        return [
            webp { WebPEncodeLosslessBGR(image.pixels, width, height, 3 * width, &$0) },
            webp { WebPEncodeBGR(image.pixels, width, height, 3 * width, 60, &$0) },
            webp { WebPEncodeBGRA(image.pixels, half, height, 4 * half, 60, &$0) },
            webp { WebPEncodeLosslessBGRA(image.pixels, half, height, 4 * half, &$0) },
        ]
    }

    private static func webp(_ encode: (inout UnsafeMutablePointer<UInt8>?) -> Int) -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        let size = encode(&output)
        defer { WebPFree(output) }
        return Array(UnsafeBufferPointer(start: output, count: output == nil ? 0 : size))
    }

    /// A picture in which every pixel differs from its neighbours.
    static func drawing(width: Int, height: Int) -> Image {
        let pixels = (0..<3 * width * height).map { UInt8(truncatingIfNeeded: $0 * 7 + $0 / width * 13) }
        return Image(width: width, height: height, pixels: pixels)
    }
}
