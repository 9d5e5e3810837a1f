/// Decides about the one batch that is made ready while the batch before it is on its way.
///
/// It goes only where central has said that it has exactly the batch before, and where the lane then stands as it was
/// expected to. In every other case it is thrown away, and a batch is made of what the lane holds.
public struct ReadAhead: Sendable, Equatable {
    /// Whose records, of which epoch.
    public let address: LaneAddress
    /// The first of its records: the one behind the batch that is on its way.
    public let first: UInt64
    /// The running hash before it: the last one of that batch.
    public let previous: ChainHash
    /// The most records that it holds.
    public let limit: Int

    /// What to make ready behind a batch that ends at record `last` with the running hash `head`.
    ///
    /// `nil` where less than a full batch waits behind it: what comes meanwhile would only make the one after it shorter.
    public init?(behind last: UInt64, head: ChainHash, of lane: LaneStatus, limit: Int) {
        guard limit > 0, lane.last >= last, lane.last - last >= UInt64(limit) else { return nil }
        address = lane.address
        first = last + 1
        previous = head
        self.limit = limit
    }

    /// Whether what was made ready, `count` records, is what `order` asks for, with the lane as it stands now.
    public func fits(_ order: LaneSender.Order, of lane: LaneStatus, count: Int) -> Bool {
        guard lane.address == address, lane.released + 1 == first, lane.releasedHead == previous else { return false }
        return order.first == first && order.lostFrom == nil && (1...max(1, order.limit)).contains(count)
    }
}
