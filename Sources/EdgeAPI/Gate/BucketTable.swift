import EdgeCore
import Synchronization

/// One bucket of tokens for each of many keys: addresses without credentials, sessions that get frames.
///
/// A key whose bucket is full again is forgotten, so the table holds only those who came lately.
final class BucketTable<Key: Hashable & Sendable>: Sendable {
    /// At this size the table looks for keys that it can forget.
    static var sweepSize: Int { 1024 }
    /// It never holds more; beyond that a newcomer waits.
    static var maximumSize: Int { 16_384 }

    private struct State {
        var buckets: [Key: TokenBucket] = [:]
        var nextSweep = sweepSize
    }

    private let clock: any EdgeClock
    private let capacity: Double
    private let perSecond: Double
    private let state = Mutex(State())

    init(capacity: Double, perSecond: Double, clock: any EdgeClock) {
        self.capacity = capacity
        self.perSecond = perSecond
        self.clock = clock
    }

    /// How many keys are held.
    var count: Int { state.withLock { $0.buckets.count } }

    /// Takes a token.
    ///
    /// Throws `request.limited` with `detail`.
    func take(_ key: Key, _ detail: String) throws(EdgeError) {
        let now = clock.instant
        let wait = state.withLock { state -> Duration? in
            if state.buckets[key] == nil {
                sweep(&state, at: now)
                guard state.buckets.count < Self.maximumSize else { return .seconds(1) }
            }
            return state.buckets[key, default: TokenBucket(capacity: capacity, perSecond: perSecond, at: now)]
                .take(at: now)
        }
        if let wait { throw EdgeError(.requestLimited, detail, retryAfter: wait) }
    }

    private func sweep(_ state: inout State, at now: FrameClock.Instant) {
        guard state.buckets.count >= state.nextSweep else { return }
        state.buckets = state.buckets.filter { _, bucket in
            var bucket = bucket
            return !bucket.isFull(at: now)
        }
        // Twice what is left, so that sweeping stays cheap however many there are.
        state.nextSweep = max(Self.sweepSize, min(state.buckets.count * 2, Self.maximumSize))
    }
}
