/// Which row of a gallery a key has, in many small dictionaries: a change copies one of them and shares all others.
struct RowIndex<Key: Hashable & Sendable>: Sendable {
    /// With some 100,000 people the list of dictionaries and each of them are then about equally long to copy.
    private static var shardCount: Int { 512 }
    // A row's number in half the bytes: a gallery of more rows would not fit into memory. No dictionary before the first key.
    private(set) var shards: [[Key: UInt32]] = []

    /// The row of a key; `nil` when it has none.
    func row(of key: Key) -> Int? {
        shards.isEmpty ? nil : shards[Self.shard(of: key)][key].map(Int.init)
    }

    /// Gives a key a row.
    mutating func set(_ key: Key, to row: Int) {
        if shards.isEmpty { shards = Array(repeating: [:], count: Self.shardCount) }
        shards[Self.shard(of: key)][key] = UInt32(row)
    }

    /// Forgets a key.
    ///
    /// What a dictionary gives up stays in its memory, so the one that held the key is made anew.
    mutating func remove(_ key: Key) {
        guard !shards.isEmpty else { return }
        let shard = Self.shard(of: key)
        shards[shard] = shards[shard].filter { $0.key != key }
    }

    /// A dictionary hashes with a seed of its own, so keys that share one are spread in it like any others.
    private static func shard(of key: Key) -> Int { Int(UInt(bitPattern: key.hashValue) % UInt(shardCount)) }
}
