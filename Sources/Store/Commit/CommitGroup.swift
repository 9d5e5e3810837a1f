import EdgeCore
import GRDB
import Synchronization

/// Puts transactions that wait at the same time on disk together.
///
/// While one group is being synced the next gathers, so nobody waits for company and a busy device pays one `fsync`
/// for many. Each body is a savepoint of its own: one that throws takes nothing of its neighbours with it.
final class CommitGroup: Sendable {
    /// One caller's transaction.
    struct Member: Sendable {
        /// Runs the body and keeps its result for ``finish``.
        let body: @Sendable (Database) throws -> Void
        /// Tells the caller: `nil` once the transaction is on disk, else why it is not.
        let finish: @Sendable ((any Error)?) -> Void
    }

    /// The most transactions that share one commit; 1 puts each on disk alone.
    let limit: Int
    private let waiting = Mutex<[Member]>([])
    private let hooks: CommitHooks
    /// What every transaction's last statement is for; `nil` for a database that keeps no sums.
    private let sums: TableSums?

    init(limit: Int, hooks: CommitHooks, sums: TableSums? = nil) {
        self.limit = max(limit, 1)
        self.hooks = hooks
        self.sums = sums
    }

    /// Takes a transaction in; true when the caller must see to it that ``run(_:)`` is called.
    func enter(_ member: Member) -> Bool {
        waiting.withLock { waiting in
            waiting.append(member)
            return waiting.count == 1
        }
    }

    /// Commits the next group; true when others wait and ``run(_:)`` must be called again.
    func run(_ db: Database) -> Bool {
        // They stay in the list until the end, so that nobody who comes meanwhile calls for a second run.
        let members = waiting.withLock { Array($0.prefix(limit)) }
        commit(members, db)
        return waiting.withLock { waiting in
            waiting.removeFirst(members.count)
            return !waiting.isEmpty
        }
    }

    private func commit(_ members: [Member], _ db: Database) {
        guard members.count > 1 else { return members.forEach { alone($0, db) } }
        var done: [(member: Member, hooks: CommitHooks.Pair)] = []
        var failed: [(member: Member, error: any Error)] = []
        do {
            try db.inTransaction(.immediate) {
                sums?.begin()
                for (place, member) in members.enumerated() {
                    let before = sums?.changes
                    do {
                        try db.inSavepoint {
                            try member.body(db)
                            return .commit
                        }
                        done.append((member, hooks.take()))
                    } catch {
                        hooks.take().rolledBack()
                        failed.append((member, error))
                        // A full disk or a failed write undoes everybody's work, not only this member's.
                        guard db.isInsideTransaction else { throw Undone(rest: Array(members[(place + 1)...])) }
                        if let before { sums?.changes = before }
                    }
                }
                try sums?.write(db)
                return .commit
            }
            sums?.committed()
            for each in done { each.hooks.committed() }
            for each in done { each.member.finish(nil) }
        } catch let undone as Undone {
            for each in done { each.hooks.rolledBack() }
            for each in done.map(\.member) + undone.rest { alone(each, db) }
        } catch {
            for each in done { each.hooks.rolledBack() }
            for each in done { each.member.finish(error) }
        }
        for each in failed { each.member.finish(each.error) }
    }

    private func alone(_ member: Member, _ db: Database) {
        do {
            try db.inTransaction(.immediate) {
                sums?.begin()
                try member.body(db)
                try sums?.write(db)
                return .commit
            }
            sums?.committed()
            hooks.take().committed()
            member.finish(nil)
        } catch {
            hooks.take().rolledBack()
            member.finish(error)
        }
    }

    /// SQLite rolled the whole group back.
    private struct Undone: Error {
        let rest: [Member]
    }
}
