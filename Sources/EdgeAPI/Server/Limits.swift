import EdgeCore
import Synchronization

/// Stands before the routes that check a secret, so that guessing never reaches the store at speed.
final class FailureGuard: Sendable {
    private let clock: any EdgeClock
    private let limiter: Mutex<AttemptLimiter>

    init(clock: any EdgeClock) {
        self.clock = clock
        limiter = Mutex(AttemptLimiter(at: clock.instant))
    }

    /// Runs `attempt` unless too many have failed; only refused credentials count.
    ///
    /// Throws `request.limited`.
    func run<Value: Sendable>(
        from address: String?, _ attempt: () async throws -> Value
    ) async throws -> Value {
        let address = address ?? "local"
        if let wait = limiter.withLock({ $0.take(address, at: clock.instant) }) {
            throw EdgeError(.requestLimited, retryAfter: wait)
        }
        do {
            let value = try await attempt()
            limiter.withLock { $0.giveBack(address) }
            return value
        } catch {
            let isRefusal = error is RequestFailure || (error as? EdgeError)?.code.kind == .unauthorized
            if !isRefusal { limiter.withLock { $0.giveBack(address) } }
            throw error
        }
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
