import EdgeCore
import Glibc

/// Measures the stages of one frame on the thread that runs them.
struct StageClock {
    /// What ran so far.
    private(set) var timings: [StageTiming] = []

    /// Runs a stage and notes its wall and CPU time.
    mutating func measure<Outcome>(
        _ stage: String, _ body: () throws(EdgeError) -> Outcome
    ) throws(EdgeError) -> Outcome {
        let (wall, cpu) = (Self.read(CLOCK_MONOTONIC), Self.read(CLOCK_THREAD_CPUTIME_ID))
        let outcome = try body()
        timings.append(
            StageTiming(
                stage: stage, wall: Self.read(CLOCK_MONOTONIC) - wall,
                cpu: Self.read(CLOCK_THREAD_CPUTIME_ID) - cpu))
        return outcome
    }

    private static func read(_ clock: clockid_t) -> Duration {
        var now = timespec()
        clock_gettime(clock, &now)
        return .seconds(now.tv_sec) + .nanoseconds(now.tv_nsec)
    }
}
