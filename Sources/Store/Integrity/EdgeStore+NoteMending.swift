import EdgeCore
import GRDB
import Logging
import SyncCore

/// Notes of the file that can be read and are wrong: nothing is written on the strength of them.
extension EdgeStore {
    /// Puts them right at the opening, before the first line is written; the alarm of what was edited stands all the same.
    ///
    /// Of a file whose rows were changed past `edged`: the device, by a checkpoint that it signed, and the edge of the audit
    /// tree, by its lines. Lanes whose account is not this device's, or that hold numbers which were not given out yet, begin
    /// anew. Throws `store.corrupt` where lanes would have to and nothing is to be mended.
    func mendNotes() async throws(EdgeError) {
        let isEdited = sums.alarms.contains { $0.kind == .edited }
        let areLanesUsable = try await read { [self] db in try self.areLanesUsable(db) }
        guard isEdited || !areLanesUsable else { return }
        guard options.recovers else {
            guard areLanesUsable else {
                throw EdgeError(.storeCorrupt, "How the lanes for central stand is not as it was written.")
            }
            return
        }
        try await write(.urgent) { [self] db in
            try FileNotes.restoreDevice(db, signer)
            try mendAuditEdge(db)
        }
        guard !areLanesUsable else { return }
        // What waits for central is told again, as much of it as a member may keep.
        try await loadFleet()
        try await write(.urgent) { [self] db in try settleLanes(db) }
        log.error("lanes for central were not as they were written and begin anew")
    }

    private func areLanesUsable(_ db: Database) throws -> Bool {
        // Where the epoch has ended they begin anew in any case.
        guard try StoreIdentity.endedEpoch(db) == nil, let states = try LaneStates.read(db) else { return true }
        guard try LaneStates.isAuthentic(db, secrets) else { return false }
        return try Lane.allCases.allSatisfy { lane in
            let beyond = try Bool.fetchOne(
                db, sql: "SELECT 1 FROM outbox WHERE lane = ? AND sequence > ? LIMIT 1",
                arguments: [lane.priority, states[lane].last])
            return beyond == nil
        }
    }

    /// Lines that were edited, or are fewer than the head says, leave the edge as it is: it tells that they are not those that
    /// were signed for.
    private func mendAuditEdge(_ db: Database) throws {
        guard try AuditTree.head(db) != nil else { return }
        guard let grown = try AuditTree.grown(db, secrets, MerkleHash(signer)), try AuditTree.edge(db) != grown.edge
        else {
            return
        }
        try grown.keep(db)
        onCommit { [log] in log.error("the edge of the audit tree was not that of its lines, and was grown anew") }
    }
}
