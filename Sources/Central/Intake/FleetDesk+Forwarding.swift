import EdgeCore
import FoundationEssentials
import Logging
public import SyncCore
import Synchronization

/// Hands on what devices tell of events, once and in order.
extension FleetDesk {
    /// How many are handed on at a time.
    private static let handful = 64
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
            for await _ in rings {
                while try await forwardSome(to: receiver) { try Task.checkCancellation() }
            }
            group.cancelAll()
        }
    }

    /// Hands on the oldest entries; whether there may be more.
    ///
    /// They are removed once the receiver has them on disk: one that is handed on twice changes nothing there.
    func forwardSome(to receiver: any EventReceiver) async throws -> Bool {
        do {
            let taken = try await transaction { transaction in
                let entries = try EventQueueTable.take(
                    Self.handful, at: transaction.wall, until: transaction.wall + Self.hold, transaction.db)
                return (entries.map(\.id), try entries.compactMap { try transaction.forwarded($0.item) })
            }
            guard !taken.0.isEmpty else { return false }
            do { try await receiver.receive(taken.1) } catch {
                try await transaction { try EventQueueTable.giveBack(taken.0, $0.db) }
                throw error
            }
            try await transaction { try EventQueueTable.remove(taken.0, $0.db) }
            return taken.0.count == Self.handful
        } catch {
            log.error("events of devices cannot be handed on", metadata: ["error": "\(error)"])
            return false
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

    func ring() { for listener in listeners.withLock({ Array($0.values) }) { listener.yield() } }

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
