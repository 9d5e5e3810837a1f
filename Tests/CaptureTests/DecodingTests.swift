import CTurboJPEG
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Capture

@Suite("Decoding JPEG")
struct DecodingTests {
    private let decoder = TurboImageDecoder()
    private static let faces = [
        "obama.jpg", "obama2.jpg", "obama3.jpg", "biden.jpg", "multi_face.jpg", "t1.jpg", "profile15.jpg",
        "single_face.jpg",
    ]

    @Test("decodes a real photograph to the size that its header says", arguments: faces)
    func photograph(name: String) throws {
        let bytes = try TestInputs.bytes("stills/\(name)")
        let header = try decoder.inspect(bytes)
        let image = try decoder.decode(header, scale: .full)
        #expect(header.encoding == .jpeg)
        #expect(image.width == header.width && image.height == header.height)
        #expect(Set(image.pixels.suffix(60_000)).count > 50)
    }

    @Test("a reduced photograph is the same picture, just large enough", arguments: faces, [100, 320, 640])
    func reduced(name: String, longSide: Int) throws {
        let header = try decoder.inspect(TestInputs.bytes("stills/\(name)"))
        let full = try decoder.decode(header, scale: .full)
        let reduced = try decoder.decode(header, scale: .atLeast(longSide: longSide))
        #expect(reduced.longSide >= min(longSide, full.longSide))
        let divisor = [8, 4, 2, 1].first { (full.longSide + $0 - 1) / $0 >= longSide } ?? 1
        #expect(reduced.width == (full.width + divisor - 1) / divisor)
        #expect(reduced.height == (full.height + divisor - 1) / divisor)
        #expect(isNear(Pictures.mean(reduced), Pictures.mean(full), 1.5))
    }

    @Test("keeps blue, green and red apart")
    func channels() throws {
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96), quality: 100, sampling: TJSAMP_444)
        let image = try decoder.decode(decoder.inspect(jpeg), scale: .full)
        func pixel(_ x: Int, _ y: Int) -> [Double] {
            image.pixels[3 * (y * 128 + x)..<3 * (y * 128 + x) + 3].map(Double.init)
        }
        #expect(isNear(pixel(20, 20), [255, 0, 0], 4))
        #expect(isNear(pixel(100, 20), [0, 255, 0], 4))
        #expect(isNear(pixel(20, 80), [0, 0, 255], 4))
        #expect(isNear(pixel(100, 80), [255, 255, 255], 4))
    }

    @Test("decodes grey and progressive JPEGs and odd sizes")
    func kinds() throws {
        let face = try decoder.decode(
            decoder.inspect(TestInputs.bytes("stills/obama.jpg")), scale: .atLeast(longSide: 300))
        let grey = try Pictures.jpeg(face, sampling: TJSAMP_GRAY)
        let image = try decoder.decode(decoder.inspect(grey), scale: .full)
        #expect(image.width == face.width)
        #expect((0..<100).allSatisfy { image.pixels[3 * $0] == image.pixels[3 * $0 + 1] })
        let progressive = try Pictures.jpeg(face, flags: TJFLAG_PROGRESSIVE)
        #expect(
            isNear(
                Pictures.mean(try decoder.decode(decoder.inspect(progressive), scale: .full)), Pictures.mean(face), 1.5)
        )
        let odd = try Pictures.jpeg(Pictures.quarters(width: 101, height: 67))
        #expect(try decoder.decode(decoder.inspect(odd), scale: .full).width == 101)
    }

    @Test("decodes a camera's MJPEG frame that leaves out the standard Huffman tables")
    func withoutTables() throws {
        let jpeg = try TestInputs.bytes("webcam-man/0000.jpg")
        let plain = try Pictures.jpeg(decoder.decode(decoder.inspect(jpeg), scale: .full))
        var bare: [UInt8] = [0xFF, 0xD8]
        var offset = 2
        while plain[offset + 1] != 0xDA {
            let length = Int(plain[offset + 2]) << 8 | Int(plain[offset + 3])
            if plain[offset + 1] != 0xC4 { bare += plain[offset..<offset + 2 + length] }
            offset += 2 + length
        }
        bare += plain[offset...]
        #expect(bare.count < plain.count)
        let left = try decoder.decode(decoder.inspect(bare), scale: .full)
        #expect(try left == decoder.decode(decoder.inspect(plain), scale: .full))
    }

    @Test("turns a picture upright, by each of the eight marks in either byte order", arguments: 1...8, [true, false])
    func orientation(value: Int, isBigEndian: Bool) throws {
        let upright = Pictures.quarters(width: 128, height: 96)
        let jpeg = try Pictures.jpeg(upright, quality: 100, sampling: TJSAMP_444)
        let marked = Pictures.insert(
            Pictures.orientationSegment(UInt16(value), isBigEndian: isBigEndian), into: jpeg)
        let header = try decoder.inspect(marked)
        #expect(header.width == (value >= 5 ? 96 : 128) && header.height == (value >= 5 ? 128 : 96))
        for scale in [DecodeScale.full, .atLeast(longSide: 64)] {
            let image = try decoder.decode(header, scale: scale)
            #expect(corners(image) == Self.corners[value])
        }
    }

    /// Upper left, upper right, lower left, lower right of blue, green, red, white once turned.
    private static let corners = [
        1: "bgrw", 2: "gbwr", 3: "wrgb", 4: "rwbg", 5: "brgw", 6: "rbwg", 7: "wgrb", 8: "gwbr",
    ]

    private func corners(_ image: Image) -> String {
        func letter(_ x: Int, _ y: Int) -> Character {
            let at = 3 * (y * image.width + x)
            return switch (image.pixels[at] > 127, image.pixels[at + 1] > 127, image.pixels[at + 2] > 127) {
            case (true, false, false): "b"
            case (false, true, false): "g"
            case (false, false, true): "r"
            case (true, true, true): "w"
            default: "?"
            }
        }
        let (left, right, top, bottom) = (image.width / 8, image.width * 7 / 8, image.height / 8, image.height * 7 / 8)
        return String([letter(left, top), letter(right, top), letter(left, bottom), letter(right, bottom)])
    }

    @Test("any number of threads may use one decoder")
    func concurrent() async throws {
        let bytes = try TestInputs.bytes("webcam-man/0000.jpg")
        let expected = try decoder.decode(decoder.inspect(bytes), scale: .full)
        try await withThrowingTaskGroup(of: Image.self) { group in
            for _ in 0..<16 { group.addTask { [decoder] in try decoder.decode(decoder.inspect(bytes), scale: .full) } }
            for try await image in group { #expect(image == expected) }
        }
    }
}
