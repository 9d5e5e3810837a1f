/// The waits between attempts: doubling from `initial` to `maximum`.
struct Backoff: Sendable, Equatable {
    let initial: Duration
    let maximum: Duration

    init(initial: Duration, maximum: Duration) {
        precondition(.zero < initial && initial <= maximum, "backoff needs 0 < initial <= maximum")
        self.initial = initial
        self.maximum = maximum
    }

    /// The wait that follows `failures` failed attempts in a row.
    func wait(afterFailures failures: Int) -> Duration {
        var wait = initial
        for _ in 1..<max(failures, 1) where wait < maximum { wait *= 2 }
        return min(wait, maximum)
    }
}
