/// How well passive liveness tells people from attacks, in the words of ISO/IEC 30107-3.
///
/// A presentation without a score gave no response: it is counted apart and never as live.
public struct PresentationMetrics: Sendable, Codable, Equatable {
    /// One judged presentation.
    public struct Judgement: Sendable, Equatable {
        /// `live`, or the name of an attack.
        public var kind: String
        /// The fused logit; `nil` without an opinion.
        public var score: Double?
        /// Names a judgement.
        public init(kind: String, score: Double?) {
            self.kind = kind
            self.score = score
        }
    }

    /// The key under which all attacks are taken together.
    public static let overall = "overall"

    /// Presentations judged.
    public var presentations: Int
    /// Bona fide presentations.
    public var livePresentations: Int
    /// Attacks.
    public var attackPresentations: Int
    /// Presentations without a score.
    public var failuresToProcess: Int
    /// Those, per kind.
    public var failuresByKind: [String: Int]
    /// The shipped threshold, a logit: live from there on.
    public var threshold: Double
    /// Share of scored bona fide presentations taken for attacks.
    public var bpcer: Double
    /// Share of scored attacks taken for live, per kind and `overall`.
    public var apcer: [String: Double]
    /// The worst kind's share, which is what ISO/IEC 30107-3 reports.
    public var apcerMax: Double
    /// Probability that a live presentation scores above an attack; ties count half.
    public var auc: Double

    private enum CodingKeys: String, CodingKey {
        case presentations, threshold, bpcer, apcer, auc
        case livePresentations = "live_presentations"
        case attackPresentations = "attack_presentations"
        case failuresToProcess = "failures_to_process"
        case failuresByKind = "failures_by_kind"
        case apcerMax = "apcer_max"
    }

    /// Measures `judgements` at the shipped threshold.
    public init(_ judgements: [Judgement], threshold: Double) {
        let live = judgements.filter { $0.kind == "live" }.compactMap(\.score)
        let attacks = Dictionary(grouping: judgements.filter { $0.kind != "live" }, by: \.kind)
            .mapValues { $0.compactMap(\.score) }
        let allAttacks = attacks.values.flatMap(\.self)
        presentations = judgements.count
        livePresentations = judgements.count { $0.kind == "live" }
        attackPresentations = judgements.count - livePresentations
        failuresToProcess = judgements.count { $0.score == nil }
        failuresByKind = Dictionary(judgements.filter { $0.score == nil }.map { ($0.kind, 1) }, uniquingKeysWith: +)
        self.threshold = threshold
        bpcer = Self.share(of: live) { $0 < threshold }
        let perKind = attacks.mapValues { scores in Self.share(of: scores) { $0 >= threshold } }
        apcer = perKind.merging([Self.overall: Self.share(of: allAttacks) { $0 >= threshold }]) { $1 }
        apcerMax = perKind.values.max() ?? 0
        auc = Self.areaUnderCurve(live: live, attacks: allAttacks)
    }

    private static func share(of scores: [Double], where isWrong: (Double) -> Bool) -> Double {
        scores.isEmpty ? 0 : Double(scores.count(where: isWrong)) / Double(scores.count)
    }

    /// The Mann-Whitney statistic from mean ranks; 0.5 when one side is empty.
    static func areaUnderCurve(live: [Double], attacks: [Double]) -> Double {
        guard !live.isEmpty, !attacks.isEmpty else { return 0.5 }
        let sorted = (live.map { ($0, true) } + attacks.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var rankSum = 0.0
        var start = 0
        while start < sorted.count {
            var end = start
            while end < sorted.count, sorted[end].0 == sorted[start].0 { end += 1 }
            // Equal scores share the mean of their ranks, which start at 1.
            let meanRank = Double(start + 1 + end) / 2
            rankSum += meanRank * Double(sorted[start..<end].count { $0.1 })
            start = end
        }
        let wins = rankSum - Double(live.count * (live.count + 1)) / 2
        return wins / Double(live.count * attacks.count)
    }
}
