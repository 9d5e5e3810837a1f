import Synchronization

/// What is to be done in memory once a transaction is on disk, and what when it is not.
///
/// A transaction of a group can fail without its neighbours; so each one's hooks are its own.
final class CommitHooks: Sendable {
    typealias Hook = @Sendable () -> Void

    /// The hooks of one transaction, in the order in which they were asked for.
    struct Pair: Sendable {
        var onCommit: [Hook] = []
        var onRollback: [Hook] = []

        func committed() { for hook in onCommit { hook() } }
        func rolledBack() { for hook in onRollback { hook() } }
    }

    private let pair = Mutex(Pair())

    func add(onCommit: Hook? = nil, onRollback: Hook? = nil) {
        pair.withLock { pair in
            if let onCommit { pair.onCommit.append(onCommit) }
            if let onRollback { pair.onRollback.append(onRollback) }
        }
    }

    /// Takes what the transaction that just ran has asked for; the next one begins with none.
    func take() -> Pair {
        pair.withLock { pair in
            defer { pair = Pair() }
            return pair
        }
    }
}
