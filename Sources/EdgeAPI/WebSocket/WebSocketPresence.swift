import EdgeCore
import Synchronization

/// Knows which connection each session has: the newest one, and no other.
final class WebSocketPresence: Sendable {
    private struct Holder {
        let number: UInt64
        let replaced: @Sendable () -> Void
    }

    private struct State {
        var entered: UInt64 = 0
        var holders: [SessionID: Holder] = [:]
    }

    /// A connection's hold on a session.
    struct Seat: Sendable {
        fileprivate let session: SessionID
        fileprivate let number: UInt64
    }

    private let state = Mutex(State())

    /// How many sessions have a connection.
    var count: Int { state.withLock { $0.holders.count } }

    /// Takes a session; an older connection is told by its own `replaced`.
    func enter(_ session: SessionID, replaced: @escaping @Sendable () -> Void) -> Seat {
        let (seat, older) = state.withLock { state in
            state.entered += 1
            let older = state.holders.updateValue(
                Holder(number: state.entered, replaced: replaced), forKey: session)
            return (Seat(session: session, number: state.entered), older)
        }
        older?.replaced()
        return seat
    }

    /// Gives a session back, unless a newer connection has it.
    func leave(_ seat: Seat) {
        state.withLock { state in
            guard state.holders[seat.session]?.number == seat.number else { return }
            state.holders[seat.session] = nil
        }
    }
}
