import EdgeCore
import FoundationEssentials
import Synchronization
import SyncCore

/// What of the fleet is kept in memory: whether the device is a member, and who waits for records.
final class FleetDesk: Sendable {
    private struct State {
        var key: Redacted<[UInt8]>?
        var isCentral = false
        /// Clients that may use the device no more, or again, as they were committed.
        var changedClients: [(ClientID, isActive: Bool)] = []
        var ports: FleetPorts?
        var listeners: [UUID: AsyncStream<Void>.Continuation] = [:]
        /// The roots that were last found equal to central's.
        var agreed: [ScopeID: [UInt8]] = [:]
        /// How many people of the fleet have no template of the device's model; `nil` when that is to be counted.
        var withoutModel: Int?
    }

    private let state = Mutex(State())

    /// Whether the device belongs to a fleet.
    var isMember: Bool { state.withLock { $0.key != nil } }
    /// Whether the fleet's central instance is this very process: what is kept anywhere can be changed here.
    var isCentral: Bool { state.withLock { $0.isCentral } }
    /// The key that pseudonyms are made with; `nil` for a device that belongs to no fleet.
    var pseudonymKey: Redacted<[UInt8]>? { state.withLock { $0.key } }
    var ports: FleetPorts? { state.withLock { $0.ports } }

    /// The device is a member with this key, or with `nil` it is none.
    func become(memberWith key: Redacted<[UInt8]>?, isCentral: Bool = false) {
        state.withLock { state in
            state.key = key
            state.isCentral = isCentral
            state.agreed = [:]
            state.withoutModel = nil
        }
        wake()
    }

    func note(_ client: ClientID, isActive: Bool) {
        state.withLock { $0.changedClients.append((client, isActive)) }
    }

    /// Tells of the clients that changed, each once.
    func tellChangedClients() async {
        let (changed, ports) = state.withLock { state in
            defer { state.changedClients = [] }
            return (state.changedClients, state.ports)
        }
        for (client, isActive) in changed { await ports?.clientChanged(client, isActive) }
    }

    func attach(_ ports: FleetPorts) { state.withLock { $0.ports = ports } }

    var withoutModel: Int? { state.withLock { $0.withoutModel } }
    func note(withoutModel count: Int?) { state.withLock { $0.withoutModel = count } }

    func root(agreedIn scope: ScopeID) -> [UInt8]? { state.withLock { $0.agreed[scope] } }
    func agree(on root: [UInt8]?, in scope: ScopeID) { state.withLock { $0.agreed[scope] = root } }

    /// Tells everybody who waits that there is something to send.
    func wake() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }

    /// A stream that begins with a wake-up: what was written before somebody listened is not missed.
    var wakeUps: AsyncStream<Void> {
        let (stream, listener) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = UUID()
        listener.onTermination = { [weak self] _ in self?.forget(id) }
        state.withLock { $0.listeners[id] = listener }
        listener.yield()
        return stream
    }

    private func forget(_ id: UUID) { state.withLock { $0.listeners[id] = nil } }
}
