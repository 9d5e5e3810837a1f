import CKernels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What an exact 1:N search costs on this machine, one thread, random templates.
public struct MatchBench: Sendable, Codable {
    /// Templates in the gallery.
    public let people: Int
    /// Numbers of a template.
    public let dimension: Int
    /// Searches measured.
    public let searches: Int
    /// Threads used.
    public let threads: Int
    /// Wall time of a search, half are faster.
    public let medianMs: Double
    /// Wall time of a search, 99 of 100 are faster.
    public let p99Ms: Double
    /// Processor time of a search, half take less.
    public let cpuMedianMs: Double
    /// Processor time of all searches.
    public let cpuTotalMs: Double
    /// Time to build the gallery from templates in memory.
    public let buildMs: Double

    private enum CodingKeys: String, CodingKey {
        case people, dimension, searches, threads
        case medianMs = "median_ms"
        case p99Ms = "p99_ms"
        case cpuMedianMs = "cpu_median_ms"
        case cpuTotalMs = "cpu_total_ms"
        case buildMs = "build_ms"
    }

    /// Builds a gallery of `people` random templates and searches it `searches` times; blocks until it is done.
    public static func run(people: Int, searches: Int = 200, dimension: Int = 128, seed: UInt64 = 1) -> MatchBench {
        let searches = max(searches, 1)
        let rows = randomRows(max(people, 1), dimension, seed)
        let probes = randomRows(searches, dimension, seed &+ 0x9E37_79B9_7F4A_7C15)
        let began = BenchTime.now(CLOCK_MONOTONIC)
        let gallery = GalleryMatrix(rows: rows, dimension: dimension)
        let built = BenchTime.now(CLOCK_MONOTONIC) - began
        var wall: [Double] = []
        var cpu: [Double] = []
        for search in 0..<searches {
            let probe = Array(probes[search * dimension..<(search + 1) * dimension])
            let cpuStart = BenchTime.now(CLOCK_THREAD_CPUTIME_ID)
            wall.append(BenchTime.milliseconds { _ = gallery.nearest(to: probe) })
            cpu.append(BenchTime.now(CLOCK_THREAD_CPUTIME_ID) - cpuStart)
        }
        return MatchBench(
            people: gallery.count, dimension: dimension, searches: searches, threads: 1,
            medianMs: BenchTime.quantile(wall, 0.5), p99Ms: BenchTime.quantile(wall, 0.99),
            cpuMedianMs: BenchTime.quantile(cpu, 0.5),
            cpuTotalMs: cpu.reduce(0, +), buildMs: built)
    }

    private static func randomRows(_ count: Int, _ dimension: Int, _ seed: UInt64) -> [Float] {
        [Float](unsafeUninitializedCapacity: count * dimension) { buffer, filled in
            if let base = buffer.baseAddress { ck_match_random(base, count, dimension, seed) }
            filled = count * dimension
        }
    }
}
