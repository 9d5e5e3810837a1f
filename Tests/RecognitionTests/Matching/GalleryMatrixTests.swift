import CKernels
import Testing

@testable import Recognition

@Suite("The gallery matrix")
struct GalleryMatrixTests {
    @Test(
        "finds exactly what a plain loop in double precision finds, in every way of the kernel",
        arguments: [(1, 128), (2, 128), (63, 128), (65, 128), (1023, 128), (1024, 128), (1025, 128), (4099, 128)]
            + [(300, 1), (300, 3), (300, 32), (300, 64), (300, 130), (300, 512), (64, 1024)])
    func agreesWithThePlainLoop(count: Int, dimension: Int) throws {
        let matrix = GalleryMatrix(rows: Rows.random(count, dimension, seed: 7), dimension: dimension)
        let stored = StoredRows(matrix)
        let probes = Rows.random(6, dimension, seed: 8)
        for index in 0..<6 {
            let probe = Rows.row(index, of: probes, dimension)
            let skipped = index.isMultiple(of: 3) ? count * index / 7 : nil
            try stored.expect(matrix, probe, skipping: skipped)
        }
    }

    @Test("loses nothing that matters: a row is within 24 bits of what was put in", arguments: [1, 3, 128, 512])
    func keepsPrecision(dimension: Int) throws {
        let rows = Rows.random(200, dimension, seed: 12)
        let matrix = GalleryMatrix(rows: rows, dimension: dimension)
        let probe = Rows.random(1, dimension, seed: 13)
        for index in 0..<200 {
            let full = ck_match_dot(Rows.row(index, of: rows, dimension), probe, dimension)
            let score = try #require(matrix.score(of: index, probe))
            #expect(abs(score - full) < 0x1p-22)
        }
    }

    @Test("finds the best among rows that differ by less than an 8-bit step", arguments: [1e-4, 1e-6] as [Float])
    func tellsNearlyEqualRowsApart(distance: Float) throws {
        let base = Rows.random(1, 128, seed: 1)
        let noise = Rows.random(1500, 128, seed: 2)
        var rows: [Float] = []
        for index in 0..<1500 {
            let moved = zip(base, Rows.row(index, of: noise, 128)).map { $0 + distance * $1 }
            rows += try Rows.normal(moved)
        }
        let matrix = GalleryMatrix(rows: rows, dimension: 128)
        let stored = StoredRows(matrix)
        for index in stride(from: 0, to: 1500, by: 151) {
            try stored.expect(matrix, Rows.row(index, of: rows, 128))
        }
    }

    @Test("is exact where every row is better than the one before, which costs the most")
    func isExactForRisingRows() throws {
        let pair = Rows.random(2, 128, seed: 3)
        let (probe, other) = (Rows.row(0, of: pair, 128), Rows.row(1, of: pair, 128))
        var rows: [Float] = []
        for step in 0..<1500 {
            let share = Float(step) / 1500
            rows += try Rows.normal(zip(probe, other).map { $0 * share + $1 * (1 - share) })
        }
        let matrix = GalleryMatrix(rows: rows, dimension: 128)
        #expect(matrix.nearest(to: probe)?.row == 1499)
        try StoredRows(matrix).expect(matrix, probe)
    }

    @Test("is exact where 8 bits, of the row or of the probe, mislead as far as they can", arguments: [128, 512, 1024])
    func isExactWhereCodesMislead(dimension: Int) throws {
        var random = SeededGenerator(seed: 31)
        // All numbers in the middle between two codes, and all rounded the same way; beside them numbers that lose nothing.
        let between = (1..<dimension).map { _ in Float(Int.random(in: -90..<90, using: &random)) + 0.498 }
        let level = [Float](repeating: 127, count: dimension - 1)
        // The largest number of a row is half a code more than 127.
        for (rowRest, probeRest) in [(between, level), (level, between)] {
            let best = try Rows.normal([127.49999] + rowRest)
            let probe = try Rows.normal([127] + probeRest)
            // Two rows that are a little worse and come first, so that the best one stands or falls by its bound.
            let rival = try Rows.rival(score: ck_match_dot(best, probe, dimension) - 1e-5, probe)
            let matrix = GalleryMatrix(rows: rival + rival + best, dimension: dimension)
            #expect(matrix.nearest(to: probe)?.row == 2)
            try StoredRows(matrix).expect(matrix, probe)
        }
    }

    @Test("is exact for rows and probes of one number only, and for those of few")
    func isExactForSparseRows() throws {
        var rows = [Float](repeating: 0, count: 64 * 64)
        for place in 0..<64 { rows[65 * place] = place.isMultiple(of: 2) ? 1 : -1 }
        let matrix = GalleryMatrix(rows: rows, dimension: 64)
        for place in [0, 1, 62, 63] {
            var probe = [Float](repeating: 0, count: 64)
            probe[place] = 1
            try StoredRows(matrix).expect(matrix, probe)
            #expect(matrix.nearest(to: probe, skipping: place)?.score == 0)
        }
        #expect(matrix.nearest(to: [Float](repeating: 0, count: 64)) == .init(row: 0, score: 0, runnerUp: 0))
    }

    @Test("is exact for a probe of any length", arguments: [1e-30, 0.5, 1.005, 3e4] as [Float])
    func isExactForProbesOfAnyLength(length: Float) throws {
        let matrix = GalleryMatrix(rows: Rows.random(2000, 128, seed: 41), dimension: 128)
        try StoredRows(matrix).expect(matrix, Rows.random(1, 128, seed: 42).map { $0 * length })
    }

    @Test("keeps the bound of each row: what 8 bits lose is never more than the slack")
    func boundsHold() {
        let rows = Rows.random(400, 128, seed: 11)
        var (codes, fines) = ([Int8](repeating: 0, count: rows.count), [Int16](repeating: 0, count: rows.count))
        var (steps, slacks) = ([Float](repeating: 0, count: 400), [Float](repeating: 0, count: 400))
        ck_match_encode(rows, 400, 128, &codes, &fines, &steps, &slacks)
        for index in 0..<400 {
            let lost = fines[index * 128..<(index + 1) * 128].reduce(0.0) { sum, fine in
                sum + Double(steps[index]) * Double(steps[index]) * Double(fine) * Double(fine)
            }
            #expect(lost.squareRoot() <= Double(slacks[index]))
            #expect(slacks[index] < 0.01, "a loose bound would make every row a candidate")
        }
    }

    @Test("answers ties with the lower row, in one chunk and over two", arguments: [3, 1500])
    func tiesGoToTheLowerRow(count: Int) throws {
        let one = Rows.random(1, 128, seed: 5)
        let matrix = GalleryMatrix(rows: (0..<count).flatMap { _ in one }, dimension: 128)
        let found = try #require(matrix.nearest(to: one))
        #expect(found.row == 0)
        #expect(found.runnerUp == found.score)
        #expect(matrix.nearest(to: one, skipping: 0)?.row == 1)
    }

    @Test("answers nothing for a probe that is not a vector of its kind", arguments: [Float.nan, .infinity])
    func refusesBrokenProbes(value: Float) {
        let matrix = GalleryMatrix(rows: Rows.random(100, 128, seed: 5), dimension: 128)
        var probe = Rows.random(1, 128, seed: 6)
        probe[77] = value
        #expect(matrix.nearest(to: probe) == nil)
        #expect(matrix.score(of: 3, probe) == nil)
        #expect(matrix.nearest(to: [1, 0]) == nil)
        #expect(GalleryMatrix().nearest(to: probe) == nil)
    }

    @Test("looks at few rows a second time in a random gallery, and at the same ones in every way of the kernel")
    func boundIsTight() {
        let matrix = GalleryMatrix(rows: Rows.random(50_000, 128, seed: 21), dimension: 128)
        let probes = Rows.random(10, 128, seed: 22)
        for index in 0..<10 {
            let probe = Rows.row(index, of: probes, 128)
            let found = Rows.ways(128).map { matrix.nearest(to: probe, skipping: nil, by: $0) }
            #expect(found.allSatisfy { $0.exactRows < 500 && $0.exactRows == found[0].exactRows })
            #expect(found.allSatisfy { $0.nearest == found[0].nearest })
        }
    }
}
