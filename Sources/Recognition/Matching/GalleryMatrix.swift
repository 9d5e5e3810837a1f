import CKernels

/// Rows of length 1, laid out for the matching kernel.
struct GalleryMatrix: Sendable {
    /// The two rows nearest to a probe.
    struct Nearest: Sendable, Equatable {
        var row: Int
        var score: Double
        /// Cosine of the next row; `nil` when there is none.
        var runnerUp: Double?
    }

    /// Numbers in a row; 0 until the first row.
    private(set) var dimension = 0
    /// How many rows.
    private(set) var count = 0
    private var rows: [Float] = []
    // The same rows in 8 bits: a quarter of the memory traffic for the first, coarse look.
    private var codes: [UInt8] = []
    private var steps: [Float] = []
    private var slacks: [Float] = []

    /// An empty matrix.
    init() {}

    /// A matrix of `rows`, each `dimension` numbers of length 1.
    init(rows: [Float], dimension: Int) {
        precondition(dimension > 0 && rows.count.isMultiple(of: dimension), "a matrix has whole rows")
        self.dimension = dimension
        self.rows = rows
        count = rows.count / dimension
        encode(from: 0)
    }

    /// The exact nearest row and the next one; `nil` for an empty matrix or a probe that does not fit.
    func nearest(to probe: [Float], skipping row: Int? = nil) -> Nearest? {
        guard probe.count == dimension, count > 0 else { return nil }
        let top = ck_match_search(rows, codes, steps, slacks, count, dimension, probe, Int64(row ?? -1))
        guard top.best_row >= 0 else { return nil }
        return Nearest(
            row: Int(top.best_row), score: top.best_score, runnerUp: top.second_row >= 0 ? top.second_score : nil)
    }

    /// Cosine of one row to a probe; `nil` when they do not fit.
    func score(of row: Int, _ probe: [Float]) -> Double? {
        guard probe.count == dimension, (0..<count).contains(row) else { return nil }
        let score = rows.withUnsafeBufferPointer { rows in
            rows.baseAddress.map { ck_match_dot($0 + row * dimension, probe, dimension) }
        }
        return score.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Adds a row at the end; a row of another dimension than the first one is a bug.
    mutating func append(_ row: [Float]) {
        if dimension == 0 { dimension = row.count }
        precondition(row.count == dimension && dimension > 0, "all rows have one dimension")
        rows.append(contentsOf: row)
        count += 1
        encode(from: count - 1)
    }

    /// Puts another row in place of one.
    mutating func replace(_ row: Int, with values: [Float]) {
        precondition(values.count == dimension && row < count, "all rows have one dimension")
        rows.replaceSubrange(row * dimension..<(row + 1) * dimension, with: values)
        encode(row..<row + 1)
    }

    /// Takes a row out; the last one takes its place, so that there is no gap.
    ///
    /// What an array gives up stays in its memory: the freed place is overwritten first.
    mutating func remove(_ row: Int) {
        let last = count - 1
        if row != last {
            let (to, from) = (row * dimension, last * dimension)
            for i in 0..<dimension {
                rows[to + i] = rows[from + i]
                codes[to + i] = codes[from + i]
            }
            steps[row] = steps[last]
            slacks[row] = slacks[last]
        }
        for i in last * dimension..<count * dimension {
            rows[i] = 0
            codes[i] = 0
        }
        count = last
        rows.removeLast(dimension)
        codes.removeLast(dimension)
        steps.removeLast()
        slacks.removeLast()
    }

    /// Makes room, so that loading does not copy again and again.
    mutating func reserve(_ people: Int, dimension: Int) {
        rows.reserveCapacity(people * dimension)
        codes.reserveCapacity(people * dimension)
        steps.reserveCapacity(people)
        slacks.reserveCapacity(people)
    }

    private mutating func encode(from first: Int) {
        codes.append(contentsOf: repeatElement(0, count: (count - first) * dimension))
        steps.append(contentsOf: repeatElement(0, count: count - first))
        slacks.append(contentsOf: repeatElement(0, count: count - first))
        encode(first..<count)
    }

    private mutating func encode(_ range: Range<Int>) {
        let offset = range.lowerBound * dimension
        rows.withUnsafeBufferPointer { rows in
            codes.withUnsafeMutableBufferPointer { codes in
                steps.withUnsafeMutableBufferPointer { steps in
                    slacks.withUnsafeMutableBufferPointer { slacks in
                        guard let rows = rows.baseAddress, let codes = codes.baseAddress,
                            let steps = steps.baseAddress, let slacks = slacks.baseAddress
                        else { return }
                        ck_match_encode(
                            rows + offset, range.count, dimension, codes + offset, steps + range.lowerBound,
                            slacks + range.lowerBound)
                    }
                }
            }
        }
    }
}
