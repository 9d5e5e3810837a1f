import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

extension EdgeStore {
    /// How the lanes of the present epoch stand; they begin when nobody counted in it yet.
    func laneStates(_ db: Database) throws -> LaneStates {
        let epoch = try StoreIdentity.epoch(db)
        let known = try LaneStates.read(db)
        if let known, known.epoch == epoch { return known }
        // Whoever starts an epoch begins its lanes with the reason; without one nothing is known of the former.
        try beginLanes(epoch, reason: known == nil ? .fresh : .corrupt, db)
        return try LaneStates.read(db) ?? LaneStates(epoch: epoch)
    }

    /// Begins the lanes of an epoch: they count from 1 again, and what central does not have of the former is given up.
    ///
    /// The first record of the control lane tells so, signed, since the former chain ends without it.
    func beginLanes(_ epoch: [UInt8], reason: EpochReason, _ db: Database) throws {
        // An account that cannot be read tells of no former lanes, and keeps no others from beginning.
        let former = try? LaneStates.read(db)
        try db.execute(sql: "DELETE FROM outbox WHERE sequence <= ?", arguments: [RecordsAside.shift])
        try LaneStates(epoch: epoch).keep(db, secrets)
        try noteEpoch(epoch, reason, db)
        let end = EndedLanes(
            former, device: try StoreIdentity.device(db), epoch: epoch, reason: reason,
            history: try epochHistory(before: epoch, db))
        try enqueue(
            OutboxDraft(kind: "epoch.started", content: .facts(try end.facts(signer)), urgency: .essential),
            lane: .control, db)
        try missPeople(db)
        try offerAgain(db)
    }
}

/// What an epoch says of the one before it.
private struct EndedLanes {
    let former: LaneStates?
    let origin: String
    let reason: EpochReason
    /// All epochs before, the first one first, as far as the audit trail knows them.
    let history: [[UInt8]]

    init(_ former: LaneStates?, device: [UInt8], epoch: [UInt8], reason: EpochReason, history: [[UInt8]]) {
        self.history = history
        self.former = former
        origin = AuditCheckpoint.origin(device: device, epoch: epoch)
        self.reason = reason
    }

    func facts(_ signer: any Signer) throws(EdgeError) -> PayloadValue {
        [
            "reason": .text(reason.rawValue), "former": .text(former.map { hexadecimal($0.epoch) }),
            "history": .list(history.map { .text(hexadecimal($0)) }), "lanes": .list(lanes.map(\.facts)),
            "gap": .text(try SignedNote.sign(note, as: origin, signer)),
        ]
    }

    /// A lane of which the device knew more than that it was acknowledged.
    private struct Ended {
        let lane: Lane
        let state: LaneState

        var facts: PayloadValue {
            [
                "lane": .text(lane.rawValue), "acknowledged": .integer(Int(state.acknowledged)),
                "last": .integer(Int(state.last)), "head": .text(hexadecimal(state.head.bytes)),
            ]
        }
    }

    private var lanes: [Ended] {
        guard let former else { return [] }
        return Lane.allCases.map { Ended(lane: $0, state: former[$0]) }.filter { $0.state.last > 0 }
    }

    /// All that is not acknowledged is lost, also what a restored copy does not know of.
    private var note: String {
        let lost = lanes.map { "lost \($0.lane.rawValue) after \($0.state.acknowledged) known \($0.state.last)\n" }
        return "\(origin)\nepoch \(reason.rawValue) after \(former.map { hexadecimal($0.epoch) } ?? "-")\n"
            + lost.joined()
    }
}
