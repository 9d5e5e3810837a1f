import EdgeCore
import EdgeTesting
import FoundationEssentials
import Logging

@testable import Recognition

/// The real nets and real pictures; everything is loaded once and shared by all tests.
enum RealParts {
    private static let loadedEngine = Result { () throws in
        try RecognitionEngine(
            modelsDirectory: TestInputs.models.path, decoder: JPEGTestDecoder(), log: Logger(label: "test"))
    }
    private static let loadedNets = Result { () throws in
        try NetLoader.load(from: ModelLibrary(directory: TestInputs.models.path))
    }

    /// The engine around the project's models; throws "run scripts/setup first" in its own words.
    static func engine() throws -> RecognitionEngine { try loadedEngine.get() }

    /// The loaded nets.
    static func nets() throws -> FrameAnalyzer.Nets { try loadedNets.get() }

    /// A still below `.testdata/stills`, decoded whole.
    static func still(_ name: String) throws -> Image { try image(TestInputs.bytes("stills/\(name)")) }

    /// A frame of footage, decoded whole.
    static func frame(_ footage: String, _ index: Int) throws -> Image {
        try image(TestInputs.bytes("\(footage)/\(index.padded).jpg"))
    }

    /// Decodes a JPEG whole.
    static func image(_ bytes: [UInt8]) throws -> Image {
        let decoder = JPEGTestDecoder()
        return try decoder.decode(decoder.inspect(bytes), scale: .full)
    }

    /// The largest face of a picture, found as the pipeline finds it.
    static func face(in image: Image) throws -> FaceGeometry? {
        try nets().detector.faces(in: image, longSide: 160).first
    }

    /// Everything wanted, nothing too late.
    static let everything = AnalysisPlan(
        demand: .authentication, wantsMesh: true, wantsLiveness: true, wantsTemplate: true, deadline: nil)
}

extension Int {
    fileprivate var padded: String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(4 - digits.count, 0)) + digits
    }
}

extension Image {
    /// Raw pixels on the way into the pipeline.
    var encoded: EncodedImage {
        EncodedImage(encoding: .bgr, width: width, height: height, stride: 3 * width, bytes: pixels)
    }

    /// The same picture seen in a mirror.
    var mirrored: Image {
        mapped { x, y in (width - 1 - x, y) }
    }

    /// Every byte through `change`.
    func changed(_ change: (UInt8) -> UInt8) -> Image {
        Image(width: width, height: height, pixels: pixels.map(change))
    }

    /// Grey in all three channels.
    var grey: Image {
        var bytes = pixels
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let luma = UInt8((Int(bytes[index]) + 2 * Int(bytes[index + 1]) + Int(bytes[index + 2])) / 4)
            for channel in 0..<3 { bytes[index + channel] = luma }
        }
        return Image(width: width, height: height, pixels: bytes)
    }

    /// The mean over `length` neighbours, left to right only: a head that moves, or a hand that shakes.
    func smeared(length: Int) -> Image {
        mean(length: length) { x, y, step in (min(max(x + step, 0), width - 1), y) }
    }

    /// The mean over a square of `length`: out of focus.
    func defocused(length: Int) -> Image {
        smeared(length: length).mean(length: length) { x, y, step in (x, min(max(y + step, 0), height - 1)) }
    }

    /// The part at (x, y).
    func cut(x left: Int, y top: Int, width columns: Int, height rows: Int) -> Image {
        var bytes: [UInt8] = []
        for y in top..<top + rows { bytes += pixels[3 * (y * width + left)..<3 * (y * width + left + columns)] }
        return Image(width: columns, height: rows, pixels: bytes)
    }

    private func mapped(_ source: (Int, Int) -> (Int, Int)) -> Image {
        var bytes = pixels
        for y in 0..<height {
            for x in 0..<width {
                let (fromX, fromY) = source(x, y)
                for channel in 0..<3 {
                    bytes[3 * (y * width + x) + channel] = pixels[3 * (fromY * width + fromX) + channel]
                }
            }
        }
        return Image(width: width, height: height, pixels: bytes)
    }

    private func mean(length: Int, _ neighbour: (Int, Int, Int) -> (Int, Int)) -> Image {
        var bytes = pixels
        for y in 0..<height {
            for x in 0..<width {
                var sums = (0, 0, 0)
                for step in -length / 2...length / 2 {
                    let (fromX, fromY) = neighbour(x, y, step)
                    let at = 3 * (fromY * width + fromX)
                    sums.0 += Int(pixels[at])
                    sums.1 += Int(pixels[at + 1])
                    sums.2 += Int(pixels[at + 2])
                }
                let (at, count) = (3 * (y * width + x), 2 * (length / 2) + 1)
                (bytes[at], bytes[at + 1], bytes[at + 2]) = (
                    UInt8(sums.0 / count), UInt8(sums.1 / count), UInt8(sums.2 / count)
                )
            }
        }
        return Image(width: width, height: height, pixels: bytes)
    }
}
