import EdgeCore
import EdgeTesting
import Testing

@testable import Capture

@Suite("Decoding PNG and WebP")
struct OtherFormatTests {
    private let decoder = TurboImageDecoder()
    private let drawing = Pictures.quarters(width: 96, height: 72)

    @Test("decodes a real PNG")
    func realPNG() throws {
        let header = try decoder.inspect(TestInputs.bytes("stills/astronaut.png"))
        #expect(header.encoding == .png)
        let image = try decoder.decode(header, scale: .full)
        #expect(image.width == header.width && image.height == header.height)
        #expect(Set(image.pixels.suffix(60_000)).count > 50)
    }

    @Test("gives back every pixel of a PNG and of a lossless WebP")
    func lossless() throws {
        let png = try Pictures.png(drawing.pixels, width: 96, height: 72)
        #expect(try decoder.decode(decoder.inspect(png), scale: .full) == drawing)
        let webp = try Pictures.webp(drawing.pixels, width: 96, height: 72)
        let header = try decoder.inspect(webp)
        #expect(header.encoding == .webp && header.width == 96 && header.height == 72)
        #expect(try decoder.decode(header, scale: .full) == drawing)
    }

    @Test("shows what is transparent as white, what is half transparent half as white")
    func alpha() throws {
        let clear = [UInt8](repeating: 0, count: 4 * 96 * 72)
        let half = (0..<4 * 96 * 72).map { UInt8($0 % 4 == 3 ? 128 : 0) }
        for (pixels, expected) in [(clear, 255.0), (half, 127)] {
            let webp = try Pictures.webp(pixels, width: 96, height: 72, hasAlpha: true)
            let composed = try decoder.decode(decoder.inspect(webp), scale: .full)
            #expect(isNear(Pictures.mean(composed), [expected, expected, expected], 1))
        }
        let png = try Pictures.png(clear, width: 96, height: 72, format: 0x03)
        #expect(isNear(Pictures.mean(try decoder.decode(decoder.inspect(png), scale: .full)), [255, 255, 255], 0))
    }

    @Test("never takes a cut-off PNG or WebP for a whole one")
    func cutOff() throws {
        let png = try TestInputs.bytes("stills/astronaut.png")
        let webp = try Pictures.webp(
            decoder.decode(decoder.inspect(png), scale: .full).pixels, width: 512, height: 512)
        for whole in [png, webp] {
            for length in stride(from: 12, to: whole.count, by: whole.count / 60) + [whole.count - 1, whole.count - 5] {
                let error = #expect(throws: EdgeError.self) {
                    try decoder.decode(decoder.inspect(Array(whole.prefix(length))), scale: .full)
                }
                #expect(error?.code == .imageCorrupt, "\(length) of \(whole.count) bytes")
            }
        }
    }
}

private func + (left: StrideTo<Int>, right: [Int]) -> [Int] { Array(left) + right }
