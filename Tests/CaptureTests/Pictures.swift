import CPNG
import CTurboJPEG
import CWebP
import EdgeCore
import EdgeTesting
import Testing

@testable import Capture

/// Numbers that look random and are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Test pictures, made from real ones or drawn.
enum Pictures {
    /// A drawing whose four quarters are blue, green, red and white, so that every turn of it looks different.
    static func quarters(width: Int, height: Int) -> Image {
        let colours: [[UInt8]] = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]
        var pixels: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { pixels += colours[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)] }
        }
        return Image(width: width, height: height, pixels: pixels)
    }

    /// A JPEG of an image; `format` and `sampling` as TurboJPEG names them.
    static func jpeg(
        _ image: Image, quality: Int32 = 90, sampling: TJSAMP = TJSAMP_420, flags: Int32 = 0
    ) throws -> [UInt8] {
        try jpeg(
            bytes: image.pixels, width: image.width, height: image.height, format: TJPF_BGR, quality: quality,
            sampling: sampling, flags: flags)
    }

    static func jpeg(
        bytes: [UInt8], width: Int, height: Int, format: TJPF, quality: Int32 = 90, sampling: TJSAMP, flags: Int32 = 0
    ) throws -> [UInt8] {
        let handle = try #require(tjInitCompress())
        defer { tjDestroy(handle) }
        var buffer: UnsafeMutablePointer<UInt8>?
        var size: UInt = 0
        let status = tjCompress2(
            handle, bytes, Int32(width), 0, Int32(height), Int32(format.rawValue), &buffer, &size,
            Int32(sampling.rawValue), quality, flags)
        defer { tjFree(buffer) }
        try #require(status == 0)
        return Array(UnsafeBufferPointer(start: buffer, count: Int(size)))
    }

    /// A PNG; `format` as libpng numbers them (0x12 is BGR, 0x03 RGBA).
    static func png(_ bytes: [UInt8], width: Int, height: Int, format: UInt32 = 0x12) throws -> [UInt8] {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        image.width = UInt32(width)
        image.height = UInt32(height)
        image.format = format
        var output = [UInt8](repeating: 0, count: bytes.count * 4 + 10_000)
        var size = output.count
        try #require(png_image_write_to_memory(&image, &output, &size, 0, bytes, 0, nil) != 0)
        return Array(output.prefix(size))
    }

    /// A lossless WebP of BGR or BGRA.
    static func webp(_ bytes: [UInt8], width: Int, height: Int, hasAlpha: Bool = false) throws -> [UInt8] {
        var output: UnsafeMutablePointer<UInt8>?
        let size =
            hasAlpha
            ? WebPEncodeLosslessBGRA(bytes, Int32(width), Int32(height), Int32(4 * width), &output)
            : WebPEncodeLosslessBGR(bytes, Int32(width), Int32(height), Int32(3 * width), &output)
        defer { WebPFree(output) }
        try #require(size > 0)
        return Array(UnsafeBufferPointer(start: output, count: size))
    }

    /// An APP1 segment with nothing in it but an orientation mark.
    static func orientationSegment(_ value: UInt16, isBigEndian: Bool = false) -> [UInt8] {
        func word(_ number: UInt16) -> [UInt8] {
            let bytes = [UInt8(number >> 8), UInt8(number & 0xFF)]
            return isBigEndian ? bytes : bytes.reversed()
        }
        func long(_ number: UInt16) -> [UInt8] { isBigEndian ? [0, 0] + word(number) : word(number) + [0, 0] }
        var tiff: [UInt8] = isBigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
        tiff += word(42) + long(8) + word(1) + word(0x0112) + word(3) + long(1) + word(value) + [0, 0] + long(0)
        return segment(0xE1, Array("Exif\0\0".utf8) + tiff)
    }

    /// A marker segment with its length.
    static func segment(_ marker: UInt8, _ payload: [UInt8]) -> [UInt8] {
        let length = payload.count + 2
        return [0xFF, marker, UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    }

    /// A JPEG with segments put behind its start mark.
    static func insert(_ segments: [UInt8], into jpeg: [UInt8]) -> [UInt8] {
        Array(jpeg.prefix(2)) + segments + jpeg.dropFirst(2)
    }

    /// The mean of each channel, over every row's every fifth pixel: enough to tell pictures apart.
    static func mean(_ image: Image) -> [Double] {
        var sums = [0, 0, 0]
        var count = 0
        image.pixels.withUnsafeBufferPointer { pixels in
            for index in stride(from: 0, to: pixels.count, by: 15) {
                sums[0] += Int(pixels[index])
                sums[1] += Int(pixels[index + 1])
                sums[2] += Int(pixels[index + 2])
                count += 1
            }
        }
        return sums.map { Double($0) / Double(count) }
    }
}

/// Compares pictures that lossy coding has passed through.
func isNear(_ left: [Double], _ right: [Double], _ tolerance: Double) -> Bool {
    zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
}
