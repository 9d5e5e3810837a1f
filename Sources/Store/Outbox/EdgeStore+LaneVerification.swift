import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What a walk along the lanes found.
public struct LaneVerification: Sendable, Equatable {
    /// How many records were checked.
    public let records: Int
    /// Of each lane that is not as it was written: the first record that is missing or not the one written there.
    public let firstBroken: [String: Int64]

    /// Whether nothing was found.
    public var isWhole: Bool { firstBroken.isEmpty }
}

extension EdgeStore {
    /// Walks all lanes: finds a record edited, removed, added or moved, an edited payload, and an edited account of how the
    /// lanes stand, by anybody without the device's keys.
    func verifyLanes(_ db: Database) throws -> LaneVerification {
        guard let states = try? LaneStates.read(db) else {
            let isEmpty = try Int.fetchOne(db, sql: "SELECT count(*) FROM outbox") == 0
            let hasState = try Bool.fetchOne(db, sql: "SELECT 1 FROM meta WHERE name = 'outbox'") ?? false
            return LaneVerification(records: 0, firstBroken: isEmpty && !hasState ? [:] : ["control": 1])
        }
        let epoch = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'epoch'")
        guard try LaneStates.isAuthentic(db, secrets), epoch == Data(states.epoch) else {
            return LaneVerification(records: 0, firstBroken: ["control": max(states[.control].released, 0) &+ 1])
        }
        var records = 0
        var broken: [String: Int64] = [:]
        for lane in Lane.allCases {
            var walk = LaneWalk(states[lane])
            let address = try address(lane, epoch: states.epoch, db)
            let rows = try Row.fetchCursor(
                db, sql: "SELECT * FROM outbox WHERE lane = ? ORDER BY sequence", arguments: [lane.priority])
            while walk.broken == nil, let row = try rows.next() {
                // A row that cannot be read any more is an edited one, not a failure of the walk.
                guard let row = try? OutboxRow(row, address) else { break }
                try walk.accept(row, linked: { try link($0.head, after: $1, digest: $0.digest) })
                guard walk.broken == nil else { break }
                guard try isPayloadRight(row, db) else {
                    walk.broken = Int64(row.head.position.sequence)
                    break
                }
                records += 1
            }
            if let place = walk.firstBroken { broken[lane.rawValue] = place }
        }
        return LaneVerification(records: records, firstBroken: broken)
    }

    private func isPayloadRight(_ row: OutboxRow, _ db: Database) throws -> Bool {
        do {
            guard let bytes = try opened(row, db) else { return true }
            return try sha256(bytes) == row.digest
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            return false
        }
    }
}

/// A walk along one lane from its oldest record that is here.
private struct LaneWalk {
    private let state: LaneState
    private var sequence: Int64
    private var hash: ChainHash
    private var bytes: Int64 = 0
    /// The first record that is not the one written there, so far.
    var broken: Int64?

    init(_ state: LaneState) {
        self.state = state
        sequence = state.released
        hash = state.releasedHead
    }

    mutating func accept(_ row: OutboxRow, linked: (OutboxRow, ChainHash) throws -> ChainHash) throws {
        guard row.head.position.sequence == UInt64(sequence + 1), try linked(row, hash) == row.hash else {
            broken = sequence + 1
            return
        }
        sequence += 1
        hash = row.hash
        bytes += OutboxRow.cost(kind: row.head.kind, payload: row.payload?.count)
    }

    /// Called at the end: the walk must have come to where the lane stands.
    var firstBroken: Int64? {
        if let broken { return broken }
        let isEnd = sequence == state.last && hash == state.head && bytes == state.bytes
        return isEnd ? nil : sequence + 1
    }
}
