import Dispatch
import EdgeCore
import FoundationEssentials
import Synchronization

/// The connections of one process, opened as they are needed and lent to one caller at a time.
final class PostgresPool: Sendable {
    private struct Waiter {
        let id: UUID
        let continuation: CheckedContinuation<Result<PostgresLine, EdgeError>, Never>
    }

    private struct State {
        var idle: [PostgresLine] = []
        var lines = 0
        /// In the order in which they came.
        var waiting: [Waiter] = []
        var isClosed = false
    }

    private let options: PostgresOptions
    private let state = Mutex(State())
    /// libpq waits for the server: not on Swift's threads.
    private let threads = DispatchQueue(label: "edged.central.postgres", attributes: .concurrent)

    init(_ options: PostgresOptions) { self.options = options }

    /// Lends a connection to `body`, on a thread that may wait.
    ///
    /// Throws `store.busy` when none gets free in time.
    func lend<Outcome: Sendable>(
        _ body: @escaping @Sendable (PostgresLine) -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let line = try await take()
        let outcome = await withCheckedContinuation { continuation in
            threads.async { continuation.resume(returning: body(line)) }
        }
        give(line)
        return outcome
    }

    /// Refuses whoever waits and closes what is idle; what is lent is closed when it comes back.
    func close() {
        let (lines, waiting) = state.withLock { state in
            defer { (state.idle, state.waiting, state.isClosed) = ([], [], true) }
            return (state.idle, state.waiting)
        }
        for line in lines { line.close() }
        for waiter in waiting { waiter.continuation.resume(returning: .failure(Self.closed)) }
    }

    private static let closed = EdgeError(.storeUnavailable, "Central's database is closed.")

    private func take() async throws(EdgeError) -> PostgresLine {
        let id = UUID()
        let result: Result<PostgresLine, EdgeError> = await withCheckedContinuation { continuation in
            let present: Result<PostgresLine, EdgeError>? = state.withLock { state in
                if state.isClosed { return .failure(Self.closed) }
                if let line = state.idle.popLast() { return .success(line) }
                if state.lines < options.connections {
                    state.lines += 1
                    return .success(PostgresLine(options))
                }
                state.waiting.append(Waiter(id: id, continuation: continuation))
                return nil
            }
            if let present { return continuation.resume(returning: present) }
            let patience = options.patience.components
            threads.asyncAfter(deadline: .now() + .seconds(Int(patience.seconds))) { [self] in giveUp(id) }
        }
        return try result.get()
    }

    private func give(_ line: PostgresLine) {
        let (next, isClosed): (Waiter?, Bool) = state.withLock { state in
            guard !state.isClosed else { return (nil, true) }
            guard state.waiting.isEmpty else { return (state.waiting.removeFirst(), false) }
            state.idle.append(line)
            return (nil, false)
        }
        if isClosed { line.close() }
        next?.continuation.resume(returning: .success(line))
    }

    private func giveUp(_ id: UUID) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        let error = EdgeError(
            .storeBusy, "All \(options.connections) connections to PostgreSQL are busy.", retryAfter: .seconds(5))
        waiter?.continuation.resume(returning: .failure(error))
    }
}
