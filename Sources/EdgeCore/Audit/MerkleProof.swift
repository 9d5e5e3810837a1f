/// Shows that a leaf is in a tree whose root is known (RFC 6962, section 2.1.1).
public struct InclusionProof: Sendable, Equatable, Codable {
    /// The leaf's place, from 0.
    public let index: Int64
    /// The size of the tree.
    public let size: Int64
    /// The roots of the neighbouring subtrees, from the leaf up.
    public let path: [[UInt8]]

    /// Puts a proof together.
    public init(index: Int64, size: Int64, path: [[UInt8]]) {
        self.index = index
        self.size = size
        self.path = path
    }

    /// Which leaves stand under each hash of the path; empty when the tree has no such leaf.
    public static func ranges(index: Int64, size: Int64) -> [Range<Int64>] {
        guard index >= 0, index < size else { return [] }
        return ranges(of: index, in: 0..<size)
    }

    private static func ranges(of index: Int64, in leaves: Range<Int64>) -> [Range<Int64>] {
        guard leaves.count > 1 else { return [] }
        let middle = leaves.lowerBound + leftSize(of: leaves)
        if index < middle {
            return ranges(of: index, in: leaves.lowerBound..<middle) + [middle..<leaves.upperBound]
        }
        return ranges(of: index, in: middle..<leaves.upperBound) + [leaves.lowerBound..<middle]
    }

    /// The root that follows from the leaf and the path; `nil` when the path does not fit the place (RFC 9162, 2.1.3.2).
    public func root(leaf: [UInt8], _ hash: MerkleHash) throws(EdgeError) -> [UInt8]? {
        guard index >= 0, index < size else { return nil }
        var (place, last, node) = (index, size - 1, leaf)
        for neighbour in path {
            guard last > 0 else { return nil }
            if place & 1 == 1 || place == last {
                node = try hash.node(neighbour, node)
                while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                node = try hash.node(node, neighbour)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 ? node : nil
    }
}

/// Shows that a tree is an earlier one with leaves appended (RFC 6962, section 2.1.2).
public struct ConsistencyProof: Sendable, Equatable, Codable {
    /// The size of the earlier tree.
    public let first: Int64
    /// The size of the later tree.
    public let second: Int64
    /// The roots of subtrees that both roots follow from.
    public let path: [[UInt8]]

    /// Puts a proof together.
    public init(first: Int64, second: Int64, path: [[UInt8]]) {
        self.first = first
        self.second = second
        self.path = path
    }

    /// Which leaves stand under each hash of the path; empty when the trees are the same or are none.
    public static func ranges(first: Int64, second: Int64) -> [Range<Int64>] {
        guard first > 0, first < second else { return [] }
        return ranges(of: first, in: 0..<second, isWhole: true)
    }

    private static func ranges(of first: Int64, in leaves: Range<Int64>, isWhole: Bool) -> [Range<Int64>] {
        guard first < leaves.upperBound else { return isWhole ? [] : [leaves] }
        let middle = leaves.lowerBound + leftSize(of: leaves)
        if first <= middle {
            return ranges(of: first, in: leaves.lowerBound..<middle, isWhole: isWhole)
                + [middle..<leaves.upperBound]
        }
        return ranges(of: first, in: middle..<leaves.upperBound, isWhole: false) + [leaves.lowerBound..<middle]
    }

    /// Whether the later root follows from the earlier one by appending (RFC 9162, section 2.1.4.2).
    public func holds(first earlier: [UInt8], second later: [UInt8], _ hash: MerkleHash) throws(EdgeError) -> Bool {
        guard first > 0, first <= second else { return false }
        guard first < second else { return path.isEmpty && earlier == later }
        // A perfect earlier tree is its own first hash, which the path leaves out.
        let hashes = first.nonzeroBitCount == 1 ? [earlier] + path : path
        guard let start = hashes.first else { return false }
        var (place, last) = (first - 1, second - 1)
        while place & 1 == 1 { (place, last) = (place >> 1, last >> 1) }
        var (old, new) = (start, start)
        for each in hashes.dropFirst() {
            guard last > 0 else { return false }
            if place & 1 == 1 || place == last {
                (old, new) = (try hash.node(each, old), try hash.node(each, new))
                while place & 1 == 0, place != 0 { (place, last) = (place >> 1, last >> 1) }
            } else {
                new = try hash.node(new, each)
            }
            (place, last) = (place >> 1, last >> 1)
        }
        return last == 0 && old == earlier && new == later
    }
}

/// How many of these leaves stand left of the topmost node: the largest power of two below their number.
func leftSize(of leaves: Range<Int64>) -> Int64 {
    1 << (Int64.bitWidth - 1 - (Int64(leaves.count) - 1).leadingZeroBitCount)
}
