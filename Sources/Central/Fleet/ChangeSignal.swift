import FoundationEssentials
import SyncCore
import Synchronization

/// Tells those who wait that something became of their scopes or of themselves.
///
/// Nobody looks again and again: who waits names the mark up to which it has seen everything, so that what happens between
/// its look and its waiting wakes it at once.
final class ChangeSignal: Sendable {
    private struct Waiter {
        let device: DeviceID
        let scopes: Set<ScopeID>
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var mark: UInt64 = 0
        /// The mark of the last time that everybody was told.
        var floor: UInt64 = 0
        var scopes: [ScopeID: UInt64] = [:]
        var devices: [DeviceID: UInt64] = [:]
        var waiters: [UUID: Waiter] = [:]
        /// Cancelled before they began to wait.
        var gone: Set<UUID> = []

        func hasNews(for device: DeviceID, _ watched: Set<ScopeID>, after seen: UInt64) -> Bool {
            floor > seen || (devices[device] ?? 0) > seen || watched.contains { (scopes[$0] ?? 0) > seen }
        }
    }

    private let state = Mutex(State())

    /// Counts what was told.
    var mark: UInt64 { state.withLock { $0.mark } }

    /// How many wait.
    var waiting: Int { state.withLock { $0.waiters.count } }

    /// Something was told in these scopes, or became of these devices.
    func tell(_ scopes: Set<ScopeID>, devices: Set<DeviceID>) {
        guard !scopes.isEmpty || !devices.isEmpty else { return }
        let woken = state.withLock { state in
            state.mark += 1
            for scope in scopes { state.scopes[scope] = state.mark }
            for device in devices { state.devices[device] = state.mark }
            let woken = state.waiters.filter { _, waiter in
                devices.contains(waiter.device) || !scopes.isDisjoint(with: waiter.scopes)
            }
            for id in woken.keys { state.waiters[id] = nil }
            return woken
        }
        for waiter in woken.values { waiter.continuation.resume() }
    }

    /// Something may have become of anybody.
    func tellAll() {
        let woken = state.withLock { state in
            state.mark += 1
            state.floor = state.mark
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in woken.values { waiter.continuation.resume() }
    }

    /// Returns when something was told after `seen`, or when the task was cancelled.
    func wait(for device: DeviceID, _ watched: Set<ScopeID>, after seen: UInt64) async {
        let id = UUID()
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.gone.remove(id) != nil || state.hasNews(for: device, watched, after: seen) { return true }
                    state.waiters[id] = Waiter(device: device, scopes: watched, continuation: continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiters.removeValue(forKey: id)
                if waiter == nil { state.gone.insert(id) }
                return waiter
            }
            waiter?.continuation.resume()
        }
        // A cancellation that came after the news left its mark.
        state.withLock { _ = $0.gone.remove(id) }
    }
}
