import CKernels
import Testing

@testable import Recognition

@Suite("The gallery matrix")
struct GalleryMatrixTests {
    @Test(
        "finds exactly what a plain loop in double precision finds",
        arguments: [(1, 128), (2, 128), (63, 128), (64, 128), (65, 128), (1000, 128), (4099, 128)]
            + [(300, 1), (300, 3), (300, 64), (300, 130), (300, 512), (64, 1024)])
    func agreesWithThePlainLoop(count: Int, dimension: Int) throws {
        let rows = random(count, dimension, seed: 7)
        let matrix = GalleryMatrix(rows: rows, dimension: dimension)
        let probes = random(6, dimension, seed: 8)
        for index in 0..<6 {
            let probe = row(index, of: probes, dimension)
            let skipped = index.isMultiple(of: 3) ? index % count : nil
            let found = matrix.nearest(to: probe, skipping: skipped)
            #expect(found == plainLoop(rows, dimension, probe, skipping: skipped))
        }
    }

    @Test("finds the best among rows that differ by less than an 8-bit step")
    func tellsNearlyEqualRowsApart() throws {
        let base = random(1, 128, seed: 1)
        let noise = random(1000, 128, seed: 2)
        var rows: [Float] = []
        for index in 0..<1000 {
            let row = zip(base, row(index, of: noise, 128)).map { $0 + 1e-4 * $1 }
            rows += try #require(TemplateMath.mean(of: [row]))
        }
        let matrix = GalleryMatrix(rows: rows, dimension: 128)
        for index in stride(from: 0, to: 1000, by: 151) {
            let probe = row(index, of: rows, 128)
            #expect(matrix.nearest(to: probe) == plainLoop(rows, 128, probe, skipping: nil))
        }
    }

    @Test("is exact where every row is better than the one before, which costs the most")
    func isExactForRisingRows() throws {
        let pair = random(2, 128, seed: 3)
        let (probe, other) = (row(0, of: pair, 128), row(1, of: pair, 128))
        var rows: [Float] = []
        for step in 0..<500 {
            let mix = zip(probe, other).map { $0 * Float(step) / 500 + $1 * (1 - Float(step) / 500) }
            rows += try #require(TemplateMath.mean(of: [mix]))
        }
        let found = try #require(GalleryMatrix(rows: rows, dimension: 128).nearest(to: probe))
        #expect(found.row == 499)
        #expect(found == plainLoop(rows, 128, probe, skipping: nil))
    }

    @Test("keeps the bound of each row: what 8 bits lose is never more than the slack")
    func boundsHold() {
        let count = 400
        let rows = random(count, 128, seed: 11)
        var codes = [UInt8](repeating: 0, count: count * 128)
        var steps = [Float](repeating: 0, count: count)
        var slacks = [Float](repeating: 0, count: count)
        ck_match_encode(rows, count, 128, &codes, &steps, &slacks)
        for index in 0..<count {
            var lost = 0.0
            for i in index * 128..<(index + 1) * 128 {
                let difference = Double(rows[i]) - Double(steps[index]) * (Double(codes[i]) - 64)
                lost += difference * difference
            }
            #expect(lost.squareRoot() <= Double(slacks[index]))
            #expect(slacks[index] < 0.02, "a loose bound would make every row a candidate")
        }
    }

    @Test("answers ties with the lower row")
    func tiesGoToTheLowerRow() throws {
        let one = random(1, 128, seed: 5)
        let found = try #require(GalleryMatrix(rows: one + one + one, dimension: 128).nearest(to: one))
        #expect(found.row == 0)
        #expect(found.runnerUp == found.score)
    }

    @Test("answers nothing for a probe that is not a vector of its kind", arguments: [Float.nan, .infinity])
    func refusesBrokenProbes(value: Float) {
        let matrix = GalleryMatrix(rows: random(100, 128, seed: 5), dimension: 128)
        var probe = random(1, 128, seed: 6)
        probe[77] = value
        #expect(matrix.nearest(to: probe) == nil)
        #expect(matrix.score(of: 3, probe) == nil)
        #expect(matrix.nearest(to: [1, 0]) == nil)
        #expect(GalleryMatrix().nearest(to: probe) == nil)
    }

    @Test("looks at few rows a second time in a random gallery, and at the same ones on every processor")
    func boundIsTight() {
        let rows = random(50_000, 128, seed: 21)
        var codes = [UInt8](repeating: 0, count: rows.count)
        var (steps, slacks) = ([Float](repeating: 0, count: 50_000), [Float](repeating: 0, count: 50_000))
        ck_match_encode(rows, 50_000, 128, &codes, &steps, &slacks)
        let probes = random(10, 128, seed: 22)
        for index in 0..<10 {
            let top = ck_match_search(rows, codes, steps, slacks, 50_000, 128, row(index, of: probes, 128), -1)
            #expect(top.exact_rows < 1000)
            let portable = ck_match_search_portable(
                rows, codes, steps, slacks, 50_000, 128, row(index, of: probes, 128), -1)
            #expect(portable.best_row == top.best_row && portable.second_row == top.second_row)
            #expect(portable.best_score == top.best_score && portable.exact_rows == top.exact_rows)
        }
    }
}

private func random(_ count: Int, _ dimension: Int, seed: UInt64) -> [Float] {
    var rows = [Float](repeating: 0, count: count * dimension)
    ck_match_random(&rows, count, dimension, seed)
    return rows
}

private func row(_ index: Int, of rows: [Float], _ dimension: Int) -> [Float] {
    Array(rows[index * dimension..<(index + 1) * dimension])
}

private func plainLoop(
    _ rows: [Float], _ dimension: Int, _ probe: [Float], skipping: Int?
) -> GalleryMatrix.Nearest? {
    var best: GalleryMatrix.Nearest?
    var second: Double?
    for index in 0..<rows.count / dimension where index != skipping {
        var score = 0.0
        for i in 0..<dimension { score += Double(rows[index * dimension + i]) * Double(probe[i]) }
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
