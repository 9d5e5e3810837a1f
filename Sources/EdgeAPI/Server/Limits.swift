import EdgeCore
import Synchronization

/// Counts refused credentials, so that nobody guesses at speed and a flood of guesses costs nothing but its own answers.
///
/// Whoever shows good credentials is never counted: one bad client behind an address does not lock out the good ones.
final class FailureGuard: Sendable {
    private let clock: any EdgeClock
    private let limiter: Mutex<AttemptLimiter>

    init(
        _ pace: (each: AttemptLimiter.Pace, all: AttemptLimiter.Pace) = AttemptLimiter.secrets, clock: any EdgeClock
    ) {
        self.clock = clock
        limiter = Mutex(AttemptLimiter(pace, at: clock.instant))
    }

    /// Counts a refusal.
    ///
    /// Throws `request.limited` when there were too many: the answer is that then, and nothing is written down.
    func charge(_ address: String?) throws(EdgeError) {
        guard let wait = limiter.withLock({ $0.take(address ?? "local", at: clock.instant) }) else { return }
        throw EdgeError(.requestLimited, retryAfter: wait)
    }
}

/// Seats for those who wait for a session's answers.
final class WaitingRoom: Sendable {
    /// How many may wait for one session at once.
    static let seats = 8

    private let taken = Mutex<[SessionID: Int]>([:])

    /// A place that is free again when its holder is gone.
    final class Seat: Sendable {
        private let room: WaitingRoom
        private let session: SessionID

        fileprivate init(room: WaitingRoom, session: SessionID) {
            self.room = room
            self.session = session
        }

        deinit { room.leave(session) }
    }

    /// Takes a seat.
    ///
    /// Throws `request.limited`.
    func enter(_ session: SessionID) throws(EdgeError) -> Seat {
        let isFree = taken.withLock { taken in
            guard taken[session, default: 0] < Self.seats else { return false }
            taken[session, default: 0] += 1
            return true
        }
        guard isFree else {
            throw EdgeError(.requestLimited, "Too many wait for this session already.", retryAfter: .seconds(1))
        }
        return Seat(room: self, session: session)
    }

    private func leave(_ session: SessionID) {
        taken.withLock { taken in
            let left = taken[session, default: 1] - 1
            taken[session] = left > 0 ? left : nil
        }
    }
}
