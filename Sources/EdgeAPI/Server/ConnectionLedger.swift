import HummingbirdCore
import Logging
import NIOCore
import SyncCore
import Synchronization

/// Bounds the open connections of one listener, and keeps a place free for whoever comes next.
///
/// When all places are taken, the connection goes that has been silent for longest; if none is silent, the one that has
/// been sending its request for longest, then the one that has been taking its answer for longest. One whose answer is
/// still being made stays. So ten thousand open connections that
/// say nothing cost the memory of a few hundred, and the next caller is served at once.
final class ConnectionLedger: Sendable {
    /// What a connection does.
    enum State: Int, Sendable {
        /// Has not asked anything yet, or has its last answer.
        case silent
        /// Its request is still arriving.
        case asking
        /// A finished answer is on its way; whoever does not read it must not hold the place for ever.
        case writing
        /// Its answer is being made, or is a stream; WebSockets stay here.
        case answered
    }

    private struct Entry {
        let channel: any Channel
        var state: State
        /// Counts up with every change of any connection: the order in time, without a clock.
        var turn: UInt64
    }

    private struct Book {
        var entries: [ObjectIdentifier: Entry] = [:]
        var turn: UInt64 = 0
        var evicted: UInt64 = 0
    }

    let maximum: Int
    private let book = Mutex(Book())

    /// A ledger with `maximum` places, at least one.
    init(maximum: Int) { self.maximum = max(maximum, 1) }

    /// Connections open now.
    var count: Int { book.withLock { $0.entries.count } }
    /// Connections that had to go since the start.
    var evicted: UInt64 { book.withLock { $0.evicted } }

    /// Takes a connection in; false when every place is taken by a connection that is being answered.
    func enter(_ channel: any Channel) -> Bool {
        let (isIn, leaving) = book.withLock { book -> (Bool, (any Channel)?) in
            var leaving: (any Channel)?
            if book.entries.count >= maximum {
                guard let id = Self.mostExpendable(book.entries) else { return (false, nil) }
                leaving = book.entries.removeValue(forKey: id)?.channel
                book.evicted += 1
            }
            book.turn += 1
            book.entries[ObjectIdentifier(channel)] = Entry(channel: channel, state: .silent, turn: book.turn)
            return (true, leaving)
        }
        leaving?.close(promise: nil)
        return isIn
    }

    /// Forgets a connection that has closed.
    func leave(_ channel: any Channel) {
        book.withLock { _ = $0.entries.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Notes what a connection does from now on.
    func note(_ state: State, _ channel: any Channel) {
        book.withLock { book in
            book.turn += 1
            book.entries[ObjectIdentifier(channel)]?.state = state
            book.entries[ObjectIdentifier(channel)]?.turn = book.turn
        }
    }

    private static func mostExpendable(_ entries: [ObjectIdentifier: Entry]) -> ObjectIdentifier? {
        entries.filter { $0.value.state != .answered }
            .min { ($0.value.state.rawValue, $0.value.turn) < ($1.value.state.rawValue, $1.value.turn) }?.key
    }
}

/// Any kind of connection, entered in a ledger before the first byte is read.
struct LedgerChannel<Base: ServerChildChannel>: ServerChildChannel {
    let base: Base
    let ledger: ConnectionLedger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Base.Value> {
        guard ledger.enter(channel) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        }
        LineVigil.central.watch(channel)
        let ledger = ledger
        channel.closeFuture.whenComplete { _ in ledger.leave(channel) }
        return base.setup(channel: channel, logger: logger)
    }

    func handle(value: Base.Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
