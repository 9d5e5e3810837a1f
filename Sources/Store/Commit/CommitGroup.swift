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
        /// Whether the reserve is given up for it when the disk is full.
        var isUrgent = false
        /// Runs the body and keeps its result for ``finish``.
        let body: @Sendable (Database) throws -> Void
        /// Tells the caller: `nil` once the transaction is on disk, else why it is not.
        let finish: @Sendable ((any Error)?) -> Void
    }

    /// The most transactions that share one commit; 1 puts each on disk alone.
    let limit: Int
    private let waiting = Mutex<[Member]>([])
    private let hooks: CommitHooks
    private let makesRoom: @Sendable () -> Bool
    private let isInPlace: @Sendable () -> Bool
    /// What every transaction's last statement is for; `nil` for a database that keeps no sums.
    private let sums: TableSums?

    /// `makesRoom` gives up the reserve on a full disk; `isInPlace` is asked before each commit, and nothing is committed into a
    /// file that was moved.
    init(
        limit: Int, hooks: CommitHooks, sums: TableSums? = nil, makesRoom: @escaping @Sendable () -> Bool = { false },
        isInPlace: @escaping @Sendable () -> Bool = { true }
    ) {
        self.limit = max(limit, 1)
        self.hooks = hooks
        self.sums = sums
        self.makesRoom = makesRoom
        self.isInPlace = isInPlace
    }

    /// How many wait, or are being put on disk.
    var count: Int { waiting.withLock { $0.count } }

    /// Takes a transaction in; true when the caller must see to it that ``run(_:onFault:)`` is called.
    func enter(_ member: Member) -> Bool {
        waiting.withLock { waiting in
            waiting.append(member)
            return waiting.count == 1
        }
    }

    /// Commits the next group; true when others wait and this must be called again.
    ///
    /// When the disk failed `onFault` hears of it before anybody is told, and all who wait are refused.
    func run(_ db: Database, onFault: (any Error) -> Void = { _ in }) -> Bool {
        // They stay in the list until the end, so that nobody who comes meanwhile calls for a second run.
        let members = waiting.withLock { Array($0.prefix(limit)) }
        let fault = commit(members, db, onFault)
        if let fault {
            refuse(fault, after: members.count)
            return false
        }
        return waiting.withLock { waiting in
            waiting.removeFirst(members.count)
            return !waiting.isEmpty
        }
    }

    /// Tells all who wait that nothing is written any more; the first `told` of them have heard already.
    func refuse(_ error: any Error, after told: Int = 0) {
        let rest = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting.dropFirst(told)
        }
        for each in rest { each.finish(error) }
    }

    /// The failure of the disk after which the connection is not to be used any more; `nil` when there was none.
    private func commit(
        _ members: [Member], _ db: Database, _ onFault: (any Error) -> Void
    ) -> (any Error)? {
        guard members.count > 1 else { return alone(members, db, onFault) }
        var done: [(member: Member, hooks: CommitHooks.Pair)] = []
        var failed: [(member: Member, error: any Error)] = []
        defer { for each in failed { each.member.finish(each.error) } }
        // A transaction that could not even begin has reached nobody.
        var reached = 0
        do {
            try db.inTransaction(.immediate) {
                sums?.begin()
                for (place, member) in members.enumerated() {
                    reached = place + 1
                    let before = sums?.changes
                    do {
                        try inSavepoint(member, db)
                        done.append((member, hooks.take()))
                    } catch {
                        hooks.take().rolledBack()
                        let comesAgain = isDiskFull(error) && member.isUrgent
                        if !comesAgain { failed.append((member, error)) }
                        // A full disk or a failed write undoes everybody's work, not only this member's.
                        guard db.isInsideTransaction, !isDiskFault(error) else {
                            throw Undone(by: error, rest: Array(members[(place + (comesAgain ? 0 : 1))...]))
                        }
                        if let before { sums?.changes = before }
                    }
                }
                try sums?.write(db)
                guard isInPlace() else { throw FilePlace.moved }
                return .commit
            }
        } catch {
            for each in done { each.hooks.rolledBack() }
            let undone = error as? Undone
            return again(
                done.map(\.member) + (undone?.rest ?? Array(members[reached...])), after: undone?.by ?? error,
                undone != nil, db, onFault)
        }
        sums?.committed()
        for each in done { each.hooks.committed() }
        for each in done { each.member.finish(nil) }
        return nil
    }

    private func inSavepoint(_ member: Member, _ db: Database) throws {
        try db.inSavepoint {
            try member.body(db)
            return .commit
        }
    }

    /// What becomes of those whose work was undone with another's: alone they may come through.
    private func again(
        _ members: [Member], after error: any Error, _ wasUndone: Bool, _ db: Database,
        _ onFault: (any Error) -> Void
    ) -> (any Error)? {
        if !isDiskFault(error), wasUndone || isDiskFull(error) { return alone(members, db, onFault) }
        let isFault = isDiskFault(error)
        if isFault { onFault(error) }
        for each in members { each.finish(error) }
        return isFault ? error : nil
    }

    private func alone(
        _ members: [Member], _ db: Database, _ onFault: (any Error) -> Void
    ) -> (any Error)? {
        var fault: (any Error)?
        for member in members {
            if let fault {
                member.finish(fault)
                continue
            }
            var error = attempt(member, db)
            if let full = error, isDiskFull(full), member.isUrgent, makesRoom() { error = attempt(member, db) }
            if let error, isDiskFault(error) {
                fault = error
                onFault(error)
            }
            member.finish(error)
        }
        return fault
    }

    private func attempt(_ member: Member, _ db: Database) -> (any Error)? {
        do {
            try db.inTransaction(.immediate) {
                sums?.begin()
                try member.body(db)
                try sums?.write(db)
                guard isInPlace() else { throw FilePlace.moved }
                return .commit
            }
            sums?.committed()
            hooks.take().committed()
            return nil
        } catch {
            hooks.take().rolledBack()
            return error
        }
    }

    /// SQLite rolled the whole group back.
    private struct Undone: Error {
        let by: any Error
        let rest: [Member]
    }
}
