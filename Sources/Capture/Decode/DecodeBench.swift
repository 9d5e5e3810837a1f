public import EdgeCore
import Glibc

/// How long decoding takes at each scale; one thread.
public struct DecodeBench: Sendable, Codable {
    /// One scale.
    public struct Scale: Sendable, Codable {
        /// `full`, or the long side asked for.
        public var scale: String
        /// Pictures decoded.
        public var frames: Int
        /// Wall time of one picture, milliseconds.
        public var medianMs: Double
        /// 99th percentile of the wall time, milliseconds.
        public var p99Ms: Double
        /// CPU time of one picture, milliseconds.
        public var cpuMedianMs: Double
    }

    /// Threads used.
    public var threads = 1
    /// Width of the first picture.
    public var width: Int
    /// Height of the first picture.
    public var height: Int
    /// The scales.
    public var scales: [Scale]

    /// Decodes each picture `repetitions` times at each scale.
    ///
    /// Throws the decoder's errors.
    public static func run(pictures: [[UInt8]], repetitions: Int) throws(EdgeError) -> DecodeBench {
        let decoder = TurboImageDecoder()
        let first = try decoder.inspect(pictures.first ?? [])
        let wanted: [(String, DecodeScale)] = [
            ("full", .full), ("320", .atLeast(longSide: 320)), ("160", .atLeast(longSide: 160)),
        ]
        var scales: [Scale] = []
        for (name, scale) in wanted {
            var wall: [Double] = []
            var cpu: [Double] = []
            for _ in 0..<repetitions {
                for picture in pictures {
                    let start = (milliseconds(CLOCK_MONOTONIC), milliseconds(CLOCK_THREAD_CPUTIME_ID))
                    _ = try decoder.decode(try decoder.inspect(picture), scale: scale)
                    wall.append(milliseconds(CLOCK_MONOTONIC) - start.0)
                    cpu.append(milliseconds(CLOCK_THREAD_CPUTIME_ID) - start.1)
                }
            }
            wall.sort()
            cpu.sort()
            scales.append(
                Scale(
                    scale: name, frames: wall.count, medianMs: wall[wall.count / 2],
                    p99Ms: wall[min(wall.count * 99 / 100, wall.count - 1)], cpuMedianMs: cpu[cpu.count / 2]))
        }
        return DecodeBench(width: first.width, height: first.height, scales: scales)
    }

    private static func milliseconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
    }
}
