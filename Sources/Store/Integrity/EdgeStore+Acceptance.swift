public import EdgeCore
import GRDB

extension EdgeStore {
    /// Takes the rows as they are for the right ones, after somebody has looked into what ``verify()`` told.
    ///
    /// Throws `store.unseen`, and changes nothing, where there is more than the last proof told. A line in the audit trail says
    /// that it was done. Indexes are built anew, rows that point nowhere removed, people put back under their own external id,
    /// and lanes for central that are broken begin anew in another epoch; what is wrong with the audit chain or the seals
    /// stays wrong. Throws `store.corrupt` where two rows have one key.
    @discardableResult
    public func acceptContents() async throws(EdgeError) -> AcceptedContents {
        try await tellTouchedFiles()
        let found = try await lookThrough()
        try await requireShown(found)
        let done = try await write { [self] db in
            // First of all: no line can be told in a lane that is broken.
            try settleLanes(db)
            // Told before the alarms are forgotten: an alarm of this very transaction would stand after it.
            try giveUpLostTail(db)
            let tables = StoreAlarm.edited(found.edited.keys.sorted()).facts.dropLast()
            let removed = try StructureMending.mend(db)
            let people = try DigestMending(sealer: sealer, secrets: secrets).run(db)
            let facts = """
                \(tables),"removed":\(removed),"refiled":\(people.mended),"clashing":\(people.clashing)}
                """
            try AlarmRecord.forget(db)
            try ShownFindings.forget(db)
            try audit(AuditRecord(action: "store.accepted", succeeded: true, detailsJSON: facts, at: clock.wall), db)
            try sums.adopt(db)
            onCommit { [health] in for kind in StoreAlarm.Kind.allCases { health.clear(kind.rawValue) } }
            return AcceptedContents(removed: removed, refiled: people.mended, clashing: people.clashing)
        }
        // Lines are sealed no more once a key was lost, which is not over with the alarm.
        if found.alarms.contains(where: { $0.kind == .tail }) { try await reportAuditTail() }
        return done
    }

    private func requireShown(_ found: StoreFindings) async throws(EdgeError) {
        let shown = try await read { db in try ShownFindings.read(db) }
        let unseen = found.all.filter { !shown.contains($0.words) }
        guard unseen.isEmpty else {
            let sentences = unseen.prefix(5).map(\.sentence).joined(separator: " ")
            throw EdgeError(.storeUnseen, "Nobody was shown yet: \(sentences)")
        }
    }
}
