/// How well genuine and impostor pairs come apart.
///
/// A pair that could not be processed counts as one that did not match.
public struct VerificationMetrics: Sendable, Codable, Equatable {
    /// One compared pair; `score` is `nil` where a picture gave no template.
    public struct Comparison: Sendable, Equatable {
        /// Whether both pictures show one person.
        public var same: Bool
        /// The cosine.
        public var score: Double?
        /// Names a comparison.
        public init(same: Bool, score: Double?) {
            self.same = same
            self.score = score
        }
    }

    /// Pairs compared.
    public var pairs: Int
    /// Pairs of one person.
    public var genuinePairs: Int
    /// Pairs of two people.
    public var impostorPairs: Int
    /// Pictures that gave no template.
    public var failuresToProcess: Int
    /// Pairs with such a picture.
    public var failedPairs: Int
    /// Mean share of right answers over ten folds, each judged at the threshold that is best on the other nine.
    public var accuracy: Double
    /// Its standard deviation over the folds.
    public var accuracyStd: Double
    /// The mean of the folds' thresholds.
    public var bestThreshold: Double
    /// The rate where as many genuine as impostor pairs are judged wrongly.
    public var equalErrorRate: Double
    /// False non-match rate at the lowest threshold whose false match rate is at most the key.
    public var fnmrAtFmr: [String: Double]
    /// Those thresholds.
    public var thresholdAtFmr: [String: Double]
    /// The shipped threshold.
    public var threshold: Double
    /// False match rate at the shipped threshold.
    public var fmrAtThreshold: Double
    /// False non-match rate at the shipped threshold.
    public var fnmrAtThreshold: Double

    private enum CodingKeys: String, CodingKey {
        case pairs, accuracy, threshold
        case genuinePairs = "genuine_pairs"
        case impostorPairs = "impostor_pairs"
        case failuresToProcess = "failures_to_process"
        case failedPairs = "failed_pairs"
        case accuracyStd = "accuracy_std"
        case bestThreshold = "best_threshold"
        case equalErrorRate = "eer"
        case fnmrAtFmr = "fnmr_at_fmr"
        case thresholdAtFmr = "threshold_at_fmr"
        case fmrAtThreshold = "fmr_at_threshold"
        case fnmrAtThreshold = "fnmr_at_threshold"
    }

    /// Measures `comparisons` in the order of their file; `failures` is the number of pictures without a template.
    public init(_ comparisons: [Comparison], shippedThreshold: Double, failures: Int = 0) {
        let scored = comparisons.map { Scored(same: $0.same, score: $0.score ?? -1) }
        let curve = ErrorCurve(scored)
        let folds = TenFold(scored)
        pairs = comparisons.count
        genuinePairs = curve.genuine.count
        impostorPairs = curve.impostor.count
        failuresToProcess = failures
        failedPairs = comparisons.count { $0.score == nil }
        accuracy = folds.accuracy
        accuracyStd = folds.deviation
        bestThreshold = folds.threshold
        equalErrorRate = curve.equalErrorRate
        let targets = [("1e-2", 1e-2), ("1e-3", 1e-3)].map { ($0.0, curve.threshold(fmr: $0.1)) }
        thresholdAtFmr = Dictionary(uniqueKeysWithValues: targets)
        fnmrAtFmr = thresholdAtFmr.mapValues(curve.fnmr)
        threshold = shippedThreshold
        fmrAtThreshold = curve.fmr(shippedThreshold)
        fnmrAtThreshold = curve.fnmr(shippedThreshold)
    }
}

/// A score that is always there.
struct Scored {
    var same: Bool
    var score: Double
}

/// False match and false non-match rates over all thresholds; a pair matches from the threshold on.
struct ErrorCurve {
    /// Scores in rising order.
    let genuine: [Double]
    let impostor: [Double]

    init(_ scored: [Scored]) {
        genuine = scored.lazy.filter(\.same).map(\.score).sorted()
        impostor = scored.lazy.filter { !$0.same }.map(\.score).sorted()
    }

    /// The share of impostor pairs at or above `threshold`.
    func fmr(_ threshold: Double) -> Double {
        impostor.isEmpty ? 0 : Double(impostor.count - impostor.firstIndex(from: threshold)) / Double(impostor.count)
    }

    /// The share of genuine pairs below `threshold`.
    func fnmr(_ threshold: Double) -> Double {
        genuine.isEmpty ? 0 : Double(genuine.firstIndex(from: threshold)) / Double(genuine.count)
    }

    /// The lowest threshold whose false match rate is at most `fmr`: just above the first impostor score that is too many.
    func threshold(fmr: Double) -> Double {
        let allowed = Int((fmr * Double(impostor.count)).rounded(.down))
        guard allowed < impostor.count else { return -1 }
        return impostor[impostor.count - 1 - allowed].nextUp
    }

    /// Where both rates meet, or come nearest to it.
    var equalErrorRate: Double {
        var best = (gap: Double.infinity, rate: 0.0)
        for threshold in genuine + impostor {
            let (match, miss) = (fmr(threshold), fnmr(threshold))
            if abs(match - miss) < best.gap { best = (abs(match - miss), (match + miss) / 2) }
        }
        return best.rate
    }
}

extension [Double] {
    /// The first index whose value is at least `threshold`, in a rising array.
    fileprivate func firstIndex(from threshold: Double) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < threshold { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Ten-fold accuracy.
///
/// The folds are the tenths, in order, of the genuine and of the impostor pairs.
///
/// For the published LFW list, which repeats both kinds ten times, these are its own ten sets; a list in any other
/// order still gets both kinds into every fold.
struct TenFold {
    let accuracy: Double
    let deviation: Double
    let threshold: Double

    init(_ scored: [Scored]) {
        let kinds = [scored.filter(\.same), scored.filter { !$0.same }]
        var shares: [Double] = []
        var thresholds: [Double] = []
        for fold in 0..<10 {
            let test = kinds.flatMap { $0[Self.range(fold, of: $0.count)] }
            let train = kinds.flatMap { kind in
                let range = Self.range(fold, of: kind.count)
                return kind[..<range.lowerBound] + kind[range.upperBound...]
            }
            guard !test.isEmpty, !train.isEmpty else { continue }
            let threshold = Self.bestThreshold(train)
            thresholds.append(threshold)
            shares.append(Double(test.count { ($0.score >= threshold) == $0.same }) / Double(test.count))
        }
        let mean = shares.isEmpty ? 0 : shares.reduce(0, +) / Double(shares.count)
        let variance = shares.isEmpty ? 0 : shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
        accuracy = mean
        deviation = variance.squareRoot()
        threshold = thresholds.isEmpty ? 0 : thresholds.reduce(0, +) / Double(thresholds.count)
    }

    private static func range(_ fold: Int, of count: Int) -> Range<Int> {
        count * fold / 10..<count * (fold + 1) / 10
    }

    /// The middle of the first gap between two scores that gives the most right answers.
    static func bestThreshold(_ scored: [Scored]) -> Double {
        let sorted = scored.sorted { $0.score < $1.score }
        // Below everything, all pairs match: only the genuine ones are right.
        var right = sorted.count(where: \.same)
        var best = (right: right, threshold: (sorted.first?.score ?? 0) - 1e-6)
        for (index, pair) in sorted.enumerated() {
            right += pair.same ? -1 : 1
            let next = index + 1 < sorted.count ? sorted[index + 1].score : pair.score + 2e-6
            if next > pair.score, right > best.right { best = (right, (pair.score + next) / 2) }
        }
        return best.threshold
    }
}
