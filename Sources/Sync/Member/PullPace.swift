import SyncCore

/// Decides when to ask central for changes, and how long central may wait for one.
///
/// Performs nothing. Some proxies cut a question that takes long: then it is asked often instead, and a long one is tried
/// again after a while.
struct PullPace: Sendable, Equatable {
    /// What came of a question.
    enum Answer: Equatable {
        /// Central answered: whether there is more, whether something has to be sent anew, and how long to stay away where
        /// it has no place for one more who waits.
        case answered(hasMore: Bool, isSuspicious: Bool, retryAfter: Duration)
        /// Central wants to be left alone for so long.
        case busy(Duration)
        case unreachable
    }

    /// A line that is mended far away tells nobody: an erasure that waits behind it is heard of with the next try.
    private static let backoff = Backoff(maximum: .seconds(20))
    /// A question that central was to hold has failed so often that holding is to blame.
    private static let longFailures = 3
    /// So many short questions come through before a long one is tried again.
    private static let shortRound = 40

    private let longPoll: Duration
    private let interval: Duration
    private(set) var failures = 0
    private var suspicions = 0
    private var heldFailures = 0
    private var shortLeft = 0
    private var hasMore = true

    init(longPoll: Duration, interval: Duration) {
        self.longPoll = longPoll
        self.interval = interval
    }

    /// How long central may wait with the next answer.
    ///
    /// The first answer after a failure is wanted at once: it renews the lease.
    var wait: Duration { isShort || hasMore || failures > 0 ? .zero : longPoll }

    private var isShort: Bool { shortLeft > 0 || longPoll <= .zero }

    /// Takes an answer to a question in which central was to wait for `asked`; the pause before the next.
    mutating func take(
        _ answer: Answer, asked: Duration, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        switch answer {
        case .answered(let hasMore, let isSuspicious, let retryAfter):
            let wasShort = isShort
            failures = 0
            if asked > .zero { heldFailures = 0 }
            if shortLeft > 0 { shortLeft -= 1 }
            suspicions = isSuspicious ? suspicions + 1 : 0
            self.hasMore = hasMore || isSuspicious
            // What differs twice in a row is not mended by asking faster.
            if suspicions > 1 { return Self.backoff.wait(afterFailures: suspicions, using: &generator) }
            guard !self.hasMore else { return .zero }
            return wasShort ? max(interval * Double.random(in: 0.5...1, using: &generator), retryAfter) : retryAfter
        case .busy(let retryAfter):
            failures += 1
            return Self.backoff.wait(afterFailures: failures, retryAfter: retryAfter, using: &generator)
        case .unreachable:
            failures += 1
            if asked > .zero {
                heldFailures += 1
                if heldFailures >= Self.longFailures { (heldFailures, shortLeft) = (0, Self.shortRound) }
            }
            return Self.backoff.wait(afterFailures: failures, using: &generator)
        }
    }

    /// The network came up: what failed before says nothing any more.
    mutating func networkUp() { failures = 0 }
}
