import CKernels
import EdgeCore
import Glibc
import Synchronization

/// The threads that run the pipeline, so that no net ever holds one of Swift's shared threads.
///
/// The threads end when the pool goes away, after the job that they are at.
final class InferencePool: TaskExecutor {
    private let jobs = JobQueue()
    /// How many threads there are.
    let threadCount: Int

    /// Starts `threads` threads, by default one for each active processor.
    init(threads: Int?) throws(EdgeError) {
        threadCount = max(threads ?? sysconf(CInt(_SC_NPROCESSORS_ONLN)), 1)
        for index in 0..<threadCount { try jobs.startThread(named: "edged-infer-\(index)") }
    }

    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.push(JobQueue.Entry(job: UnownedJob(job), executor: asUnownedTaskExecutor()))
    }

    /// Runs `body` on one of the threads.
    func run<Outcome: Sendable>(
        _ body: @escaping @Sendable () throws(EdgeError) -> Outcome
    ) async throws(EdgeError) -> Outcome {
        let outcome: Result<Outcome, EdgeError> = await withTaskExecutorPreference(self, isolation: nil) {
            await Self.perform(body)
        }
        return try outcome.get()
    }

    // Not isolated to the caller, so that it runs where the preference says.
    @concurrent
    private static func perform<Outcome: Sendable>(
        _ body: @Sendable () throws(EdgeError) -> Outcome
    ) async -> Result<Outcome, EdgeError> {
        do throws(EdgeError) { return .success(try body()) } catch { return .failure(error) }
    }
}

/// Jobs that wait for a thread, first come first served.
private final class JobQueue: Sendable {
    struct Entry: Sendable {
        let job: UnownedJob
        let executor: UnownedTaskExecutor
    }

    private struct State {
        // A queue of two arrays: `front` is drained from its end, `back` is filled.
        var front: [Entry] = []
        var back: [Entry] = []
        var isClosed = false

        mutating func next() -> Entry? {
            if front.isEmpty { (front, back) = (back.reversed(), []) }
            return front.popLast()
        }
    }

    private let state = Mutex(State())
    private let available = CountingSemaphore()

    func push(_ entry: Entry) {
        state.withLock { $0.back.append(entry) }
        available.signal()
    }

    func close() {
        state.withLock { $0.isClosed = true }
        available.signal()
    }

    /// Runs jobs until the queue is closed and empty.
    func drain() {
        while true {
            available.wait()
            let (entry, isClosed) = state.withLock { ($0.next(), $0.isClosed) }
            if let entry {
                entry.job.runSynchronously(on: entry.executor)
            } else if isClosed {
                // Hands the closing signal on to the next thread.
                return available.signal()
            }
        }
    }

    func startThread(named name: String) throws(EdgeError) {
        let start = ThreadStart(queue: self, name: name)
        var thread = pthread_t()
        let context = Unmanaged.passRetained(start)
        let status = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
                ck_name_thread(start.name)
                start.queue.drain()
                return nil
            }, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw EdgeError(.recognitionFailed, "A recognition thread cannot be started (\(status)).")
        }
        pthread_detach(thread)
    }
}

/// What a new thread is given.
private final class ThreadStart: Sendable {
    let queue: JobQueue
    let name: String

    init(queue: JobQueue, name: String) {
        self.queue = queue
        self.name = name
    }
}

/// A POSIX semaphore.
private final class CountingSemaphore: Sendable {
    // Safe to share: the memory does not move, and the semaphore calls are thread-safe.
    private nonisolated(unsafe) let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func wait() {
        // A signal handler may interrupt it.
        while sem_wait(semaphore) != 0 {}
    }
}
