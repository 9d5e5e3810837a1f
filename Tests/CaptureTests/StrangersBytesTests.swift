import CaptureTesting
import EdgeCore
import EdgeTesting
import Testing

@testable import Capture

/// The ways that the fuzzer goes, with the seeds that it begins with; `scripts/fuzz` goes on from there.
@Suite("Strangers' bytes")
struct StrangersBytesTests {
    private func footage() throws -> [[UInt8]] {
        try ["webcam-man", "woman", "no-face"].flatMap { try TestInputs.footage($0, limit: 2) }
    }

    @Test(
        "pictures in every form, whole, cut off and with bits turned over, break no promise",
        arguments: FuzzTarget.allCases)
    func seeds(target: FuzzTarget) throws {
        let seeds = try FuzzSeeds.make(target, from: footage())
        #expect(seeds.count > 150)
        for (index, seed) in seeds.enumerated() {
            let broken = target.take(seed)
            #expect(broken == nil, "seed \(index) of \(target)")
        }
    }

    @Test(
        "the seeds are read for what they are made for",
        arguments: [(FuzzTarget.mjpeg, ImageEncoding.jpeg), (.png, .png), (.webp, .webp)])
    func seedsAreRead(target: FuzzTarget, encoding: ImageEncoding) throws {
        let decoder = TurboImageDecoder(limits: ImageLimits(minimumSide: 8))
        let read = try FuzzSeeds.make(target, from: footage()).count {
            guard let header = try? decoder.inspect($0), header.encoding == encoding else { return false }
            return (try? decoder.decode(header, scale: .full)) != nil
        }
        #expect(read >= 24)
    }

    @Test("a camera that cuts its frames off after any number of bytes breaks no promise")
    func truncatingCamera() throws {
        let frame = try #require(try FuzzSeeds.make(.mjpeg, from: footage()).first)
        for length in 0...frame.count {
            #expect(FuzzTarget.mjpeg.take(Array(frame.prefix(length))) == nil, "\(length) bytes")
            // Many cameras put the end mark behind what they have.
            #expect(FuzzTarget.mjpeg.take(frame.prefix(length) + [0xFF, 0xD9]) == nil, "\(length) bytes and an end")
        }
    }

    @Test(
        "a driver's size that no number holds is never a whole picture",
        arguments: [ImageEncoding.grey, .yuyv, .nv12, .bgr])
    func nonsense(encoding: ImageEncoding) {
        let most = Int(UInt32.max)
        for (width, height, stride) in [(most, most, 4 * most), (640, most, most), (most, 1, 4 * most), (1, 1, .max)] {
            let form = EncodedImage(encoding: encoding, width: width, height: height, stride: stride, bytes: [])
            #expect(RawPicture.bytesNeeded(form) == .max)
            #expect([UInt8](repeating: 0, count: 64).withUnsafeBytes { Brightness(lent: $0, form) } == nil)
        }
    }
}
