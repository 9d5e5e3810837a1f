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
/// Only what was refused takes a token: good credentials never do.
struct AttemptLimiter: Sendable {
    /// At this size the table drops the addresses that have recovered.
    ///
    /// It cannot fill up with others: everybody together spends so little that about a hundred can be short of tokens.
    static let maximumAddresses = 256

    /// How many at once, and how many a second after that.
    struct Pace: Sendable {
        let burst: Double
        let perSecond: Double
    }

    /// For secrets that are sent to get tokens.
    static let secrets = (each: Pace(burst: 10, perSecond: 1), all: Pace(burst: 50, perSecond: 50))
    /// For keys and tokens that come with calls, which a badly written client sends again and again.
    static let calls = (each: Pace(burst: 30, perSecond: 5), all: Pace(burst: 200, perSecond: 200))

    private let each: Pace
    private var everybody: TokenBucket
    private(set) var buckets: [String: TokenBucket] = [:]

    /// Starts with nothing counted.
    init(_ pace: (each: Pace, all: Pace) = secrets, at now: FrameClock.Instant) {
        each = pace.each
        everybody = TokenBucket(capacity: pace.all.burst, perSecond: pace.all.perSecond, at: now)
    }

    /// Counts a failure, or says how long to wait.
    mutating func take(_ address: String, at now: FrameClock.Instant) -> Duration? {
        var bucket = buckets[address] ?? TokenBucket(capacity: each.burst, perSecond: each.perSecond, at: now)
        if let wait = bucket.take(at: now) { return wait }
        if let wait = everybody.take(at: now) { return wait }
        if buckets.count >= Self.maximumAddresses { dropRecovered(at: now) }
        buckets[address] = bucket
        return nil
    }

    private mutating func dropRecovered(at now: FrameClock.Instant) {
        buckets = buckets.filter { _, bucket in
            var bucket = bucket
            return !bucket.isFull(at: now)
        }
    }
}
