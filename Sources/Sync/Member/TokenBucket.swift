/// A limit on bytes a second: a second's worth may go at once, the rest waits.
struct TokenBucket: Sendable, Equatable {
    private let rate: Double
    private var level: Double
    private var last: Duration

    /// A full bucket; `rate` is at least one byte a second.
    init(bytesPerSecond rate: Int, now: Duration) {
        self.rate = Double(max(rate, 1))
        level = self.rate
        last = now
    }

    /// Takes `bytes` out and tells how long to wait before they may be sent.
    ///
    /// More than is there is owed: whoever comes next waits for that as well.
    mutating func take(_ bytes: Int, now: Duration) -> Duration {
        level = min(rate, level + rate * (max(now - last, .zero) / .seconds(1)))
        last = max(last, now)
        level -= Double(bytes)
        return level >= 0 ? .zero : .seconds(-level / rate)
    }
}
