import EdgeCore
import FoundationEssentials
import Synchronization

/// What of the deliveries is known only to this process: which are under way, and who waits for work.
///
/// Nothing of it is on disk, so that after a crash what was under way is due again.
final class DeliveryDesk: Sendable {
    private struct State {
        var underWay: [DeliveryID: EndpointID] = [:]
        var listeners: [UUID: AsyncStream<Void>.Continuation] = [:]
        var lastSweep: Date?
    }

    private let state = Mutex(State())

    func isUnderWay(_ delivery: DeliveryID) -> Bool { state.withLock { $0.underWay[delivery] != nil } }

    /// How many deliveries are under way to each endpoint.
    var load: [EndpointID: Int] {
        state.withLock { state in state.underWay.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
    }

    func take(_ shipments: [WebhookShipment]) {
        state.withLock { state in for each in shipments { state.underWay[each.delivery] = each.endpoint } }
    }

    func release(_ deliveries: [DeliveryID]) {
        state.withLock { state in for each in deliveries { state.underWay[each] = nil } }
    }

    /// Tells everybody who waits that something may be due.
    func wake() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// A stream that begins with a wake-up: what became due before somebody listened is not missed.
    var wakeUps: AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        listener.onTermination = { [weak self] _ in self?.forget(id) }
        state.withLock { $0.listeners[id] = listener }
        listener.yield()
        return stream
    }

    private func forget(_ id: UUID) { state.withLock { $0.listeners[id] = nil } }

    /// Whether it is time to look for what is too old; true at most once an hour.
    func isTimeToSweep(at now: Date) -> Bool {
        state.withLock { state in
            if let last = state.lastSweep, abs(now.timeIntervalSince(last)) < 3600 { return false }
            state.lastSweep = now
            return true
        }
    }
}
