import CKernels

/// Rows of length 1 that are kept together, in the two planes of the matching kernel.
///
/// A copy shares its memory until one of both changes: a change of one row copies this chunk and no other.
struct GalleryChunk: Sendable {
    /// Rows of a full chunk: few enough that a copy takes some ten microseconds, and enough that a list of all chunks
    /// of a million rows is copied in as little.
    static let capacity = 1024

    /// One row in the form of a chunk.
    struct Row {
        var codes: [Int8]
        var fines: [Int16]
        var step: Float
        var slack: Float
    }

    /// How many rows.
    private(set) var count = 0
    /// The rows in 8 bits, a third of their bytes, for the first look.
    private(set) var codes: [Int8] = []
    /// What the codes lack of 24 bits, for the exact score.
    private(set) var fines: [Int16] = []
    private(set) var steps: [Float] = []
    private(set) var slacks: [Float] = []

    /// Whether another row needs another chunk.
    var isFull: Bool { count == Self.capacity }

    /// Bytes of memory asked for.
    var bytes: Int { codes.capacity + 2 * fines.capacity + 4 * (steps.capacity + slacks.capacity) }

    /// Takes the first rows of `rows`, as many as there is room for, and tells how many.
    mutating func append(_ rows: ArraySlice<Float>, dimension: Int) -> Int {
        let added = min(rows.count / dimension, Self.capacity - count)
        grow(to: count + added, dimension: dimension)
        codes.append(contentsOf: repeatElement(0, count: added * dimension))
        fines.append(contentsOf: repeatElement(0, count: added * dimension))
        steps.append(contentsOf: repeatElement(0, count: added))
        slacks.append(contentsOf: repeatElement(0, count: added))
        count += added
        encode(rows.prefix(added * dimension), at: count - added, dimension: dimension)
        return added
    }

    /// Puts another row in place of one.
    mutating func replace(_ place: Int, with row: [Float]) {
        encode(row[...], at: place, dimension: row.count)
    }

    /// Puts a row that is in this form already in place of one.
    mutating func replace(_ place: Int, with row: Row) {
        let dimension = row.codes.count
        for i in 0..<dimension {
            codes[place * dimension + i] = row.codes[i]
            fines[place * dimension + i] = row.fines[i]
        }
        steps[place] = row.step
        slacks[place] = row.slack
    }

    /// Takes the last row out.
    ///
    /// What an array gives up stays in its memory: the freed place is overwritten first.
    mutating func takeLast(dimension: Int) -> Row {
        count -= 1
        let freed = count * dimension..<(count + 1) * dimension
        let row = Row(codes: Array(codes[freed]), fines: Array(fines[freed]), step: steps[count], slack: slacks[count])
        for i in freed {
            codes[i] = 0
            fines[i] = 0
        }
        codes.removeLast(dimension)
        fines.removeLast(dimension)
        steps.removeLast()
        slacks.removeLast()
        return row
    }

    /// Looks at this chunk's rows, of which the first is row `first` of all.
    func search(
        _ top: inout ck_match_top2, first: Int, coarse: inout ck_match_probe, probe: [Float], skipping row: Int?,
        way: ck_match_way
    ) {
        ck_match_search(
            &top, codes, fines, steps, slacks, count, Int64(first), &coarse, probe, Int64(row ?? -1), way)
    }

    /// The exact score of one row.
    func score(of place: Int, _ probe: [Float]) -> Double {
        let offset = place * probe.count
        return codes.withUnsafeBufferPointer { codes in
            fines.withUnsafeBufferPointer { fines in
                guard let codes = codes.baseAddress, let fines = fines.baseAddress else { return .nan }
                return ck_match_score(codes + offset, fines + offset, steps[place], probe, probe.count)
            }
        }
    }

    /// Makes room for rows: twice as many as there are, since a small gallery needs no full chunk, but never more than that.
    private mutating func grow(to rows: Int, dimension: Int) {
        guard codes.capacity < rows * dimension || steps.capacity < rows else { return }
        let room = min(max(rows, 2 * count, 8), Self.capacity)
        codes.reserveCapacity(room * dimension)
        fines.reserveCapacity(room * dimension)
        steps.reserveCapacity(room)
        slacks.reserveCapacity(room)
    }

    private mutating func encode(_ rows: ArraySlice<Float>, at place: Int, dimension: Int) {
        let offset = place * dimension
        rows.withUnsafeBufferPointer { rows in
            codes.withUnsafeMutableBufferPointer { codes in
                fines.withUnsafeMutableBufferPointer { fines in
                    steps.withUnsafeMutableBufferPointer { steps in
                        slacks.withUnsafeMutableBufferPointer { slacks in
                            guard let from = rows.baseAddress, let codes = codes.baseAddress,
                                let fines = fines.baseAddress, let steps = steps.baseAddress,
                                let slacks = slacks.baseAddress
                            else { return }
                            ck_match_encode(
                                from, rows.count / dimension, dimension, codes + offset, fines + offset,
                                steps + place, slacks + place)
                        }
                    }
                }
            }
        }
    }
}
