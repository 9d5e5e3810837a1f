import CTurboJPEG
import EdgeCore
import EdgeTesting
import Foundation
import Testing

@testable import Capture

@Suite("Pictures that are refused")
struct RefusedPictureTests {
    private let decoder = TurboImageDecoder()

    private func code(_ bytes: [UInt8], _ decoder: TurboImageDecoder? = nil) -> ErrorCode? {
        let decoder = decoder ?? self.decoder
        do throws(EdgeError) {
            _ = try decoder.decode(decoder.inspect(bytes), scale: .full)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "names the format that it does not read",
        arguments: [
            ("GIF89a......", "GIF"), ("BM..........", "BMP"), ("II*\0........", "TIFF"), ("....ftypavif", "AVIF"),
            ("....ftypheic", "HEIC"), ("RIFF....AVI LIST", "AVI"), ("%PDF-1.7", "PDF"), ("8BPS....", "Photoshop"),
        ])
    func otherFormats(start: String, name: String) {
        let error = #expect(throws: EdgeError.self) { try decoder.inspect(Array(start.utf8)) }
        #expect(error?.code == .imageUnsupported)
        #expect(error?.detail.contains(name) == true)
    }

    @Test("refuses nothing, noise and a lone start mark")
    func noPicture() {
        #expect(code([]) == .imageEmpty)
        #expect(code([0x00]) == .imageUnsupported)
        #expect(code(Array("hello".utf8)) == .imageUnsupported)
        #expect(code([0xFF, 0xD8, 0xFF]) == .imageCorrupt)
    }

    @Test("refuses a header of 100 megapixels before it asks for their memory")
    func hundredMegapixels() throws {
        var jpeg = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96))
        let frame = try #require(jpeg.firstRange(of: [0xFF, 0xC0]))
        jpeg.replaceSubrange(frame.upperBound + 3..<frame.upperBound + 7, with: [0x27, 0x10, 0x27, 0x10])
        #expect(code(jpeg) == .imageTooLarge)
        var png = try Pictures.png(Pictures.quarters(width: 128, height: 96).pixels, width: 128, height: 96)
        png.replaceSubrange(16..<24, with: [0, 0, 0x27, 0x10, 0, 0, 0x27, 0x10])
        #expect([.imageTooLarge, .imageCorrupt].contains(code(png)))
    }

    @Test("refuses a file beyond the limit of bytes and pictures below 64 pixels")
    func otherLimits() throws {
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96))
        #expect(code(jpeg, TurboImageDecoder(maximumBytes: jpeg.count - 1)) == .imageTooLarge)
        #expect(code(jpeg, TurboImageDecoder(maximumPixels: 128 * 96 - 1)) == .imageTooLarge)
        #expect(code(jpeg, TurboImageDecoder(maximumPixels: 128 * 96)) == nil)
        #expect(code(try Pictures.jpeg(Pictures.quarters(width: 128, height: 63))) == .imageTooSmall)
        #expect(code(try Pictures.jpeg(Pictures.quarters(width: 64, height: 64))) == nil)
    }

    @Test("refuses CMYK by name")
    func cmyk() throws {
        let bytes = [UInt8](repeating: 100, count: 4 * 128 * 96)
        let jpeg = try Pictures.jpeg(bytes: bytes, width: 128, height: 96, format: TJPF_CMYK, sampling: TJSAMP_444)
        let error = #expect(throws: EdgeError.self) { try decoder.inspect(jpeg) }
        #expect(error?.code == .imageUnsupported && error?.detail.contains("CMYK") == true)
    }

    @Test("refuses a progressive JPEG whose scans would keep a decoder busy")
    func scanBomb() throws {
        let jpeg = try Pictures.jpeg(Pictures.quarters(width: 640, height: 480), flags: TJFLAG_PROGRESSIVE)
        let scan = try #require(jpeg.firstRange(of: [0xFF, 0xDA])).lowerBound
        let firstScan = Array(jpeg[scan..<(try #require(jpeg[(scan + 2)...].firstRange(of: [0xFF, 0xC4])).lowerBound)])
        let bomb = Array(jpeg.prefix(scan)) + (0..<400).flatMap { _ in firstScan } + jpeg[scan...]
        #expect(code(bomb) == .imageTooLarge)
    }

    @Test(
        "never takes a cut-off photograph for a whole one",
        arguments: ["webcam-man/0000.jpg", "stills/obama_partial_face.jpg"])
    func cutOff(name: String) throws {
        let whole = try TestInputs.bytes(name)
        #expect(code(whole) == nil)
        for length in stride(from: 3, to: whole.count - 2, by: max(whole.count / 400, 1)) {
            #expect(code(Array(whole.prefix(length))) == .imageCorrupt, "\(length) of \(whole.count) bytes")
        }
        for missing in 1...20 {
            #expect(code(Array(whole.dropLast(missing))) == .imageCorrupt, "\(missing) bytes missing")
        }
    }

    @Test("never takes a photograph with a piece missing for a whole one, even with its end mark in place")
    func pieceMissing() throws {
        let whole = try TestInputs.bytes("webcam-man/0000.jpg")
        let endMark: [UInt8] = [0xFF, 0xD9]
        for length in stride(from: whole.count / 2, to: whole.count * 9 / 10, by: whole.count / 37) {
            #expect(code(Array(whole.prefix(length)) + endMark) == .imageCorrupt, "\(length) of \(whole.count) bytes")
        }
    }

    @Test("takes padding and text behind the end mark, as phones and editors write it")
    func trailing() throws {
        let whole = try TestInputs.bytes("webcam-man/0000.jpg")
        #expect(code(whole + [UInt8](repeating: 0, count: 500)) == nil)
        #expect(code(whole + Array("trailer".utf8)) == nil)
    }

    @Test("survives thousands of damaged headers and answers each with a stable code", arguments: 0..<4)
    func mutations(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let sources = [
            Pictures.insert(
                Pictures.orientationSegment(6), into: try Pictures.jpeg(Pictures.quarters(width: 96, height: 72))),
            try Pictures.jpeg(Pictures.quarters(width: 96, height: 72), flags: TJFLAG_PROGRESSIVE),
            try Pictures.png(Pictures.quarters(width: 96, height: 72).pixels, width: 96, height: 72),
            try Pictures.webp(Pictures.quarters(width: 96, height: 72).pixels, width: 96, height: 72),
        ]
        let known: Set<ErrorCode?> = [nil, .imageCorrupt, .imageUnsupported, .imageTooLarge, .imageTooSmall]
        for _ in 0..<1500 {
            var bytes = sources[Int.random(in: 0..<sources.count, using: &numbers)]
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let place = Int.random(in: 0..<min(bytes.count, 700), using: &numbers)
                bytes[place] = UInt8.random(in: 0...255, using: &numbers)
            }
            #expect(known.contains(code(bytes)))
        }
    }

    @Test("takes oddities of a header and a few bytes of padding, which leave the picture whole")
    func oddities() throws {
        let whole = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96))
        var laterRevision = whole
        laterRevision[11] = 2
        let unknownTransform = Pictures.insert(
            Pictures.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 9]), into: whole)
        let padded = Array(whole.dropLast(2) + [0, 0, 0, 0xFF, 0xD9])
        for picture in [laterRevision, unknownTransform, padded] { #expect(code(picture) == nil) }
        #expect(code(Array(laterRevision.dropLast(2))) == .imageCorrupt)
        #expect(code(Array(whole.dropLast(2) + [UInt8](repeating: 0, count: 500) + [0xFF, 0xD9])) == .imageCorrupt)
    }

    @Test("an odd header hides no damage behind it")
    func odditiesHideNothing() throws {
        let whole = try Pictures.jpeg(Pictures.quarters(width: 128, height: 96), quality: 100, sampling: TJSAMP_444)
        var laterRevision = whole
        laterRevision[11] = 2
        let unknownTransform = Pictures.insert(
            Pictures.segment(0xEE, Array("Adobe".utf8) + [0, 100, 0, 0, 0, 0, 9]), into: withoutJFIF(whole))
        for picture in [laterRevision, unknownTransform] {
            #expect(code(picture) == nil)
            #expect(code(Array(picture.dropLast(whole.count / 8)) + [0xFF, 0xD9]) == .imageCorrupt)
        }
    }

    /// A JFIF header makes decoders pass over what an Adobe segment says.
    private func withoutJFIF(_ jpeg: [UInt8]) -> [UInt8] { Array(jpeg.prefix(2) + jpeg.dropFirst(20)) }

    @Test("tells harmless warnings of the JPEG library from damage")
    func warnings() {
        #expect(JPEGWarning.isHarmless("Warning: unknown JFIF revision number 2.01"))
        #expect(JPEGWarning.isHarmless("Corrupt JPEG data: 3 extraneous bytes before marker 0xd9"))
        #expect(!JPEGWarning.isHarmless("Corrupt JPEG data: 3000 extraneous bytes before marker 0xd9"))
        #expect(!JPEGWarning.isHarmless("Corrupt JPEG data: 3 extraneous bytes before marker 0xd4"))
        #expect(!JPEGWarning.isHarmless("Premature end of JPEG file"))
        #expect(!JPEGWarning.isHarmless("Corrupt JPEG data: bad Huffman code"))
    }

    @Test(
        "answers every file of a directory of bad pictures",
        .enabled(
            if: ProcessInfo.processInfo.environment["EDGED_BADIMAGES"] != nil, "set EDGED_BADIMAGES to a directory"))
    func badImages() throws {
        let folder = try #require(ProcessInfo.processInfo.environment["EDGED_BADIMAGES"])
        let generous = TurboImageDecoder(limits: ImageLimits(minimumSide: 1))
        var counts: [String: Int] = [:]
        var slowest = (seconds: 0.0, name: "")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name != "manifest.tsv" {
            let bytes = Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
            let clock = ContinuousClock()
            let start = clock.now
            let strict = code(bytes)?.rawValue ?? "decoded"
            let outcome = "\(strict) (any size: \(code(bytes, generous)?.rawValue ?? "decoded"))"
            counts[outcome, default: 0] += 1
            print("bad image: \(outcome): \(name)")
            let seconds = start.duration(to: clock.now) / .seconds(1)
            if seconds > slowest.seconds { slowest = (seconds, name) }
        }
        for (outcome, count) in counts.sorted(by: { $0.key < $1.key }) { print("bad images: \(count) \(outcome)") }
        print("bad images: slowest \(slowest.seconds) s, \(slowest.name)")
        #expect(!counts.isEmpty)
    }
}
