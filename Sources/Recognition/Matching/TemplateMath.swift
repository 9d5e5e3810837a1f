import CKernels
import EdgeCore

/// The little arithmetic that templates need, in the C kernels so that it is fast in every build.
enum TemplateMath {
    /// Cosine of two templates; `nil` when they are of two models or not numbers.
    static func cosine(_ left: FaceTemplate, _ right: FaceTemplate) -> Double? {
        guard left.model == right.model, left.values.count == right.values.count, !left.values.isEmpty else {
            return nil
        }
        let cosine = ck_match_dot(left.values, right.values, left.values.count)
        return cosine.isFinite ? cosine : nil
    }

    /// The mean of vectors of one length, brought to length 1; `nil` when there is none or one is not finite.
    static func mean(of vectors: [[Float]]) -> [Float]? {
        guard let first = vectors.first, !first.isEmpty, vectors.allSatisfy({ $0.count == first.count }) else {
            return nil
        }
        var sum = [Float](repeating: 0, count: first.count)
        for vector in vectors where ck_match_add(&sum, vector, vector.count) == 0 { return nil }
        return ck_match_normalize(&sum, sum.count) == 1 ? sum : nil
    }

    /// Whether a template can be compared at all: finite and of length 1.
    static func isUsable(_ template: FaceTemplate) -> Bool {
        guard !template.values.isEmpty else { return false }
        let square = ck_match_dot(template.values, template.values, template.values.count)
        return abs(square - 1) < 1e-2
    }
}

/// The mean of the templates of one person, frame by frame.
struct RunningTemplate: Sendable {
    private var sum: [Float] = []
    private var model: ModelVersion?
    /// How many templates went in.
    private(set) var count = 0
    /// The mean, of length 1; `nil` before the first template.
    private(set) var mean: FaceTemplate?

    /// Adds a usable template of the same model.
    mutating func add(_ template: FaceTemplate) {
        if sum.isEmpty { sum = [Float](repeating: 0, count: template.values.count) }
        guard model == nil || model == template.model, sum.count == template.values.count,
            ck_match_add(&sum, template.values, sum.count) == 1
        else { return }
        model = template.model
        count += 1
        mean = TemplateMath.mean(of: [sum]).map { FaceTemplate(model: template.model, values: $0) }
    }

    /// Cosine of `template` to the mean; `nil` before the first template.
    func similarity(to template: FaceTemplate) -> Double? {
        mean.flatMap { TemplateMath.cosine($0, template) }
    }
}
