import EdgeCore
import Testing

@testable import Recognition

@Suite("The threshold table")
struct ThresholdTableTests {
    private let table = Synthetic.thresholds

    @Test("gives the measured cosine at a measured rate", arguments: [(1e-2, 0.28), (1e-3, 0.34), (1e-4, 0.39)])
    func measuredPointsStand(fmr: Double, cosine: Double) {
        #expect(abs(table.threshold(fmr: fmr) - cosine) < 1e-12)
        #expect(abs(table.fmr(threshold: cosine) / fmr - 1) < 1e-9)
    }

    @Test("is linear in the logarithm between two points")
    func interpolates() {
        #expect(abs(table.threshold(fmr: 3.1622776601683795e-3) - 0.31) < 1e-9)
    }

    @Test("goes on with the steepest measured slope, which asks for more than the last one")
    func extrapolatesConservatively() {
        #expect(abs(table.threshold(fmr: 1e-5) - 0.45) < 1e-9)
        #expect(abs(table.threshold(fmr: 1e-6) - 0.51) < 1e-9)
    }

    @Test("never falls while the rate falls, and never passes the highest cosine")
    func isMonotone() {
        var last = -1.0
        for step in 0..<400 {
            let cosine = table.threshold(fmr: 1 / Double(step + 1) / Double(1 << min(step / 8, 40)))
            #expect(cosine >= last)
            #expect(cosine <= ThresholdTable.highestCosine)
            last = cosine
        }
        #expect(table.threshold(fmr: 0) == ThresholdTable.highestCosine)
        #expect(table.threshold(fmr: .nan) == ThresholdTable.highestCosine)
    }

    @Test("above the measured range the first point stands, and promises nothing")
    func nothingIsKnownAboveTheFirstPoint() {
        #expect(table.threshold(fmr: 0.5) == 0.28)
        #expect(table.fmr(threshold: 0.2) == 1)
    }

    @Test(
        "tightens 1:N with the size of the gallery", arguments: [(1, 1e-5), (100, 1e-5), (1000, 1e-6), (100_000, 1e-8)])
    func galleryTightens(people: Int, fmr: Double) {
        let cosine = table.identificationThreshold(fmr: 1e-5, people: people)
        #expect(abs(cosine - table.threshold(fmr: fmr)) < 1e-9)
    }

    @Test(
        "refuses a table that is not in order",
        arguments: [
            [], [(1e-2, 0.4), (1e-3, 0.3)], [(1e-2, 0.3), (1e-2, 0.4)], [(0, 0.3)], [(1.5, 0.3)], [(1e-2, 1.2)],
            [(Double.nan, 0.3)], [(1e-2, Double.nan)],
        ] as [[(Double, Double)]])
    func refusesDisorder(pairs: [(Double, Double)]) {
        #expect(throws: EdgeError.self) { try ThresholdTable(pairs.map { (fmr: $0.0, cosine: $0.1) }) }
    }
}

@Suite("The matching benchmark")
struct MatchBenchTests {
    @Test("reports what it measured, with its median below its 99th percentile")
    func reports() {
        let bench = MatchBench.run(people: 2000, searches: 50)
        #expect(bench.people == 2000 && bench.searches == 50 && bench.dimension == 128 && bench.threads == 1)
        #expect(bench.medianMs > 0 && bench.medianMs <= bench.p99Ms)
        #expect(bench.cpuTotalMs >= bench.cpuMedianMs)
    }
}
