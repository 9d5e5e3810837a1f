/// The running hash of a lane after one record: it stands for that record and all before it.
public struct ChainHash: Hashable, Sendable {
    /// 32 bytes.
    public let bytes: [UInt8]

    /// The hash before the first record of a lane: 32 zero bytes.
    public static let start = ChainHash(filling: 0)

    /// Wraps a hash; `nil` unless it has 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    private init(filling byte: UInt8) { bytes = Array(repeating: byte, count: 32) }
}

/// What the intake rule needs to know of a pushed batch: where its records stand and how they are chained.
public struct RecordBatch: Sendable, Equatable {
    /// The most records that one batch holds; written out they are fewer values than a body may have (10,000).
    public static let limit = 768
    /// As many take also those centrals that do not say how many they take.
    public static let usual = 256

    /// The number of the first record, at least 1.
    public let first: UInt64
    /// The running hash before the first record.
    public let previous: ChainHash
    /// The running hash after each record, at least one.
    public let hashes: [ChainHash]
    /// The number of the first record that the device has no more, when it lost those before ``first``: a lane that was
    /// full dropped its oldest, or central was restored and asks for what it had acknowledged.
    public let lostFrom: UInt64?

    /// Describes a batch; `nil` for one that is empty, too long, or does not count from 1.
    public init?(first: UInt64, previous: ChainHash, hashes: [ChainHash], lostFrom: UInt64? = nil) {
        guard lostFrom.map({ 0 < $0 && $0 < first }) ?? true else { return nil }
        guard first > 0, !hashes.isEmpty, hashes.count <= Self.limit else { return nil }
        guard first <= UInt64.max - UInt64(Self.limit) else { return nil }
        self.first = first
        self.previous = previous
        self.hashes = hashes
        self.lostFrom = lostFrom
    }

    /// The number of the last record.
    public var last: UInt64 { first + UInt64(hashes.count) - 1 }

    /// The running hash after record `sequence`; also knows the one just before the batch, and none outside.
    public func hash(after sequence: UInt64) -> ChainHash? {
        if sequence == first - 1 { return previous }
        guard first <= sequence, sequence <= last else { return nil }
        return hashes[Int(sequence - first)]
    }
}
