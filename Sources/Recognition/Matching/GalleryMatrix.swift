import CKernels

/// Rows of length 1 in 24 bits, searched exactly.
///
/// A row's 24 bits are the row: scores are computed from all of them in double precision. They differ from those of the
/// row in single precision by no more than that differs from what the net meant.
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
    /// All of them full but the last one.
    private(set) var chunks: [GalleryChunk] = []

    /// Bytes of memory asked for.
    var bytes: Int { chunks.reduce(0) { $0 + $1.bytes } }

    /// An empty matrix.
    init() {}

    /// A matrix of `rows`, each `dimension` numbers of length 1.
    init(rows: [Float], dimension: Int) {
        precondition(dimension > 0 && rows.count.isMultiple(of: dimension), "a matrix has whole rows")
        self.dimension = dimension
        append(rows[...])
    }

    /// The exact nearest row and the next one; `nil` for an empty matrix or a probe that does not fit.
    func nearest(to probe: [Float], skipping row: Int? = nil) -> Nearest? {
        nearest(to: probe, skipping: row, by: ck_match_fastest(dimension)).nearest
    }

    /// The same in one way of the kernel, with the number of rows that were looked at a second time.
    func nearest(
        to probe: [Float], skipping row: Int?, by way: ck_match_way
    ) -> (nearest: Nearest?, exactRows: Int) {
        var coarse = ck_match_probe()
        guard probe.count == dimension, ck_match_prepare(&coarse, probe, dimension) == 1 else { return (nil, 0) }
        var top = ck_match_nothing()
        var first = 0
        for number in chunks.indices {
            chunks[number].search(&top, first: first, coarse: &coarse, probe: probe, skipping: row, way: way)
            first += chunks[number].count
        }
        let exactRows = Int(top.exact_rows)
        guard top.best_row >= 0 else { return (nil, exactRows) }
        let runnerUp = top.second_row >= 0 ? top.second_score : nil
        return (Nearest(row: Int(top.best_row), score: top.best_score, runnerUp: runnerUp), exactRows)
    }

    /// Cosine of one row to a probe; `nil` when they do not fit.
    func score(of row: Int, _ probe: [Float]) -> Double? {
        guard probe.count == dimension, (0..<count).contains(row) else { return nil }
        let (chunk, place) = Self.place(of: row)
        let score = chunks[chunk].score(of: place, probe)
        return score.isFinite ? score : nil
    }

    /// Adds a row at the end; a row of another dimension than the first one is a bug.
    mutating func append(_ row: [Float]) {
        if dimension == 0 { dimension = row.count }
        precondition(row.count == dimension && dimension > 0, "all rows have one dimension")
        append(row[...])
    }

    /// Puts another row in place of one.
    mutating func replace(_ row: Int, with values: [Float]) {
        precondition(values.count == dimension && row < count, "all rows have one dimension")
        let (chunk, place) = Self.place(of: row)
        chunks[chunk].replace(place, with: values)
    }

    /// Takes a row out; the last one takes its place, so that there is no gap.
    mutating func remove(_ row: Int) {
        let last = chunks.count - 1
        count -= 1
        let moved = chunks[last].takeLast(dimension: dimension)
        if row != count {
            let (chunk, place) = Self.place(of: row)
            chunks[chunk].replace(place, with: moved)
        }
        if chunks[last].count == 0 { chunks.removeLast() }
    }

    private mutating func append(_ rows: ArraySlice<Float>) {
        var rest = rows
        while !rest.isEmpty {
            if chunks.last?.isFull ?? true { chunks.append(GalleryChunk()) }
            let added = chunks[chunks.count - 1].append(rest, dimension: dimension)
            rest = rest.dropFirst(added * dimension)
            count += added
        }
    }

    private static func place(of row: Int) -> (chunk: Int, place: Int) {
        (row / GalleryChunk.capacity, row % GalleryChunk.capacity)
    }
}
