import EdgeCore
import FoundationEssentials
import HTTPTypes
import Logging
import Synchronization

/// Notes the API calls of clients as they are answered, and writes them to the store once a second.
///
/// One transaction for many calls: a disk that is asked for each would set the pace of the API. When the store does
/// not keep up and the buffer is full, the newest call is left out and counted.
final class UsageRecorder: Sendable {
    private struct State {
        var calls: [UsageRecord] = []
        var dropped = 0
    }

    /// How many calls wait at most.
    let capacity: Int
    private let ledger: any UsageLedger
    private let clock: any EdgeClock
    private let log: Logger
    private let period: Duration
    private let state = Mutex(State())

    init(
        ledger: any UsageLedger, clock: any EdgeClock, log: Logger, capacity: Int = 10_000,
        period: Duration = .seconds(1)
    ) {
        self.ledger = ledger
        self.clock = clock
        self.log = log
        self.capacity = capacity
        self.period = period
    }

    /// Calls that were left out since the start.
    var dropped: Int { state.withLock { $0.dropped } }

    /// When a call begins.
    var now: FrameClock.Instant { clock.instant }

    /// Notes a call that was answered; calls of nobody, technicians and members are nobody's usage.
    func note(
        _ operation: Operation, by caller: Caller, from origin: RequestOrigin, status: HTTPResponse.Status,
        since began: FrameClock.Instant
    ) {
        // What the members of a fleet ask for is no usage of the API; each of them asks all day.
        guard let client = caller.client, client.scope != .device else { return }
        let call = UsageRecord(
            client: client.id, category: .init(path: operation.path), operation: operation.id,
            method: operation.method.rawValue, route: OpenAPIDocument.written(operation.path),
            status: status.code, address: origin.address, userAgent: origin.userAgent,
            milliseconds: max(began.duration(to: clock.instant) / .milliseconds(1), 0), at: clock.wall)
        state.withLock { state in
            guard state.calls.count < capacity else {
                state.dropped += 1
                return
            }
            state.calls.append(call)
        }
    }

    /// Writes once a second until it is cancelled, and then what is left.
    func run() async {
        while !Task.isCancelled {
            // Cancelled at the end.
            try? await Task.sleep(for: period)
            await flush()
        }
        await flush()
    }

    /// Writes what waits; after a failure it waits on, as far as there is room.
    func flush() async {
        let calls = state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
        guard !calls.isEmpty else { return }
        do throws(EdgeError) {
            try await ledger.record(calls)
        } catch {
            let lost = state.withLock { state in
                let kept = calls.prefix(max(capacity - state.calls.count, 0))
                state.calls.insert(contentsOf: kept, at: 0)
                state.dropped += calls.count - kept.count
                return calls.count - kept.count
            }
            log.warning(
                "API calls could not be recorded yet",
                metadata: ["code": "\(error.code.rawValue)", "calls": "\(calls.count)", "lost": "\(lost)"])
        }
    }
}

extension UsageRecord.Category {
    /// The group of a path, by the reference's rule: the first word found in it; but what only reads figures is
    /// analytics.
    init(path: String) {
        if path.hasPrefix("/api/analytics") {
            self = .analytics
        } else if path.contains("enroll") {
            self = .enrollment
        } else if path.contains("liveness") {
            self = .liveness
        } else if path.contains("webhook") {
            self = .webhook
        } else if path.contains("recognition") || path.contains("/auth") {
            self = .recognition
        } else {
            self = .analytics
        }
    }
}
