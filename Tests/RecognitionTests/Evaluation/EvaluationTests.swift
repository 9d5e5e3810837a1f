import EdgeCore
import EdgeTesting
import FoundationEssentials
import Testing

@testable import Recognition

@Suite("Verification metrics")
struct VerificationMetricsTests {
    private func comparisons(genuine: [Double?], impostor: [Double?]) -> [VerificationMetrics.Comparison] {
        genuine.map { .init(same: true, score: $0) } + impostor.map { .init(same: false, score: $0) }
    }

    @Test("are perfect where the scores come apart")
    func perfect() {
        let metrics = VerificationMetrics(
            comparisons(genuine: .init(repeating: 0.8, count: 50), impostor: .init(repeating: 0.1, count: 70)),
            shippedThreshold: 0.45)
        #expect(metrics.accuracy == 1 && metrics.accuracyStd == 0 && metrics.equalErrorRate == 0)
        #expect(abs(metrics.bestThreshold - 0.45) < 1e-9, "the middle of the gap")
        #expect(metrics.fnmrAtFmr == ["1e-2": 0, "1e-3": 0])
        #expect(metrics.fmrAtThreshold == 0 && metrics.fnmrAtThreshold == 0)
        #expect(metrics.pairs == 120 && metrics.genuinePairs == 50 && metrics.impostorPairs == 70)
    }

    @Test("count by hand: a hundred impostors, one of them near")
    func byHand() {
        let impostors: [Double?] = (0..<99).map { Double($0) / 1000 } + [0.5]
        let genuine: [Double?] = [0.05, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.9, 0.9, 0.9]
        let metrics = VerificationMetrics(comparisons(genuine: genuine, impostor: impostors), shippedThreshold: 0.5)
        #expect(metrics.fnmrAtFmr["1e-2"] == 0.1, "one impostor of a hundred may pass: just above 0.098")
        #expect(metrics.fnmrAtFmr["1e-3"] == 0.3, "none may pass: just above 0.5")
        #expect(metrics.fmrAtThreshold == 0.01 && metrics.fnmrAtThreshold == 0.3)
    }

    @Test("a pair that could not be processed is one that did not match")
    func failures() {
        let metrics = VerificationMetrics(
            comparisons(genuine: [0.9, nil], impostor: [nil, 0.1]), shippedThreshold: 0.5, failures: 2)
        #expect(metrics.failuresToProcess == 2 && metrics.failedPairs == 2)
        #expect(metrics.fnmrAtThreshold == 0.5 && metrics.fmrAtThreshold == 0)
    }

    @Test("the equal error rate lies where both rates meet")
    func equalErrorRate() {
        let low = (0..<100).map { Double($0) / 100 }
        let metrics = VerificationMetrics(
            comparisons(genuine: low.map { $0 + 0.5 }, impostor: low), shippedThreshold: 0.5)
        #expect(abs(metrics.equalErrorRate - 0.25) < 0.01)
    }

    @Test("the threshold of a fold comes from the other nine")
    func foldsDoNotLearnFromThemselves() {
        // The last tenth is odd: all its genuine pairs score below all impostors.
        let genuine: [Double?] = .init(repeating: 0.9, count: 90) + .init(repeating: 0.1, count: 10)
        let impostor: [Double?] = .init(repeating: 0.2, count: 100)
        let metrics = VerificationMetrics(comparisons(genuine: genuine, impostor: impostor), shippedThreshold: 0.5)
        #expect(abs(metrics.accuracy - 0.95) < 1e-9)
        #expect(abs(metrics.accuracyStd - 0.15) < 1e-9)
    }

    @Test("the best threshold is the one that a plain search finds")
    func bestThreshold() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<40 {
            let scored = (0..<60).map { _ in
                let same = Bool.random(using: &random)
                let score = (Double.random(in: 0...1, using: &random) + (same ? 0.3 : 0)) * 20
                return Scored(same: same, score: score.rounded() / 20)
            }
            let right = { (threshold: Double) in scored.count { ($0.score >= threshold) == $0.same } }
            let best = stride(from: -0.11, to: 1.6, by: 0.005).map(right).max()
            #expect(right(TenFold.bestThreshold(scored)) == best)
        }
    }

    @Test("has the keys that scripts read")
    func keys() throws {
        let metrics = VerificationMetrics(comparisons(genuine: [0.9], impostor: [0.1]), shippedThreshold: 0.5)
        let text = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self)
        for key in [
            "pairs", "failures_to_process", "accuracy", "threshold", "fnmr_at_fmr", "fmr_at_threshold",
            "fnmr_at_threshold",
        ] {
            #expect(text.contains("\"\(key)\":"))
        }
    }

    @Test("an empty side divides by nothing")
    func emptySides() {
        let metrics = VerificationMetrics([], shippedThreshold: 0.5)
        #expect(metrics.accuracy == 0 && metrics.equalErrorRate == 0 && metrics.fmrAtThreshold == 0)
        #expect(
            VerificationMetrics(comparisons(genuine: [0.9], impostor: []), shippedThreshold: 0.5).fnmrAtThreshold == 0)
    }
}

@Suite("Presentation attack metrics")
struct PresentationMetricsTests {
    private func judgements(_ scores: [(String, [Double?])]) -> [PresentationMetrics.Judgement] {
        scores.flatMap { kind, scores in scores.map { .init(kind: kind, score: $0) } }
    }

    @Test("count each attack apart, all together, and the worst")
    func perKind() {
        let metrics = PresentationMetrics(
            judgements([("live", [2, 1, -3, 0]), ("print", [-5, -5, -5, 1]), ("screen", [-9, -1])]), threshold: -1.5)
        #expect(metrics.bpcer == 0.25)
        #expect(metrics.apcer == ["print": 0.25, "screen": 0.5, "overall": 2.0 / 6])
        #expect(metrics.apcerMax == 0.5)
        #expect(metrics.livePresentations == 4 && metrics.attackPresentations == 6)
    }

    @Test("no response is counted apart and never as live")
    func noResponse() {
        let metrics = PresentationMetrics(
            judgements([("live", [2, nil]), ("print", [nil, -4])]), threshold: 0)
        #expect(metrics.failuresToProcess == 2 && metrics.failuresByKind == ["live": 1, "print": 1])
        #expect(metrics.bpcer == 0 && metrics.apcer["print"] == 0)
    }

    @Test("the area under the curve counts every pair, ties half")
    func area() {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<30 {
            let live = (0..<20).map { _ in Double(Int.random(in: 0..<10, using: &random)) }
            let attacks = (0..<30).map { _ in Double(Int.random(in: -3..<8, using: &random)) }
            var wins = 0.0
            for one in live { for other in attacks { wins += one > other ? 1 : one == other ? 0.5 : 0 } }
            let area = PresentationMetrics.areaUnderCurve(live: live, attacks: attacks)
            #expect(abs(area - wins / 600) < 1e-12)
        }
        #expect(PresentationMetrics.areaUnderCurve(live: [], attacks: [1]) == 0.5)
    }
}

@Suite("Evaluation lists")
struct EvaluationListTests {
    @Test("read pairs with either kind of line end")
    func readsPairs() throws {
        let list = try PairList(parsing: "same\tpath_a\tpath_b\r\n1\ta/1.jpg\ta/2.jpg\r\n0\ta/1.jpg\tb/1.jpg\n\n")
        #expect(list.pairs.map(\.same) == [true, false])
        #expect(list.pictures == ["a/1.jpg", "a/2.jpg", "b/1.jpg"])
    }

    @Test(
        "say which line is wrong",
        arguments: [
            ("path_a\tsame\tpath_b\n1\ta\tb", "Line 1"), ("same\tpath_a\tpath_b\n1\ta\tb\nx\ta\tb", "Line 3"),
            ("same\tpath_a\tpath_b\n\n1\ta", "Line 3"), ("same\tpath_a\tpath_b\n1\t\tb", "Line 2"), ("", "empty"),
            ("same\tpath_a\tpath_b\n", "empty"),
        ])
    func refusesPairs(text: String, words: String) {
        let error = #expect(throws: EdgeError.self) { try PairList(parsing: text) }
        #expect(error?.code == .requestInvalid)
        #expect(error?.detail.contains(words) == true)
    }

    @Test("read presentations, and keep the name of the sum free")
    func readsPresentations() throws {
        let list = try PresentationList(parsing: "path\tkind\tidentity\na.jpg\tlive\t1\nb.jpg\tprint\t1\n")
        #expect(list.presentations.map(\.isLive) == [true, false])
        #expect(throws: EdgeError.self) {
            try PresentationList(parsing: "path\tkind\tidentity\na.jpg\toverall\t1\n")
        }
    }

    @Test("each picture is embedded once, whatever the order of the answers")
    func embedsOnce() async throws {
        let folder = try TemporaryDirectory()
        let file = folder.path("pairs.tsv")
        let lines = ["same\tpath_a\tpath_b", "1\t1/a\t1/b", "1\t2/a\t2/b", "0\t1/a\t2/a", "0\t1/b\t9/a"]
        #expect(FileManager.default.createFile(atPath: file, contents: Data(lines.joined(separator: "\n").utf8)))
        let asked = Asked()
        let metrics = try await VerificationEvaluation.run(
            root: "/root", pairsFile: file, shippedThreshold: 0.45, width: 4
        ) { path in
            await asked.note(path)
            let parts = path.split(separator: "/")
            guard let person = Int(parts[1]), person < 9 else { return nil }
            return Synthetic.template(person: person, variation: parts[2] == "a" ? 1 : 2)
        }
        #expect(await asked.paths.sorted() == ["/root/1/a", "/root/1/b", "/root/2/a", "/root/2/b", "/root/9/a"])
        #expect(metrics.fmrAtThreshold == 0 && metrics.fnmrAtThreshold == 0)
        #expect(metrics.failuresToProcess == 1 && metrics.failedPairs == 1)
    }

    @Test("a list that is not there is an error, not a crash")
    func missingFile() async {
        let thrown = await code {
            _ = try await LivenessEvaluation.run(root: "/", manifestFile: "/nonexistent.tsv", threshold: 0) { _ in nil }
        }
        #expect(thrown == .requestInvalid)
    }
}

private actor Asked {
    var paths: [String] = []
    func note(_ path: String) { paths.append(path) }
}
