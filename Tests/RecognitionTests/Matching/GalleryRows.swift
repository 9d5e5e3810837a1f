import CKernels
import Testing

@testable import Recognition

/// Rows as plain numbers.
enum Rows {
    static func random(_ count: Int, _ dimension: Int, seed: UInt64) -> [Float] {
        var rows = [Float](repeating: 0, count: count * dimension)
        ck_match_random(&rows, count, dimension, seed)
        return rows
    }

    static func row(_ index: Int, of rows: [Float], _ dimension: Int) -> [Float] {
        Array(rows[index * dimension..<(index + 1) * dimension])
    }

    /// A row with a given score for a probe of length 1, in a direction that has nothing else of it.
    static func rival(score: Double, _ probe: [Float]) throws -> [Float] {
        let other = random(1, probe.count, seed: 91)
        let share = Float(ck_match_dot(other, probe, probe.count))
        let side = try normal(zip(other, probe).map { $0 - share * $1 })
        let rest = Float((1 - score * score).squareRoot())
        return zip(probe, side).map { Float(score) * $0 + rest * $1 }
    }

    static func normal(_ row: [Float]) throws -> [Float] { try #require(TemplateMath.mean(of: [row])) }

    /// All ways of the kernel that this processor has; each one has those before it.
    static func ways(_ dimension: Int) -> [ck_match_way] {
        [CK_MATCH_PORTABLE, CK_MATCH_SSE41, CK_MATCH_AVX2, CK_MATCH_VNNI]
            .filter { $0.rawValue <= ck_match_fastest(dimension).rawValue }
    }
}

/// What a matrix holds, in double precision, and a plain search of it.
struct StoredRows {
    let rows: [[Double]]

    init(_ matrix: GalleryMatrix) {
        var rows: [[Double]] = []
        for chunk in matrix.chunks {
            for row in 0..<chunk.count {
                let places = row * matrix.dimension..<(row + 1) * matrix.dimension
                let step = Double(chunk.steps[row])
                rows.append(places.map { step * Double(65536 * Int(chunk.codes[$0]) + Int(chunk.fines[$0])) })
            }
        }
        self.rows = rows
    }

    /// The matrix finds the rows that a plain loop finds, with its scores but for the order in which a sum is rounded.
    func expect(
        _ matrix: GalleryMatrix, _ probe: [Float], skipping: Int? = nil, at place: SourceLocation = #_sourceLocation
    ) throws {
        let expected = nearest(to: probe, skipping: skipping)
        let length = ck_match_dot(probe, probe, probe.count).squareRoot()
        for way in Rows.ways(probe.count) {
            let found = matrix.nearest(to: probe, skipping: skipping, by: way).nearest
            #expect(found?.row == expected?.row, sourceLocation: place)
            #expect((found?.runnerUp == nil) == (expected?.runnerUp == nil), sourceLocation: place)
            guard let found, let expected else { continue }
            #expect(abs(found.score - expected.score) <= 1e-14 * length, sourceLocation: place)
            #expect(
                abs((found.runnerUp ?? 0) - (expected.runnerUp ?? 0)) <= 1e-14 * length, sourceLocation: place)
            #expect(matrix.score(of: found.row, probe) == found.score, sourceLocation: place)
        }
    }

    private func nearest(to probe: [Float], skipping: Int?) -> GalleryMatrix.Nearest? {
        var best: GalleryMatrix.Nearest?
        var second: Double?
        for (index, row) in rows.enumerated() where index != skipping {
            var score = 0.0
            for i in row.indices { score += row[i] * Double(probe[i]) }
            if let held = best, score <= held.score {
                second = max(second ?? -.infinity, score)
            } else {
                second = best?.score
                best = .init(row: index, score: score, runnerUp: nil)
            }
        }
        best?.runnerUp = second
        return best
    }
}
