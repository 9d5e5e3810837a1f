public import EdgeCore

@testable import Capture

/// What the fuzzer begins with: real pictures in each form that is read, and the same cut off and with bits flipped.
public enum FuzzSeeds {
    /// Seeds of a target, the same each time; `pictures` are JPEGs as a camera gives them.
    ///
    /// Throws the decoder's errors when one of them is not.
    public static func make(_ target: FuzzTarget, from pictures: [[UInt8]]) throws(EdgeError) -> [[UInt8]] {
        var whole: [[UInt8]] = []
        // Marks are no pictures: one is enough to make them all.
        for picture in target == .exif ? pictures.prefix(1) : pictures[...] {
            whole += try forms(target, of: picture, scaled(picture))
        }
        whole.removeAll { $0.isEmpty }
        return whole + whole.enumerated().flatMap { damaged($1, seed: UInt64($0)) }
    }

    /// A few thousand pixels say as much to a decoder as half a million, and are read a hundred times as fast.
    private static func scaled(_ picture: [UInt8]) throws(EdgeError) -> Image {
        let decoder = TurboImageDecoder()
        return try decoder.decode(decoder.inspect(picture), scale: .atLeast(longSide: 80))
    }

    private static func forms(_ target: FuzzTarget, of picture: [UInt8], _ image: Image) -> [[UInt8]] {
        let jpegs = SeedPictures.JPEGKind.allCases.map { SeedPictures.jpeg(image, $0) }
        switch target {
        case .mjpeg: return jpegs + [jpegs[0] + [UInt8](repeating: 0, count: 40), picture]
        case .png: return SeedPictures.pngs(image)
        case .webp: return SeedPictures.webps(image)
        case .raw: return raws(image)
        case .exif: return exifs()
        case .splitter: return [[0] + jpegs.joined(), [100] + jpegs[0] + Array("--boundary\r\n".utf8) + jpegs[2]]
        }
    }

    /// Each raw format over a picture's bytes, with rows as they are and with padded ones.
    private static func raws(_ image: Image) -> [[UInt8]] {
        func numbers(_ values: Int...) -> [UInt8] {
            values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        }
        return (UInt8(0)..<4).flatMap { format in
            let row = 40 * [1, 2, 1, 3][Int(format)]
            return [row, row + 6].flatMap { stride in
                [0x80 | format, format].map { [$0] + numbers(40, 32, stride) + image.pixels.prefix(stride * 48) }
            }
        }
    }

    /// Orientation marks in both byte orders and both widths.
    private static func exifs() -> [[UInt8]] {
        func number(_ value: Int, _ width: Int, _ isBig: Bool) -> [UInt8] {
            let bytes = (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBig ? bytes.reversed() : bytes
        }
        return [false, true].flatMap { isBig in
            (1...8).map { mark in
                let type = mark % 2 == 0 ? 3 : 4
                let value = number(mark, type == 3 ? 2 : 4, isBig) + (type == 3 ? [0, 0] : [])
                let head = Array("Exif\0\0".utf8) + (isBig ? [0x4D, 0x4D] : [0x49, 0x49]) + number(42, 2, isBig)
                let entry = number(0x0112, 2, isBig) + number(type, 2, isBig) + number(1, 4, isBig) + value
                return head + number(8, 4, isBig) + number(1, 2, isBig) + entry + number(0, 4, isBig)
            }
        }
    }

    /// As a camera with a bad cable gives it: cut off in eight places, and eight times with some bits turned over.
    private static func damaged(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
        let cut = (1...8).map { Array(bytes.prefix(bytes.count * $0 / 9)) }
        var state = seed
        func next(below limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        let flipped = (0..<8).map { round in
            var copy = bytes
            // Most of what a decoder decides stands in front.
            let reach = round < 5 ? min(bytes.count, 700) : bytes.count
            for _ in 0...next(below: 4) { copy[next(below: reach)] ^= 1 << UInt8(next(below: 8)) }
            return copy
        }
        return cut + flipped
    }
}
