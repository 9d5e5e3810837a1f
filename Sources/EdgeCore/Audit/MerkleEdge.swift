/// The hashes of a Merkle tree (RFC 6962, section 2.1), by SHA-256.
public struct MerkleHash: Sendable {
    private let checker: any ProofChecker

    /// Takes its SHA-256 from `checker`.
    public init(_ checker: any ProofChecker) { self.checker = checker }

    /// The hash of a tree without leaves.
    public func empty() throws(EdgeError) -> [UInt8] { try checker.sha256([]) }

    /// The hash of one leaf.
    public func leaf(_ content: some Sequence<UInt8>) throws(EdgeError) -> [UInt8] {
        try checker.sha256([0] + content)
    }

    /// The hash over two neighbouring subtrees.
    public func node(_ left: [UInt8], _ right: [UInt8]) throws(EdgeError) -> [UInt8] {
        try checker.sha256([1] + left + right)
    }
}

/// The right edge of a Merkle tree: all that is needed to append leaves and to know the root.
///
/// It holds one hash for each set bit of the tree's size, so 20 or fewer for a million leaves.
public struct MerkleEdge: Sendable, Equatable {
    private static let hashLength = 32

    /// How many leaves the tree has.
    public private(set) var size: Int64 = 0
    /// The roots of the perfect subtrees that the tree consists of, the largest first.
    private var subtrees: [[UInt8]] = []

    /// An empty tree.
    public init() {}

    /// Appends the hash of a leaf.
    public mutating func append(_ leaf: [UInt8], _ hash: MerkleHash) throws(EdgeError) {
        var rest = subtrees
        var node = leaf
        var places = size
        while places & 1 == 1, let left = rest.popLast() {
            node = try hash.node(left, node)
            places >>= 1
        }
        subtrees = rest + [node]
        size += 1
    }

    /// The root of the whole tree.
    public func root(_ hash: MerkleHash) throws(EdgeError) -> [UInt8] {
        guard var root = subtrees.last else { return try hash.empty() }
        for left in subtrees.dropLast().reversed() { root = try hash.node(left, root) }
        return root
    }

    /// Which leaves stand under each hash that ``root(size:rest:_:)`` takes, for an edge over the first `first` of `size` leaves.
    public static func rest(after first: Int64, size: Int64) -> [Range<Int64>] {
        guard first < size else { return [] }
        return rest(after: first, in: 0..<size)
    }

    private static func rest(after first: Int64, in leaves: Range<Int64>) -> [Range<Int64>] {
        if leaves.lowerBound >= first { return [leaves] }
        if leaves.upperBound <= first { return [] }
        let middle = leaves.lowerBound + leftSize(of: leaves)
        return rest(after: first, in: leaves.lowerBound..<middle) + rest(after: first, in: middle..<leaves.upperBound)
    }

    /// The root of a larger tree that begins with this one, whose further subtrees are known; `nil` when they do not fit.
    public func root(size larger: Int64, rest: [[UInt8]], _ hash: MerkleHash) throws(EdgeError) -> [UInt8]? {
        guard larger >= size else { return nil }
        guard larger > size else { return rest.isEmpty ? try root(hash) : nil }
        var hashes = (subtrees + rest)[...]
        let root = try root(of: 0..<larger, &hashes, hash)
        return hashes.isEmpty ? root : nil
    }

    private func root(
        of leaves: Range<Int64>, _ hashes: inout ArraySlice<[UInt8]>, _ hash: MerkleHash
    ) throws(EdgeError) -> [UInt8]? {
        if leaves.upperBound <= size || leaves.lowerBound >= size { return hashes.popFirst() }
        let middle = leaves.lowerBound + leftSize(of: leaves)
        guard let left = try root(of: leaves.lowerBound..<middle, &hashes, hash),
            let right = try root(of: middle..<leaves.upperBound, &hashes, hash)
        else { return nil }
        return try hash.node(left, right)
    }

    /// The edge over some of the leaves; `nil` where they are not whole subtrees of this one.
    public func part(_ leaves: Range<Int64>) -> MerkleEdge? {
        var part = MerkleEdge()
        var start: Int64 = 0
        let heights = (0..<Int64.bitWidth - 1).reversed().filter { size >> $0 & 1 == 1 }
        for (height, root) in zip(heights, subtrees) {
            let end = start + (1 << height)
            if start >= leaves.lowerBound, end <= leaves.upperBound {
                part.subtrees.append(root)
                part.size += end - start
            }
            start = end
        }
        return part.size == leaves.upperBound - leaves.lowerBound ? part : nil
    }

    /// The edge as bytes, to be kept: the size, then the hashes.
    public var bytes: [UInt8] {
        let places = stride(from: 56, through: 0, by: -8)
        return places.map { UInt8(truncatingIfNeeded: size >> $0) } + subtrees.flatMap { $0 }
    }

    /// Reads what ``bytes`` gave; `nil` for anything else.
    public init?(bytes: [UInt8]) {
        guard bytes.count >= 8 else { return nil }
        let count = bytes.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let hashes = bytes.dropFirst(8)
        guard count >= 0, hashes.count == count.nonzeroBitCount * Self.hashLength else { return nil }
        size = count
        subtrees = stride(from: hashes.startIndex, to: hashes.endIndex, by: Self.hashLength).map {
            Array(hashes[$0..<($0 + Self.hashLength)])
        }
    }
}
