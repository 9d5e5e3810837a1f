import EdgeCore
import FoundationEssentials
import Logging
public import SyncCore
import Synchronization

/// Hands on what devices tell of events, once and in order.
extension FleetDesk {
    /// How many are handed on at a time: each handful costs a sync of central's books and one of the receiver's.
    private static let handful = 256
    /// An entry whose taker is gone is taken again after this.
    private static let hold: Int64 = 30_000_000

    /// Hands on what waits until it is cancelled.
    public func forward(to receiver: any EventReceiver) async throws {
        // What this process had when it was killed is nobody's, unless another one shares the books; then it waits for its time.
        if !database.isShared { try? await transaction { try EventQueueTable.giveAllBack($0.db) } }
        let rings = forwarding.rings()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                // What a taker left behind that is gone rings nothing.
                while true {
                    try await self.sleep(.seconds(30))
                    self.forwarding.ring()
                }
            }
            for await _ in rings { await forwardWaiting(to: receiver) }
            group.cancelAll()
        }
    }

    /// Hands on what waits, the oldest first; whether all of it went.
    ///
    /// Entries are removed once the receiver has them on disk: one that is handed on twice changes nothing there. While
    /// devices go on telling, what they tell goes before: it rests for as long as each handful took.
    @discardableResult
    func forwardWaiting(to receiver: any EventReceiver) async -> Bool {
        do {
            var rung = forwarding.count
            var taken = try await takeNext(after: [])
            while !taken.ids.isEmpty {
                let begun = clock.instant
                do {
                    try Task.checkCancellation()
                    try await receiver.receive(taken.records)
                } catch {
                    let ids = taken.ids
                    try await transaction { try EventQueueTable.giveBack(ids, $0.db) }
                    if error is CancellationError { return false }
                    throw error
                }
                taken = try await takeNext(after: taken.ids)
                let work = begun.duration(to: clock.instant)
                if forwarding.count != rung, work > .zero { try? await self.sleep(min(work, .seconds(5))) }
                rung = forwarding.count
            }
            return true
        } catch {
            log.error("events of devices cannot be handed on", metadata: ["error": "\(error)"])
            return false
        }
    }

    /// The next entries with what they are about, in the transaction that removes those which were handed on.
    private func takeNext(
        after done: [UUID]
    ) async throws(EdgeError) -> (ids: [UUID], records: [ForwardedRecord]) {
        try await transaction { transaction in
            try EventQueueTable.remove(done, transaction.db)
            let entries = try EventQueueTable.take(
                Self.handful, at: transaction.wall, until: transaction.wall + Self.hold, transaction.db)
            return (entries.map(\.id), try entries.compactMap { try transaction.forwarded($0.item) })
        }
    }
}

extension FleetTransaction {
    /// What an entry of the queue is about; `nil` for a record whose payload is gone.
    func forwarded(_ item: EventQueueTable.Item) throws -> ForwardedRecord? {
        switch item {
        case .erased(let subject):
            return ForwardedRecord(
                device: own ?? DeviceID(rawValue: subject.rawValue), kind: RecordKind.erased, tenant: nil,
                subject: subject, payload: nil)
        case .record(let lane, let sequence):
            guard let row = try LaneTable.row(sequence, ofLane: lane, db) else { return nil }
            let payload: String?
            do { payload = try FleetDesk.opened(row, seal, db) } catch let error as EdgeError
                where error.code == .sealBroken
            {
                payload = nil
            }
            guard let payload else { return nil }
            return ForwardedRecord(
                device: row.position.address.device, kind: row.kind, tenant: row.tenant, subject: row.subject,
                payload: payload)
        }
    }
}

/// Rings when something waits to be handed on.
final class ForwardingBell: Sendable {
    private let listeners = Mutex<[UUID: AsyncStream<Void>.Continuation]>([:])
    private let rung = Mutex(0)

    /// How often it rang.
    var count: Int { rung.withLock { $0 } }

    func ring() {
        rung.withLock { $0 += 1 }
        for listener in listeners.withLock({ Array($0.values) }) { listener.yield() }
    }

    /// Begins with a ring: what was put in before somebody listened is not missed.
    func rings() -> AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        listener.onTermination = { [weak self] _ in self?.listeners.withLock { $0[id] = nil } }
        listeners.withLock { $0[id] = listener }
        listener.yield()
        return stream
    }
}
