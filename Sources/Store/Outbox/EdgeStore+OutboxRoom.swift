import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What happens to a lane that is as long as it may be.
extension EdgeStore {
    /// Sees to it that a record finds room; true when lanes were changed meanwhile.
    ///
    /// Throws `outbox.full` where the cause is to be refused.
    @discardableResult
    func makeRoom(
        in lane: Lane, bytes: Int64, urgency: RecordUrgency, _ state: LaneState, _ db: Database
    ) throws -> Bool {
        let quota = outboxLimits.quota(of: lane)
        var state = state
        var lost: LostRecords?
        while true {
            let verdict = QuotaRule.judge(
                bytes: bytes, urgency: urgency, depth: state.depth, held: state.bytes, quota: quota,
                policy: outboxLimits.policy(of: lane))
            switch verdict {
            case .take:
                guard let lost else { return false }
                try note(lost, in: lane, db)
                return true
            case .refuse:
                onRollback { [self] in showFull(lane) }
                throw EdgeError(.outboxFull, "The \(lane.rawValue) records that wait for central fill their quota.")
            case .drop(let count):
                let before = state
                state = try release(lane, through: state.released + count, db)
                lost = LostRecords(
                    first: lost?.first ?? before.released + 1, last: state.released,
                    previous: lost?.previous ?? before.releasedHead, head: state.releasedHead)
            }
        }
    }

    /// Lets go of all records of a lane up to a number, in the caller's transaction; the lane as it stands then.
    @discardableResult
    func release(_ lane: Lane, through sequence: Int64, _ db: Database) throws -> LaneState {
        var states = try laneStates(db)
        var state = states[lane]
        guard sequence > state.released else { return state }
        guard sequence <= state.last, let head = try hash(of: lane, at: sequence, db) else {
            throw EdgeError(.storeCorrupt, "A record of the outbox is missing.")
        }
        let going: StatementArguments = [lane.priority, sequence]
        let bytes = try Int64.fetchOne(
            db, sql: "SELECT sum(\(OutboxRow.cost)) FROM outbox WHERE lane = ? AND sequence <= ?", arguments: going)
        try db.execute(sql: "DELETE FROM outbox WHERE lane = ? AND sequence <= ?", arguments: going)
        state.released = sequence
        state.releasedHead = head
        state.bytes -= bytes ?? 0
        states[lane] = state
        try states.keep(db, secrets)
        return state
    }

    /// The running hash after a record that is here.
    func hash(of lane: Lane, at sequence: Int64, _ db: Database) throws -> ChainHash? {
        let kept = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT hash FROM outbox WHERE lane = ? AND sequence = ?"),
            arguments: [lane.priority, sequence])
        return kept.flatMap { ChainHash(Array($0)) }
    }

    /// Records that were dropped before central had them.
    private struct LostRecords {
        let first: Int64
        let last: Int64
        /// The running hash before the first.
        let previous: ChainHash
        /// The running hash after the last: what the next record follows.
        let head: ChainHash
    }

    /// A loss is a line of the audit trail, and so a record of the audit lane.
    private func note(_ lost: LostRecords, in lane: Lane, _ db: Database) throws {
        let facts: PayloadValue = [
            "lane": .text(lane.rawValue), "from": .integer(Int(lost.first)), "to": .integer(Int(lost.last)),
            "count": .integer(Int(lost.last - lost.first + 1)), "previous": .text(hexadecimal(lost.previous.bytes)),
            "head": .text(hexadecimal(lost.head.bytes)),
        ]
        // Whoever asked for what needed the room did not ask for this.
        try RequestOrigin.$current.withValue(nil) {
            try audit(
                AuditRecord(
                    action: Self.lossAction, succeeded: false, reason: "quota", detailsJSON: facts.jsonText,
                    at: clock.wall), db)
        }
        guard outboxLimits.hasCentral else { return }
        onCommit { [self] in showLoss(lane) }
    }

    static let lossAction = "outbox.gap"
}

extension EdgeStore {
    private func showFull(_ lane: Lane) {
        health.raise(
            ErrorCode.outboxFull.rawValue, subject: lane.rawValue,
            title: "What waits for central fills its quota: \(lane.rawValue).", severity: .error,
            remedy: ErrorCode.outboxFull.remedy)
    }

    private func showLoss(_ lane: Lane) {
        health.raise(
            "outbox.dropped", subject: lane.rawValue,
            title: "Records that central does not have were dropped: \(lane.rawValue).", severity: .warning,
            remedy: "See why central is not reached; the audit trail has the lost numbers (outbox.gap).")
    }

    /// Ends what was told of a lane's want of room, once there is room again.
    func showRoom(_ lane: Lane, _ state: LaneState) {
        let quota = outboxLimits.quota(of: lane)
        guard state.depth < quota.records, state.bytes < quota.bytes else { return }
        health.clear(ErrorCode.outboxFull.rawValue, subject: lane.rawValue)
        if state.depth == 0 { health.clear("outbox.dropped", subject: lane.rawValue) }
    }
}
