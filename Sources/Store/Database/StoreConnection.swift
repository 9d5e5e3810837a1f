import EdgeCore
import GRDB
import Synchronization

/// Which connection to the file is in use, and by whom.
///
/// After a failed read, write or sync the connection is lost: neither SQLite's pages nor the kernel's need have anything
/// in common with the disk any more. Nobody uses it again, not even who already waits for it.
final class StoreConnection: Sendable {
    private enum State {
        case open(DatabaseQueue)
        /// Only the calls that check it go through.
        case checked(DatabaseQueue)
        case lost
        case closed
    }

    private struct Held {
        var state: State
        /// The queue of the lost connection until the next one is there.
        var untrusted: ObjectIdentifier?
    }

    private let held: Mutex<Held>

    /// Whether the present call is one of those that check a connection before anybody else may use it.
    @TaskLocal static var isChecking = false

    /// A connection that is still to be checked.
    init(_ queue: DatabaseQueue) { held = Mutex(Held(state: .checked(queue))) }

    /// The connection that the present call may use; `nil` when there is none.
    var queue: DatabaseQueue? {
        held.withLock { held in
            switch held.state {
            case .open(let queue): queue
            case .checked(let queue): Self.isChecking ? queue : nil
            case .lost, .closed: nil
            }
        }
    }

    var isClosed: Bool {
        held.withLock { held in
            if case .closed = held.state { true } else { false }
        }
    }

    /// False for work that waited for a connection which was lost meanwhile.
    func trusts(_ queue: DatabaseQueue) -> Bool { held.withLock { $0.untrusted != ObjectIdentifier(queue) } }

    /// Takes the connection from everybody; true when it was open, and so has to be opened again.
    func lose(_ queue: DatabaseQueue) -> Bool {
        held.withLock { held in
            switch held.state {
            case .open(let present) where present === queue:
                held = Held(state: .lost, untrusted: ObjectIdentifier(queue))
                return true
            case .checked(let present) where present === queue:
                held = Held(state: .lost, untrusted: ObjectIdentifier(queue))
                return false
            case .closed:
                held.untrusted = ObjectIdentifier(queue)
                return false
            case .open, .checked, .lost: return false
            }
        }
    }

    /// Takes a new connection in, for the calls that check it; false when the store was closed meanwhile.
    func takeIn(_ queue: DatabaseQueue) -> Bool {
        held.withLock { held in
            if case .closed = held.state { return false }
            held = Held(state: .checked(queue))
            return true
        }
    }

    /// Gives the checked connection to everybody; false when it was lost or the store closed meanwhile.
    func admit() -> Bool {
        held.withLock { held in
            guard case .checked(let queue) = held.state else { return false }
            held.state = .open(queue)
            return true
        }
    }

    /// Ends it; returns the connection that is to be closed, if there is one.
    ///
    /// What waits for it is still done.
    func close() -> DatabaseQueue? {
        held.withLock { held in
            defer { held.state = .closed }
            switch held.state {
            case .open(let queue), .checked(let queue): return queue
            case .lost, .closed: return nil
            }
        }
    }
}
