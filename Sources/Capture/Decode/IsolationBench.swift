public import EdgeCore
import Glibc
import Logging

/// What it costs to have pictures decoded by another process: each picture both ways, one after the other, in one run.
public struct IsolationBench: Sendable, Codable {
    /// Pictures of one size.
    public struct Size: Sendable, Codable {
        /// Columns.
        public var width: Int
        /// Rows.
        public var height: Int
        /// Pictures decoded each way.
        public var frames: Int
        /// Wall time of one picture in this process, milliseconds.
        public var insideMedianMs: Double
        /// Its 99th percentile.
        public var insideP99Ms: Double
        /// Wall time of one picture in the other process, milliseconds.
        public var isolatedMedianMs: Double
        /// Its 99th percentile.
        public var isolatedP99Ms: Double
        /// The difference of the medians, milliseconds: what isolation costs.
        public var costMedianMs: Double
        /// The difference of the 99th percentiles.
        public var costP99Ms: Double
    }

    /// 640×480 and 1280×720.
    public var sizes: [Size]

    /// Brings the pictures to the two sizes and decodes each `repetitions` times in both ways.
    ///
    /// Throws the decoders' errors, and `internal.fault` when a picture comes out otherwise from the worker.
    public static func run(
        pictures: [[UInt8]], repetitions: Int, worker: DecoderChild
    ) throws(EdgeError) -> IsolationBench {
        let inside = TurboImageDecoder()
        let isolated = IsolatedImageDecoder(log: Logger(label: "edged.bench")) { () throws(DecoderFault) in
            try worker.connect()
        }
        var sizes: [Size] = []
        for size in [PixelSize(width: 640, height: 480), PixelSize(width: 1280, height: 720)] {
            var scaled: [EncodedImage] = []
            for picture in pictures {
                let image = try inside.decode(try inside.inspect(picture), scale: .full)
                let jpeg = try TurboCompressor().encode(image.stretched(to: size), quality: 85)
                scaled.append(try inside.inspect(jpeg))
            }
            sizes.append(try measure(scaled, repetitions, size, inside, isolated))
        }
        return IsolationBench(sizes: sizes)
    }

    private static func measure(
        _ pictures: [EncodedImage], _ repetitions: Int, _ size: PixelSize, _ inside: TurboImageDecoder,
        _ isolated: IsolatedImageDecoder
    ) throws(EdgeError) -> Size {
        var times: (inside: [Double], isolated: [Double]) = ([], [])
        // The first round makes rooms and warms both processes up.
        for round in 0...repetitions {
            for picture in pictures {
                let start = now()
                let here = try inside.decode(picture, scale: .full)
                let middle = now()
                let there = try isolated.decode(picture, scale: .full)
                let end = now()
                guard here == there else { throw EdgeError(.internalFault, "The worker makes other pixels.") }
                guard round > 0 else { continue }
                times.inside.append(middle - start)
                times.isolated.append(end - middle)
            }
        }
        let (near, far) = (times.inside.sorted(), times.isolated.sorted())
        func p99(_ sorted: [Double]) -> Double { sorted[min(sorted.count * 99 / 100, sorted.count - 1)] }
        let (nearMedian, farMedian) = (near[near.count / 2], far[far.count / 2])
        return Size(
            width: size.width, height: size.height, frames: near.count, insideMedianMs: nearMedian,
            insideP99Ms: p99(near), isolatedMedianMs: farMedian, isolatedP99Ms: p99(far),
            costMedianMs: farMedian - nearMedian, costP99Ms: p99(far) - p99(near))
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
    }
}

extension Image {
    /// The nearest pixels: enough for a picture that is only measured with.
    fileprivate func stretched(to size: PixelSize) -> Image {
        var stretched: [UInt8] = []
        stretched.reserveCapacity(3 * size.width * size.height)
        for y in 0..<size.height {
            let row = width * (y * height / size.height)
            for x in 0..<size.width {
                let at = 3 * (row + x * width / size.width)
                stretched += pixels[at..<at + 3]
            }
        }
        return Image(width: size.width, height: size.height, pixels: stretched)
    }
}
