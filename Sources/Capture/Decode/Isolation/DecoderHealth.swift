import EdgeCore

/// Why a worker gave no picture that could be taken.
enum DecoderFault: Error, Equatable {
    /// Nobody listens, or too many wait; the errno.
    case unreachable(CInt)
    /// It was gone before the picture was handed over.
    case away
    /// It has ended at the picture.
    case ended
    /// It did not answer in time.
    case silent
    /// What it said is not what a worker says.
    case nonsense(String)
    /// This machine has no more memory or descriptors for it; the errno.
    case noRoom(CInt)

    /// What callers and technicians are told.
    var error: EdgeError {
        switch self {
        case .unreachable(let number):
            EdgeError(
                .decoderUnavailable, "The isolated decoder is not reached (errno \(number)).", retryAfter: .seconds(1))
        case .noRoom(let number):
            EdgeError(
                .decoderUnavailable, "There is no room to hand a picture over (errno \(number)).",
                retryAfter: .seconds(1))
        case .away, .ended: EdgeError(.decoderFailed, "The isolated decoder has ended at a picture.")
        case .silent: EdgeError(.decoderFailed, "The isolated decoder gave no answer in time.")
        case .nonsense(let what): EdgeError(.decoderFailed, "The isolated decoder gave \(what).")
        }
    }
}

/// Decides how a worker is judged: whether it may be asked now, and what is told of it.
///
/// Of pictures that fail together, since one worker had them all, the first counts. Performs nothing, so every path is a plain
/// test.
struct DecoderHealth {
    /// Counts the workers that were given up; a connection belongs to the worker of its time.
    private(set) var generation = 0
    /// Whether it has answered since it last failed, or at all.
    private(set) var isProven = false

    private var recovery: Recovery
    private var failuresInARow = 0
    private var notBefore: FrameClock.Instant?

    init(backoff: Backoff = Backoff(initial: .milliseconds(100), maximum: .seconds(5))) {
        recovery = Recovery(backoff: backoff)
    }

    /// Whether a picture may be handed over now; until then it is refused at once.
    func mayAsk(at now: FrameClock.Instant) -> Bool { notBefore.map { now >= $0 } ?? true }

    /// What to do about a fault of a worker of `generation`; `nil` when that one was given up before.
    mutating func failed(
        _ fault: DecoderFault, of generation: Int, at now: FrameClock.Instant
    ) -> Recovery.Failure? {
        guard generation == self.generation else { return nil }
        self.generation += 1
        failuresInARow += 1
        isProven = false
        let failure = recovery.failed(fault.error.code, at: now)
        // systemd starts it anew at once: after a first fault the next picture is tried without a wait.
        let isFirst = failuresInARow == 1 && fault.error.code == .decoderFailed
        notBefore = isFirst ? nil : now.advanced(by: failure.wait)
        return failure
    }

    /// A worker of `generation` has ended while nobody asked it, which is no fault; `false` when that was known.
    mutating func left(_ generation: Int) -> Bool {
        guard generation == self.generation else { return false }
        self.generation += 1
        return true
    }

    /// A worker of `generation` has done as it was asked; returns the condition that is over, when there was one.
    mutating func answered(_ generation: Int) -> ErrorCode? {
        guard generation == self.generation else { return nil }
        isProven = true
        failuresInARow = 0
        notBefore = nil
        return recovery.delivered()
    }
}

/// How long a worker may take.
enum DecoderPatience {
    /// For a picture of so many pixels: slow machines take a second for ten million of them.
    static func limit(pixels: Int) -> Duration { .seconds(2) + .nanoseconds(200) * pixels }
    /// When a worker ends itself, since it never comes to an end: everybody has given it up long before.
    static let hopeless = Duration.seconds(30)
}
