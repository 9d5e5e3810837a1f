/// The waits between attempts to reach central: full jitter under a ceiling that doubles.
///
/// A wait is drawn evenly between zero and the ceiling, so a fleet that lost its central together does not come back
/// together.
public struct Backoff: Sendable, Equatable {
    /// The ceiling after the first failure.
    public let initial: Duration
    /// The highest ceiling.
    public let maximum: Duration

    /// Creates a back-off; `initial` must be above zero and at most `maximum`.
    public init(initial: Duration = .seconds(1), maximum: Duration) {
        precondition(.zero < initial && initial <= maximum, "a back-off needs 0 < initial <= maximum")
        self.initial = initial
        self.maximum = maximum
    }

    /// The longest wait that may follow `failures` failed attempts in a row; zero after none.
    public func ceiling(afterFailures failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        var ceiling = initial
        for _ in 1..<failures {
            guard ceiling < maximum / 2 else { return maximum }
            ceiling *= 2
        }
        return min(ceiling, maximum)
    }

    /// Draws the wait that follows `failures` failed attempts in a row.
    ///
    /// `retryAfter` is what the server asked for; no wait is shorter than that.
    public func wait(
        afterFailures failures: Int, retryAfter: Duration = .zero, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let share = Double.random(in: 0...1, using: &generator)
        return max(ceiling(afterFailures: failures) * share, retryAfter)
    }
}

extension Lane {
    /// How long the lane may wait: the urgent ones a minute at most, the others five.
    public var backoff: Backoff {
        switch self {
        case .control, .enrollment: Backoff(maximum: .seconds(60))
        case .audit, .events: Backoff(maximum: .seconds(300))
        }
    }
}
