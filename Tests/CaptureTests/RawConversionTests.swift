import CKernels
import EdgeCore
import Testing

@testable import Capture

@Suite("Raw camera formats")
struct RawConversionTests {
    private let decoder = TurboImageDecoder(limits: ImageLimits(minimumSide: 1))

    /// BT.601, full range, in exact arithmetic.
    private func exact(_ y: UInt8, _ u: UInt8, _ v: UInt8) -> [Double] {
        let (luma, blue, red) = (Double(y), Double(u) - 128, Double(v) - 128)
        return [luma + 1.772 * blue, luma - 0.344136 * blue - 0.714136 * red, luma + 1.402 * red]
            .map { min(max($0, 0), 255) }
    }

    private func isExact(_ image: Image, _ luma: (Int, Int) -> UInt8, _ chroma: (Int, Int) -> (UInt8, UInt8)) -> Bool {
        (0..<image.width * image.height).allSatisfy { index in
            let (x, y) = (index % image.width, index / image.width)
            let (u, v) = chroma(x, y)
            let pixel = image.pixels[3 * index..<3 * index + 3].map(Double.init)
            return isNear(pixel, exact(luma(x, y), u, v), 1)
        }
    }

    @Test(
        "converts YUYV, NV12 and GREY within one step of exact, odd sizes and padded rows included",
        arguments: [(2, 2), (7, 5), (255, 3), (256, 2), (257, 3), (640, 4), (1, 1)], [0, 1, 30])
    func conversions(size: (Int, Int), padding: Int) throws {
        let (width, height) = size
        var numbers = SeededNumbers(seed: UInt64(width * 31 + padding))
        let pairs = (width + 1) / 2
        func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) } }

        let stride = 4 * pairs + padding
        let yuyv = noise(stride * height)
        let fromYUYV = try decoder.decode(
            EncodedImage(encoding: .yuyv, width: width, height: height, stride: stride, bytes: yuyv), scale: .full)
        #expect(
            isExact(fromYUYV) { x, y in
                yuyv[y * stride + 2 * x]
            } _: { x, y in
                (yuyv[y * stride + x / 2 * 4 + 1], yuyv[y * stride + x / 2 * 4 + 3])
            })

        let plane = 2 * pairs + padding
        let nv12 = noise(plane * (height + (height + 1) / 2))
        let fromNV12 = try decoder.decode(
            EncodedImage(encoding: .nv12, width: width, height: height, stride: plane, bytes: nv12), scale: .full)
        #expect(
            isExact(fromNV12) { x, y in
                nv12[y * plane + x]
            } _: { x, y in
                let at = plane * height + y / 2 * plane + x / 2 * 2
                return (nv12[at], nv12[at + 1])
            })

        let fromGrey = try decoder.decode(
            EncodedImage(encoding: .grey, width: width, height: height, stride: plane, bytes: nv12), scale: .full)
        #expect(
            isExact(fromGrey) { x, y in
                nv12[y * plane + x]
            } _: { _, _ in
                (128, 128)
            })
    }

    @Test("takes packed BGR as it is, without its padding")
    func packed() throws {
        let bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12]
        let image = try decoder.decode(
            EncodedImage(encoding: .bgr, width: 2, height: 2, stride: 8, bytes: bytes), scale: .full)
        #expect(image.pixels == Array(1...12))
    }

    @Test(
        "refuses pixels that do not fill their format",
        arguments: [(ImageEncoding.yuyv, 4 * 64 * 2), (.nv12, 64 * 96), (.grey, 64 * 64), (.bgr, 64 * 64 * 3)])
    func tooFewBytes(encoding: ImageEncoding, count: Int) throws {
        let stride = encoding == .yuyv ? 128 : encoding == .bgr ? 192 : 64
        let needed = encoding == .yuyv ? 128 * 64 : count
        func decode(_ count: Int, _ stride: Int, _ width: Int = 64) throws(EdgeError) -> Image {
            let bytes = [UInt8](repeating: 128, count: count)
            return try decoder.decode(
                EncodedImage(encoding: encoding, width: width, height: 64, stride: stride, bytes: bytes), scale: .full)
        }
        #expect(throws: Never.self) { try decode(needed, stride) }
        for (count, stride, width) in [
            (needed - 1, stride, 64), (needed, stride - 1, 64), (needed, 0, 64), (needed, stride, 66),
        ] {
            let error = #expect(throws: EdgeError.self) { try decode(count, stride, width) }
            #expect(error?.code == .imageCorrupt)
        }
        let error = #expect(throws: EdgeError.self) { try decode(needed, stride, 1 << 40) }
        #expect(error?.code == .imageTooLarge)
    }
}
