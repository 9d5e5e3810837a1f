import Glibc

/// What the calling thread has computed so far: on a busy machine the wall clock also tells of the neighbours.
public enum ThreadTime {
    /// This moment; differences count.
    public static var now: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }
}
