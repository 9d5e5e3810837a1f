import Synchronization

/// Wakes one listener; one ring is kept while nobody listens.
final class Bell: Sendable {
    private enum State {
        case silent
        case rung
        case awaited(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.silent)

    func ring() {
        let listener = state.withLock { state -> CheckedContinuation<Void, Never>? in
            switch state {
            case .silent, .rung:
                state = .rung
                return nil
            case .awaited(let listener):
                state = .silent
                return listener
            }
        }
        listener?.resume()
    }

    /// Returns at a ring, after `sleep` has returned, or when the task is cancelled.
    func wait(orUntil sleep: @escaping @Sendable () async throws -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await sleep() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns at a ring or when the task is cancelled; for one listener at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { listener in
                let stays = state.withLock { state in
                    switch state {
                    case .silent where !Task.isCancelled:
                        state = .awaited(listener)
                        return true
                    case .silent, .awaited: return false
                    case .rung:
                        state = .silent
                        return false
                    }
                }
                if !stays { listener.resume() }
            }
        } onCancel: {
            let listener = state.withLock { state -> CheckedContinuation<Void, Never>? in
                guard case .awaited(let listener) = state else { return nil }
                state = .silent
                return listener
            }
            listener?.resume()
        }
    }
}
