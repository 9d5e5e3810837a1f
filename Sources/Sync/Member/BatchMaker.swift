import EdgeCore
import SyncCore

/// Makes a batch of what waits in a lane.
struct BatchMaker<Store: MemberStore>: Sendable where Store.Failure == EdgeError {
    let store: Store

    /// The batch for an order; `nil` when the lane has moved on meanwhile.
    ///
    /// Records in `withheld` go without their payload: central did not take them with it.
    func batch(
        _ order: LaneSender.Order, of lane: LaneStatus, without withheld: Set<UInt64>
    ) async throws(EdgeError) -> (request: PushRequest, bytes: Int)? {
        guard let (previous, records) = try await read(order, of: lane), !records.isEmpty else { return nil }
        let payloads = try await store.open(records)
        var wire: [WireRecord] = []
        var bytes = 0
        for (record, payload) in zip(records, payloads) {
            let text = withheld.contains(record.head.position.sequence) ? nil : payload.flatMap(Self.text)
            let size = text?.utf8.count ?? 0
            // One that is longer than a batch goes alone, and central says what becomes of it.
            guard wire.isEmpty || bytes + size <= PushRequest.byteLimit else { break }
            bytes += size
            wire.append(WireRecord(record, payload: text))
        }
        let head = records[wire.count - 1].hash
        let checkpoint = lane.address.lane == .audit ? try await store.newestCheckpoint() : nil
        let request = PushRequest(
            epoch: lane.address.epoch, lane: lane.address.lane, first: order.first, previous: previous, head: head,
            lostFrom: order.lostFrom, records: wire, checkpoint: checkpoint)
        return (request, bytes)
    }

    /// The records with the running hash before them.
    private func read(
        _ order: LaneSender.Order, of lane: LaneStatus
    ) async throws(EdgeError) -> (ChainHash, [OutboxRecord])? {
        let name = lane.address.lane
        if order.first == lane.released + 1 {
            let records = try await store.records(of: name, after: lane.released, limit: order.limit)
            guard records.first?.head.position == RecordPosition(lane.address, sequence: order.first) else {
                return nil
            }
            return (lane.releasedHead, records)
        }
        guard order.first > lane.released + 1 else { return nil }
        let records = try await store.records(of: name, after: order.first - 2, limit: order.limit + 1)
        guard let before = records.first,
            before.head.position == RecordPosition(lane.address, sequence: order.first - 1)
        else { return nil }
        return (before.hash, Array(records.dropFirst()))
    }

    /// Exactly these bytes as text; `nil` for bytes that are none, which would be chained otherwise there than here.
    private static func text(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }
}
