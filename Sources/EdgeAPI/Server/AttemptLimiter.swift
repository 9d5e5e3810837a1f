import EdgeCore

/// Tokens that come back with time: a burst, then a steady rate.
struct TokenBucket: Sendable {
    let capacity: Double
    let perSecond: Double
    private var tokens: Double
    private var updated: FrameClock.Instant

    /// Starts full.
    init(capacity: Double, perSecond: Double, at now: FrameClock.Instant) {
        self.capacity = capacity
        self.perSecond = perSecond
        tokens = capacity
        updated = now
    }

    /// Takes a token; otherwise says after how long there will be one.
    mutating func take(at now: FrameClock.Instant) -> Duration? {
        refill(at: now)
        guard tokens < 1 else {
            tokens -= 1
            return nil
        }
        return .milliseconds(Int(((1 - tokens) / perSecond * 1000).rounded(.up)))
    }

    /// Puts a token back.
    mutating func giveBack() { tokens = min(tokens + 1, capacity) }

    /// Whether nothing is missing, so that a new bucket would be the same.
    mutating func isFull(at now: FrameClock.Instant) -> Bool {
        refill(at: now)
        return tokens >= capacity
    }

    private mutating func refill(at now: FrameClock.Instant) {
        let passed = updated.duration(to: now)
        guard passed > .zero else { return }
        tokens = min(tokens + passed / .seconds(1) * perSecond, capacity)
        updated = now
    }
}

/// Counts failed attempts by address and all in all.
///
/// An attempt takes its token before it is tried, so that many at once are counted too; a success gives it back.
struct AttemptLimiter: Sendable {
    /// At this size the table drops the addresses that have recovered.
    ///
    /// It cannot fill up with others: everybody together spends so little that about a hundred can be short of tokens.
    static let maximumAddresses = 256

    private var everybody: TokenBucket
    private(set) var buckets: [String: TokenBucket] = [:]

    /// Starts with nothing counted.
    init(at now: FrameClock.Instant) { everybody = TokenBucket(capacity: 50, perSecond: 50, at: now) }

    /// Admits an attempt, or says how long to wait.
    mutating func take(_ address: String, at now: FrameClock.Instant) -> Duration? {
        var bucket = buckets[address] ?? TokenBucket(capacity: 10, perSecond: 1, at: now)
        if let wait = bucket.take(at: now) { return wait }
        if let wait = everybody.take(at: now) { return wait }
        if buckets.count >= Self.maximumAddresses { dropRecovered(at: now) }
        buckets[address] = bucket
        return nil
    }

    /// Forgets an attempt that was not a failure.
    mutating func giveBack(_ address: String) {
        buckets[address]?.giveBack()
        everybody.giveBack()
    }

    private mutating func dropRecovered(at now: FrameClock.Instant) {
        buckets = buckets.filter { _, bucket in
            var bucket = bucket
            return !bucket.isFull(at: now)
        }
    }
}
