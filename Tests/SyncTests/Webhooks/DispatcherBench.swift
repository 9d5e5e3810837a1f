import EdgeCore
import EdgeTesting
import Synchronization

@testable import Sync

/// A dispatcher around a memory outbox, a clock that stands still and a real sender.
struct Bench: Sendable {
    let clock = ManualClock()
    let outbox = MemoryOutbox()
    let health = HealthBoard()
    let dispatcher: WebhookDispatcher

    init(sleep: @escaping @Sendable (Duration) async throws -> Void = { _ in await untilCancelled() }) throws {
        dispatcher = WebhookDispatcher(
            outbox: outbox, sender: try .test(clock: clock), health: health, clock: clock, log: quietLog, sleep: sleep)
    }

    /// Runs the dispatcher for the time of `body`, which gets what is recorded.
    func run(_ body: (inout AsyncStream<MemoryOutbox.Recorded>.Iterator) async throws -> Void) async throws {
        var results = outbox.recorded.makeAsyncIterator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await dispatcher.run() }
            try await body(&results)
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}

/// Counts visitors at the same time, and keeps the first ones until enough are there.
final class Watch: Sendable {
    private struct State {
        var here: [String: Int] = [:]
        var mostAtOnce = 0
        var mostAtOnePath = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    private let openAt: Int

    init(openAt: Int) { self.openAt = openAt }

    var mostAtOnce: Int { state.withLock { $0.mostAtOnce } }
    var mostAtOnePath: Int { state.withLock { $0.mostAtOnePath } }

    func visit(_ path: String) async {
        await withCheckedContinuation { visitor in
            let leaving = state.withLock { state in
                state.here[path, default: 0] += 1
                let all = state.here.values.reduce(0, +)
                state.mostAtOnce = max(state.mostAtOnce, all)
                state.mostAtOnePath = max(state.mostAtOnePath, state.here[path] ?? 0)
                state.isOpen = state.isOpen || all >= openAt
                state.waiting.append(visitor)
                guard state.isOpen else { return [CheckedContinuation<Void, Never>]() }
                defer { state.waiting = [] }
                return state.waiting
            }
            for visitor in leaving { visitor.resume() }
        }
        state.withLock { $0.here[path, default: 1] -= 1 }
    }
}
