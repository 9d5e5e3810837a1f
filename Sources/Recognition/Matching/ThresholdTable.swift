public import EdgeCore
import FoundationEssentials

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a cosine promises: the false match rates that were measured for one model.
///
/// Between two measured points the cosine is linear in the logarithm of the rate. Beyond the last one it goes on with
/// the steepest measured slope. The tail of a cosine distribution falls ever faster, so the true rate is lower than promised.
public struct ThresholdTable: Sendable, Equatable {
    /// One measured point.
    public struct Point: Sendable, Equatable, Codable {
        /// False match rate, 0…1, both excluded.
        public let fmr: Double
        /// The cosine at and above which that share of impostor pairs lies.
        public let cosine: Double
        /// Names a point.
        public init(fmr: Double, cosine: Double) {
            self.fmr = fmr
            self.cosine = cosine
        }
    }

    /// The points, from the highest rate to the lowest.
    public let points: [Point]

    /// No threshold is asked for above this, so that a genuine pair can still pass.
    public static let highestCosine = 0.95
    /// Cosine for one decade of rate where a table has one point only.
    private static let assumedSlope = 0.1

    /// Checks and sorts measured points.
    ///
    /// Throws `recognition.model.unreadable` for an empty table, a rate outside 0…1, or a cosine that falls while the rate falls.
    public init(points: [Point]) throws(EdgeError) {
        let sorted = points.sorted { $0.fmr > $1.fmr }
        let sound = sorted.allSatisfy { $0.fmr > 0 && $0.fmr < 1 && abs($0.cosine) < 1 }
        let rising = zip(sorted, sorted.dropFirst()).allSatisfy { $0.fmr > $1.fmr && $0.cosine < $1.cosine }
        guard !sorted.isEmpty, sound, rising else {
            throw EdgeError(.modelUnreadable, "The model's table of false match rates is not in order.")
        }
        self.points = sorted
    }

    /// Checks and sorts measured pairs, as a loaded model gives them.
    public init(_ pairs: [(fmr: Double, cosine: Double)]) throws(EdgeError) {
        try self.init(points: pairs.map { Point(fmr: $0.fmr, cosine: $0.cosine) })
    }

    /// The cosine that promises at most `fmr`.
    ///
    /// Above the highest measured rate that rate's cosine stands.
    public func threshold(fmr: Double) -> Double {
        guard fmr > 0, let first = points.first, let last = points.last else { return Self.highestCosine }
        guard fmr < first.fmr else { return first.cosine }
        guard fmr >= last.fmr else {
            return min(last.cosine + steepestSlope * log10(last.fmr / fmr), max(Self.highestCosine, last.cosine))
        }
        for (high, low) in zip(points, points.dropFirst()) where fmr >= low.fmr {
            let share = log10(high.fmr / fmr) / log10(high.fmr / low.fmr)
            return high.cosine + share * (low.cosine - high.cosine)
        }
        return last.cosine
    }

    /// The rate that a cosine promises; 1 below the first measured point, where nothing is known.
    public func fmr(threshold cosine: Double) -> Double {
        guard let first = points.first, let last = points.last, cosine >= first.cosine else { return 1 }
        guard cosine < last.cosine else { return last.fmr * pow(10, -(cosine - last.cosine) / steepestSlope) }
        for (high, low) in zip(points, points.dropFirst()) where cosine <= low.cosine {
            let share = (cosine - high.cosine) / (low.cosine - high.cosine)
            return high.fmr * pow(10, -share * log10(high.fmr / low.fmr))
        }
        return last.fmr
    }

    /// The cosine for 1:N: at most `fmr` for one comparison and at most `total` for the whole gallery.
    public func identificationThreshold(fmr: Double, people: Int, total: Double = 1e-3) -> Double {
        threshold(fmr: min(fmr, total / Double(max(people, 1))))
    }

    private var steepestSlope: Double {
        zip(points, points.dropFirst())
            .map { ($1.cosine - $0.cosine) / log10($0.fmr / $1.fmr) }
            .max() ?? Self.assumedSlope
    }
}
