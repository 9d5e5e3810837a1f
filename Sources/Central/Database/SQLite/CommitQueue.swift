import GRDB
import Synchronization

/// Puts transactions that wait at the same time on disk together.
///
/// While one group is being synced the next gathers. Each body is a savepoint of its own: one that throws takes nothing of
/// its neighbours with it. When the group itself cannot be committed all of it is told so; devices say again what they
/// were not told to be on disk.
final class CommitQueue: Sendable {
    /// One caller's transaction.
    struct Member: Sendable {
        /// Runs the body and keeps its result for ``finish``.
        let body: @Sendable (Database) throws -> Void
        /// Tells the caller: `nil` once the transaction is on disk, else why it is not.
        let finish: @Sendable ((any Error)?) -> Void
    }

    private let limit: Int
    private let waiting = Mutex<[Member]>([])

    init(limit: Int) { self.limit = max(limit, 1) }

    /// Takes a transaction in, and sees to it that it is run.
    func submit(_ member: Member, to queue: DatabaseQueue) {
        let isFirst = waiting.withLock { waiting in
            waiting.append(member)
            return waiting.count == 1
        }
        if isFirst { schedule(queue) }
    }

    private func schedule(_ queue: DatabaseQueue) {
        queue.asyncWriteWithoutTransaction { [self] db in
            // They stay in the list until the end, so that nobody who comes meanwhile asks for a second run.
            let members = waiting.withLock { Array($0.prefix(limit)) }
            commit(members, db)
            let isMore = waiting.withLock { waiting in
                waiting.removeFirst(members.count)
                return !waiting.isEmpty
            }
            if isMore { schedule(queue) }
        }
    }

    private func commit(_ members: [Member], _ db: Database) {
        var results: [(member: Member, error: (any Error)?)] = []
        do {
            try db.inTransaction(.immediate) {
                for member in members { results.append((member, try run(member, db))) }
                return .commit
            }
        } catch {
            for member in members { member.finish(error) }
            return
        }
        for result in results { result.member.finish(result.error) }
    }

    /// Why the body did not come through; throws where SQLite has undone the whole group.
    private func run(_ member: Member, _ db: Database) throws -> (any Error)? {
        do {
            try db.inSavepoint {
                try member.body(db)
                return .commit
            }
            return nil
        } catch {
            guard db.isInsideTransaction else { throw error }
            return error
        }
    }
}
