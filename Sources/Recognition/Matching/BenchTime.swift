#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Times of benchmarks, in milliseconds.
enum BenchTime {
    /// How long `body` takes.
    static func milliseconds(_ body: () -> Void) -> Double {
        let began = now(CLOCK_MONOTONIC)
        body()
        return now(CLOCK_MONOTONIC) - began
    }

    /// What a share of values does not exceed; 1 is the largest.
    static func quantile(_ values: [Double], _ share: Double) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
    }

    /// A clock's time.
    static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
    }
}
