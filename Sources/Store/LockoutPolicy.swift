/// How long a claimed user is locked after failed attempts (NIST SP 800-63B).
public struct LockoutPolicy: Sendable, Equatable {
    /// Misses in a row that lock for the first time; 0 turns the lock-out off.
    public let misses: Int
    /// How long the first lock lasts; each further miss doubles it.
    public let first: Duration
    /// The longest lock.
    public let maximum: Duration
    /// After how long without a miss the count is forgotten.
    public let forgottenAfter: Duration

    /// Creates a policy; `first` must be above zero and at most `maximum`.
    public init(
        misses: Int = 5, first: Duration = .seconds(30), maximum: Duration = .seconds(3600),
        forgottenAfter: Duration = .seconds(86_400)
    ) {
        precondition(misses >= 0 && .zero < first && first <= maximum, "lock-out needs 0 < first <= maximum")
        self.misses = misses
        self.first = first
        self.maximum = maximum
        self.forgottenAfter = max(forgottenAfter, maximum)
    }

    /// How long the user is locked after this many misses in a row; `nil` for not at all.
    func lock(afterMisses count: Int) -> Duration? {
        guard misses > 0, count >= misses else { return nil }
        var lock = first
        for _ in 0..<(count - misses) where lock < maximum { lock *= 2 }
        return min(lock, maximum)
    }
}
