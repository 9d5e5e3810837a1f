import SyncCore

/// What is sent of a lane, made of what is on disk or made before.
extension VirtualDevice {
    /// The most records of a batch here, so that stories have many of them.
    static let longestBatch = 5

    /// How a lane stands, as the rules want to know it.
    private func status(of lane: Lane) -> LaneStatus {
        let stock = disk[lane]
        return LaneStatus(
            address: LaneAddress(device: id, epoch: disk.epoch, lane: lane), last: stock.newest, head: stock.head,
            released: stock.oldest - 1, releasedHead: stock.base, acknowledged: stock.acknowledged, bytes: 0,
            oldest: nil)
    }

    /// The batch for an order: the one that was made before where that is what the order asks for.
    mutating func batch(_ order: LaneSender.Order, of lane: Lane) -> (RecordBatch, [Payload])? {
        let ahead = memory.ahead.removeValue(forKey: lane)
        if let ahead, ahead.rule.fits(order, of: status(of: lane), count: ahead.payloads.count) {
            return (ahead.batch, ahead.payloads)
        }
        let stock = disk[lane]
        let records = stock.records.drop { $0.sequence < order.first }.prefix(min(order.limit, Self.longestBatch))
        let previous = stock.records.last { $0.sequence < order.first }?.hash ?? stock.base
        let batch = RecordBatch(
            first: order.first, previous: previous, hashes: records.map(\.hash), lostFrom: order.lostFrom)
        return batch.map { ($0, records.map(\.payload)) }
    }

    /// Makes the batch behind one that goes now, where a whole one waits.
    mutating func readAhead(behind sent: RecordBatch, of lane: Lane) {
        guard lane > .enrollment, let head = sent.hash(after: sent.last),
            let rule = ReadAhead(behind: sent.last, head: head, of: status(of: lane), limit: Self.longestBatch)
        else { return }
        let records = disk[lane].records.drop { $0.sequence < rule.first }.prefix(rule.limit)
        guard records.first?.sequence == rule.first,
            let batch = RecordBatch(first: rule.first, previous: rule.previous, hashes: records.map(\.hash))
        else { return }
        memory.ahead[lane] = AheadBatch(rule: rule, batch: batch, payloads: records.map(\.payload))
    }
}
