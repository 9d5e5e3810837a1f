public import EdgeCore
import FoundationEssentials

/// Measures verification on a list of pairs, with the same code that sessions use.
public enum VerificationEvaluation {
    /// Makes each picture's template once, compares all pairs and measures.
    ///
    /// `template` gets the path of a picture and answers `nil` where it gives none; it is asked for up to `width` pictures
    /// at once. The result does not depend on the order in which it answers. Throws `request.invalid` for a bad list.
    public static func run(
        root: String, pairsFile: String, shippedThreshold: Double, width: Int = 2,
        template: @escaping @Sendable (_ path: String) async -> FaceTemplate?
    ) async throws(EdgeError) -> VerificationMetrics {
        let list = try PairList(parsing: EvaluationFile.text(of: pairsFile))
        let pictures = list.pictures
        let templates = await EvaluationFile.map(pictures, width: width) {
            await template(EvaluationFile.path($0, below: root))
        }
        let known = Dictionary(uniqueKeysWithValues: zip(pictures, templates))
        let comparisons = list.pairs.map { pair in
            let sides = [pair.pathA, pair.pathB].compactMap { known[$0] ?? nil }
            let score = sides.count == 2 ? TemplateMath.cosine(sides[0], sides[1]) : nil
            return VerificationMetrics.Comparison(same: pair.same, score: score)
        }
        return VerificationMetrics(
            comparisons, shippedThreshold: shippedThreshold, failures: templates.count { $0 == nil })
    }
}

/// Measures passive liveness on a list of presentations.
public enum LivenessEvaluation {
    /// Judges each presentation once and measures; `score` answers the fused logit, or `nil` without an opinion.
    ///
    /// Throws `request.invalid` for a bad list.
    public static func run(
        root: String, manifestFile: String, threshold: Double, width: Int = 2,
        score: @escaping @Sendable (_ path: String) async -> Double?
    ) async throws(EdgeError) -> PresentationMetrics {
        let list = try PresentationList(parsing: EvaluationFile.text(of: manifestFile))
        let paths = list.presentations.map(\.path)
        let scores = await EvaluationFile.map(paths, width: width) { await score(EvaluationFile.path($0, below: root)) }
        return PresentationMetrics(
            zip(list.presentations, scores).map { .init(kind: $0.kind, score: $1) }, threshold: threshold)
    }
}

enum EvaluationFile {
    /// An absolute path stands for itself.
    static func path(_ path: String, below root: String) -> String {
        path.hasPrefix("/") ? path : "\(root)/\(path)"
    }

    static func text(of path: String) throws(EdgeError) -> String {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw EdgeError(.requestInvalid, "The list cannot be read.")
        }
        guard let text = String(bytes: bytes, encoding: .utf8) else {
            throw EdgeError(.requestInvalid, "The list is not UTF-8 text.")
        }
        return text
    }

    /// Maps with up to `width` at once; the results stand in the order of `inputs`.
    static func map<Result: Sendable>(
        _ inputs: [String], width: Int, _ body: @escaping @Sendable (String) async -> Result?
    ) async -> [Result?] {
        await withTaskGroup(of: (Int, Result?).self) { group in
            var results = [Result?](repeating: nil, count: inputs.count)
            var next = 0
            while next < min(max(width, 1), inputs.count) {
                group.addTask { [next] in (next, await body(inputs[next])) }
                next += 1
            }
            for await (index, result) in group {
                results[index] = result
                guard next < inputs.count else { continue }
                group.addTask { [next] in (next, await body(inputs[next])) }
                next += 1
            }
            return results
        }
    }
}
