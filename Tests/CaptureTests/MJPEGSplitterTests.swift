import EdgeCore
import EdgeTesting
import Testing

@testable import Capture

/// What a splitter made of a stream.
///
/// Compared as a whole: nobody wants to read two pictures' bytes in a test's report.
private struct Split {
    var pictures: [[UInt8]] = []
    var broken: UInt64 = 0

    func isExactly(_ expected: [[UInt8]]) -> Bool { pictures == expected }
}

@Suite("MJPEG splitter")
struct MJPEGSplitterTests {
    private func split(_ stream: [UInt8], chunk: Int, largest: Int = 10 << 20) -> Split {
        var splitter = MJPEGSplitter(largestPicture: largest)
        var pictures: [[UInt8]] = []
        for start in stride(from: 0, to: stream.count, by: chunk) {
            splitter.push(stream[start..<min(start + chunk, stream.count)])
            while let picture = splitter.next() { pictures.append(picture) }
        }
        while let picture = splitter.next(isLast: true) { pictures.append(picture) }
        return Split(pictures: pictures, broken: splitter.broken)
    }

    private func drawings() throws -> [[UInt8]] {
        try [(64, 64), (80, 64), (96, 72)].map { try Pictures.jpeg(Pictures.quarters(width: $0.0, height: $0.1)) }
    }

    @Test("gives back each picture, whatever the size of the pieces read", arguments: [1, 2, 3, 7, 100, 1000, 100_000])
    func pieces(chunk: Int) throws {
        let pictures = try drawings()
        let found = split(pictures.flatMap(\.self), chunk: chunk)
        #expect(found.isExactly(pictures) && found.broken == 0)
    }

    @Test("is not misled by the thumbnail inside a picture's header")
    func thumbnail() throws {
        let pictures = try drawings()
        let withThumbnail = Pictures.insert(
            Pictures.segment(0xE1, Array("Exif\0\0".utf8) + pictures[0]), into: pictures[1])
        let found = split(pictures[0] + withThumbnail + pictures[2], chunk: 64)
        #expect(found.isExactly([pictures[0], withThumbnail, pictures[2]]) && found.broken == 0)
    }

    @Test("skips what stands between pictures")
    func between() throws {
        let pictures = try drawings()
        let stream = Array("--boundary\r\n".utf8) + pictures[0] + [0, 0, 0xFF, 0xFF, 0xD8] + pictures[1] + [0xFF]
        let found = split(stream, chunk: 50)
        #expect(found.isExactly([pictures[0], pictures[1]]))
    }

    @Test("leaves out a picture that is cut off and goes on with the next")
    func cutOff() throws {
        let pictures = try drawings()
        for length in stride(from: 3, to: pictures[0].count - 1, by: 5) {
            let found = split(Array(pictures[0].prefix(length)) + pictures[1] + pictures[2], chunk: 97)
            let isRight = found.isExactly([pictures[1], pictures[2]])
            #expect(isRight, "cut at \(length)")
            #expect(found.broken >= 1)
        }
        let last = split(pictures[0] + pictures[1].dropLast(2), chunk: 97)
        #expect(last.isExactly([pictures[0]]) && last.broken == 1)
    }

    @Test("gives up a picture that grows beyond all bounds")
    func endless() throws {
        let pictures = try drawings()
        let endless = Array(pictures[0].dropLast(2)) + [UInt8](repeating: 1, count: 20_000)
        let found = split(endless + pictures[1], chunk: 1000, largest: 5000)
        #expect(found.isExactly([pictures[1]]) && found.broken == 1)
    }

    @Test("survives any damage", arguments: 0..<4)
    func mutations(seed: Int) throws {
        var numbers = SeededNumbers(seed: UInt64(seed))
        let stream = try drawings().flatMap(\.self)
        for _ in 0..<300 {
            var damaged = stream
            for _ in 0..<8 {
                damaged[Int.random(in: 0..<damaged.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            let found = split(damaged, chunk: Int.random(in: 1...500, using: &numbers))
            #expect(found.pictures.count <= 12)
        }
    }

    @Test("cuts real footage into pictures that all decode")
    func footage() throws {
        let stream = try TestInputs.bytes("webcam-man.mjpeg")
        let found = split(stream, chunk: 65_536)
        #expect(found.pictures.count > 20 && found.broken == 0)
        #expect(found.pictures.reduce(0) { $0 + $1.count } == stream.count)
        let decoder = TurboImageDecoder()
        for picture in found.pictures.prefix(10) { _ = try decoder.decode(decoder.inspect(picture), scale: .full) }
    }
}

@Suite("Orientation marks")
struct ExifOrientationTests {
    private func read(_ payload: [UInt8]) -> ExifOrientation { payload.withUnsafeBytes { ExifOrientation(app1: $0) } }

    @Test("reads each mark in either byte order", arguments: 1...8, [true, false])
    func marks(value: Int, isBigEndian: Bool) {
        let payload = Array(Pictures.orientationSegment(UInt16(value), isBigEndian: isBigEndian).dropFirst(4))
        #expect(read(payload).rawValue == value)
    }

    @Test("takes a mark that makes no sense for upright", arguments: [0, 9, 65535])
    func nonsense(value: UInt16) {
        #expect(read(Array(Pictures.orientationSegment(value).dropFirst(4))) == .upright)
    }

    @Test("never reads outside its bytes: every cut and thousands of damaged ones")
    func damage() {
        let payload = Array(Pictures.orientationSegment(6).dropFirst(4))
        for length in 0..<payload.count { _ = read(Array(payload.prefix(length))) }
        #expect(read(Array(payload.prefix(25))) == .upright)
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<20_000 {
            var damaged = payload
            for _ in 0..<3 {
                damaged[Int.random(in: 6..<damaged.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            _ = read(damaged)
        }
        // The directory points behind the end, and around the corner of a 32-bit offset.
        for offset in [UInt8(20), 26, 27, 255] {
            var pointing = payload
            pointing.replaceSubrange(10..<14, with: [offset, offset, offset, offset])
            #expect(read(pointing) == .upright)
        }
    }
}
