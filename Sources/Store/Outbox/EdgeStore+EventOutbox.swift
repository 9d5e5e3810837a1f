public import EdgeCore
import FoundationEssentials
import GRDB
public import SyncCore

extension EdgeStore: EventOutbox {
    /// How all lanes stand, the most urgent first.
    public func lanes() async throws(EdgeError) -> [LaneStatus] {
        try await read { [self] db in
            guard let states = try LaneStates.read(db) else { return [] }
            return try Lane.allCases.sorted().map { lane in
                let state = states[lane]
                let oldest = try Int64.fetchOne(
                    db.cachedStatement(sql: "SELECT at FROM outbox WHERE lane = ? ORDER BY sequence LIMIT 1"),
                    arguments: [lane.priority])
                return LaneStatus(
                    address: try address(lane, epoch: states.epoch, db), last: UInt64(state.last), head: state.head,
                    released: UInt64(state.released), releasedHead: state.releasedHead,
                    acknowledged: UInt64(state.acknowledged), bytes: state.bytes, oldest: oldest)
            }
        }
    }

    /// Records of a lane after number `sequence`, in order, at most `limit`.
    public func records(
        of lane: Lane, after sequence: UInt64, limit: Int
    ) async throws(EdgeError) -> [OutboxRecord] {
        try await read { [self] db in
            guard let states = try LaneStates.read(db) else { return [] }
            let address = try address(lane, epoch: states.epoch, db)
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM outbox WHERE lane = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [lane.priority, Int64(clamping: sequence), max(limit, 0)])
            return try rows.map { row in
                let row = try OutboxRow(row, address)
                return OutboxRecord(
                    head: row.head, digest: row.digest, hash: row.hash, payload: try payload(of: row, db))
            }
        }
    }

    /// The payloads as they are sent; `nil` for what was erased since.
    public func open(_ records: [OutboxRecord]) async throws(EdgeError) -> [[UInt8]?] {
        try await read { [self] db in
            try records.map { record in
                if case .plain(let bytes) = record.payload { return bytes }
                return try row(record.head.position, db).flatMap { try opened($0, db) }
            }
        }
    }

    /// Records of a lane after number `sequence` with what they carry as it is sent, all of it read at one moment.
    ///
    /// What was erased is withheld. They carry at most `bytes` together, though one always comes.
    public func openRecords(
        of lane: Lane, after sequence: UInt64, limit: Int, bytes: Int
    ) async throws(EdgeError) -> [OutboxRecord] {
        try await read { [self] db in
            guard let states = try LaneStates.read(db) else { return [] }
            let address = try address(lane, epoch: states.epoch, db)
            let found = try Row.fetchCursor(
                db,
                sql: "SELECT * FROM outbox WHERE lane = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                arguments: [lane.priority, Int64(clamping: sequence), max(limit, 0)])
            var records: [OutboxRecord] = []
            var left = bytes
            while let columns = try found.next() {
                let row = try OutboxRow(columns, address)
                let payload = try opened(row, db)
                left -= payload?.count ?? 0
                guard left >= 0 || records.isEmpty else { break }
                records.append(
                    OutboxRecord(
                        head: row.head, digest: row.digest, hash: row.hash,
                        payload: payload.map { .plain($0) } ?? .withheld))
            }
            return records
        }
    }

    /// Notes that central has everything up to `sequence` on disk, and lets go of it, in one transaction.
    ///
    /// Throws `outbox.fork` for another hash than ours, and for a number that was never given out.
    public func acknowledge(_ lane: Lane, through sequence: UInt64, head: ChainHash) async throws(EdgeError) {
        try await write { [self] db in try acknowledge(lane, through: sequence, head: head, db) }
    }

    /// The same in the caller's transaction.
    func acknowledge(_ lane: Lane, through sequence: UInt64, head: ChainHash, _ db: Database) throws {
        let through = Int64(clamping: sequence)
        let state = try laneStates(db)[lane]
        let own = through == state.released ? state.releasedHead : try hash(of: lane, at: through, db)
        switch AcknowledgementRule.judge(sequence, head: head, newest: UInt64(state.last), own: { _ in own }) {
        case .forked: throw EdgeError(.outboxFork)
        case .rolledBack: throw EdgeError(.outboxFork, "Central has records that this store never made.")
        case .valid: break
        }
        // Nothing is known of older ones any more; acknowledging them again changes nothing.
        guard through >= state.released else { return }
        try release(lane, through: through, db)
        var states = try laneStates(db)
        guard states[lane].acknowledged < through else { return }
        states[lane].acknowledged = through
        try states.keep(db, secrets)
        onCommit { [self, state = states[lane]] in showRoom(lane, state) }
    }

    /// The row of a record of the present epoch; `nil` when it is not here any more.
    private func row(_ position: RecordPosition, _ db: Database) throws -> OutboxRow? {
        let lane = position.address.lane
        let present = try address(lane, epoch: try StoreIdentity.epoch(db), db)
        guard present == position.address else { return nil }
        return try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM outbox WHERE lane = ? AND sequence = ?"),
            arguments: [lane.priority, Int64(clamping: position.sequence)]
        ).map { try OutboxRow($0, present) }
    }
}
