import EdgeCore
import SyncCore

/// A batch as it was made of what waits.
struct MadeBatch: Sendable {
    let request: PushRequest
    /// What its payloads take, before anything is packed.
    let bytes: Int
}

/// A batch that only has to go, with what has to be known of it beside its records.
struct ReadyBatch: Sendable {
    let push: ReadyPush
    let first: UInt64
    let last: UInt64
    /// The running hash after the last record.
    let head: ChainHash
    let bytes: Int

    init(_ made: MadeBatch, as push: ReadyPush) {
        self.push = push
        first = made.request.first
        last = made.request.first + UInt64(made.request.records.count) - 1
        head = made.request.head
        bytes = made.bytes
    }

    var count: Int { Int(last - first) + 1 }
}

/// Makes a batch of what waits in a lane.
struct BatchMaker<Store: MemberStore>: Sendable where Store.Failure == EdgeError {
    let store: Store

    /// The batch for an order; `nil` when the lane has moved on meanwhile.
    ///
    /// Records in `withheld` go without their payload: central did not take them with it.
    func batch(
        _ order: LaneSender.Order, of lane: LaneStatus, without withheld: Set<UInt64>
    ) async throws(EdgeError) -> MadeBatch? {
        guard let previous = try await hash(before: order.first, of: lane) else { return nil }
        let limit = order.limit
        guard let waiting = try await records(from: order.first, of: lane.address, limit: limit) else { return nil }
        return try await batch(waiting, after: previous, lostFrom: order.lostFrom, without: withheld)
    }

    /// The batch behind one that is on its way; `nil` when the lane has moved on meanwhile.
    func batch(_ ahead: ReadAhead) async throws(EdgeError) -> MadeBatch? {
        guard let waiting = try await records(from: ahead.first, of: ahead.address, limit: ahead.limit) else {
            return nil
        }
        return try await batch(waiting, after: ahead.previous, lostFrom: nil, without: [])
    }

    private func batch(
        _ records: [OutboxRecord], after previous: ChainHash, lostFrom: UInt64?, without withheld: Set<UInt64>
    ) async throws(EdgeError) -> MadeBatch {
        let first = records[0].head.position
        var wire: [WireRecord] = []
        var bytes = 0
        for record in records {
            let text = withheld.contains(record.head.position.sequence) ? nil : Self.text(record.payload)
            let size = text?.utf8.count ?? 0
            // One that is longer than a batch goes alone, and central says what becomes of it.
            guard wire.isEmpty || bytes + size <= PushRequest.byteLimit else { break }
            bytes += size
            wire.append(WireRecord(record, payload: text))
        }
        let checkpoint = first.address.lane == .audit ? try await store.newestCheckpoint() : nil
        let request = PushRequest(
            epoch: first.address.epoch, lane: first.address.lane, first: first.sequence, previous: previous,
            head: records[wire.count - 1].hash, lostFrom: lostFrom, records: wire, checkpoint: checkpoint)
        return MadeBatch(request: request, bytes: bytes)
    }

    /// The running hash before a record; `nil` when what is before it is not here any more.
    private func hash(before first: UInt64, of lane: LaneStatus) async throws(EdgeError) -> ChainHash? {
        if first == lane.released + 1 { return lane.releasedHead }
        guard first > lane.released + 1 else { return nil }
        let records = try await store.records(of: lane.address.lane, after: first - 2, limit: 1)
        guard let before = records.first,
            before.head.position == RecordPosition(lane.address, sequence: first - 1)
        else { return nil }
        return before.hash
    }

    /// Records from `first` on, opened; `nil` when that one is not here any more.
    private func records(
        from first: UInt64, of address: LaneAddress, limit: Int
    ) async throws(EdgeError) -> [OutboxRecord]? {
        let records = try await store.openRecords(
            of: address.lane, after: first - 1, limit: limit, bytes: PushRequest.byteLimit)
        guard records.first?.head.position == RecordPosition(address, sequence: first) else { return nil }
        return records
    }

    /// Exactly these bytes as text; `nil` for bytes that are none, which would be chained otherwise there than here.
    private static func text(_ payload: OutboxRecord.Payload) -> String? {
        guard case .plain(let bytes) = payload else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
