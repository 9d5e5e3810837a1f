import EdgeCore

/// Frames per second over the last seconds.
struct RateMeter {
    private static let window = Duration.seconds(3)
    private var arrivals: [FrameClock.Instant] = []

    mutating func count(at now: FrameClock.Instant) {
        arrivals.append(now)
        // Dropping one by one would move the whole array for every frame.
        if arrivals.count >= 256 || arrivals[0].duration(to: now) > Self.window * 2 {
            arrivals.removeAll { $0.duration(to: now) > Self.window }
        }
    }

    func framesPerSecond(at now: FrameClock.Instant) -> Double {
        let recent = arrivals.filter { $0.duration(to: now) <= Self.window }
        guard let first = recent.first, let last = recent.last, first < last else { return 0 }
        let span = first.duration(to: last) / Duration.seconds(1)
        return (Double(recent.count - 1) / span * 10).rounded() / 10
    }
}

/// How old frames are when they come, about, over the last few dozen of them.
struct AgeMeter {
    /// What one frame counts against those before it.
    private static let weight = 1.0 / 32
    private var mean: Double?

    mutating func count(_ age: Duration) {
        let now = max(age / Duration.milliseconds(1), 0)
        mean = mean.map { $0 + (now - $0) * Self.weight } ?? now
    }

    /// Rounded to a tenth; `nil` before the first.
    var milliseconds: Double? { mean.map { ($0 * 10).rounded() / 10 } }
}
