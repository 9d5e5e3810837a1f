public import EdgeCore
public import FoundationEssentials
import GRDB
import SyncCore

extension EdgeStore {
    /// How many lines are removed in one transaction.
    private static let linesPerRemoval = 500

    /// Removes the oldest lines when the options say after how long.
    func pruneAuditWhenDue() async throws(EdgeError) {
        guard let retention = options.auditRetention else { return }
        let seconds = Double(retention.components.seconds)
        _ = try await pruneAudit(before: clock.wall.addingTimeInterval(-seconds))
    }

    /// Removes the lines before the first one of this time, as far as a signed checkpoint reaches; returns how many.
    ///
    /// Lines that central is still to get stay. What remains is verified from that checkpoint on. A line tells of it, so at least one always remains.
    @discardableResult
    public func pruneAudit(before moment: Date) async throws(EdgeError) -> Int {
        let first = try await firstAuditLine(since: moment)
        let hasCentral = outboxLimits.hasCentral
        let found = try await read { [secrets] db -> (AuditCheckpointRecord, from: AuditAnchor?)? in
            let newest = try Int64.fetchOne(db, sql: "SELECT max(sequence) FROM audit") ?? 0
            // A record of the lane points at its line: what central has not got yet stays.
            let waiting = try hasCentral ? Self.firstWaitingLine(db) : nil
            let checkpoint = try Row.fetchOne(
                db,
                sql: """
                    SELECT * FROM audit_checkpoints WHERE first_sequence + size - 1 <= ?
                    ORDER BY first_sequence DESC, size DESC LIMIT 1
                    """, arguments: [min(first, newest, waiting ?? .max) - 1]
            ).map { AuditCheckpointRecord($0) }
            return try checkpoint.map { ($0, try AuditAnchor(db, secrets)) }
        }
        // What a power cut left of the time before.
        var removed = try await removeLines()
        guard let (checkpoint, anchor) = found, checkpoint.lastSequence > anchor?.through ?? 0 else { return removed }
        let start = checkpoint.firstSequence
        let edge = try await edge(over: start..<(checkpoint.lastSequence + 1))
        try await write { [self] db in
            guard try AuditAnchor(db, secrets) == anchor else { return }
            try move(to: checkpoint, edge, db)
        }
        removed += try await removeLines()
        return removed
    }

    private static func firstWaitingLine(_ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db, sql: "SELECT min(source) FROM outbox WHERE lane = ?", arguments: [Lane.audit.priority])
    }

    /// Lets the trail begin behind a checkpoint, in the caller's transaction.
    private func move(to checkpoint: AuditCheckpointRecord, _ edge: MerkleEdge, _ db: Database) throws {
        let through = checkpoint.lastSequence
        let opened = try AuditCheckpoint.open(
            checkpoint.note, of: checkpoint.origin, publicKey: signer.publicKey, signer)
        guard opened?.size == edge.size, try opened?.root == edge.root(MerkleHash(signer)),
            let row = try Row.fetchOne(
                db, sql: "SELECT hash, epoch FROM audit, audit_epochs WHERE sequence = ? AND first_sequence = ?",
                arguments: [through, checkpoint.firstSequence])
        else { throw EdgeError(.storeCorrupt, "The audit trail is not what its checkpoint was signed for.") }
        let tree = AuditTree(epoch: row.bytes("epoch"), firstSequence: checkpoint.firstSequence, edge: edge)
        try AuditAnchor(through: through, hash: row.bytes("hash"), tree: tree).keep(db, secrets)
        try db.execute(
            sql: "DELETE FROM audit_checkpoints WHERE (first_sequence, size) < (?, ?)",
            arguments: [checkpoint.firstSequence, checkpoint.size])
        try audit(
            AuditRecord(
                action: "audit.pruned", succeeded: true, reason: "retention", detailsJSON: #"{"through":\#(through)}"#,
                at: clock.wall), db)
    }

    /// Removes the lines that the trail does not begin with any more, in slices.
    private func removeLines() async throws(EdgeError) -> Int {
        var removed = 0
        while true {
            let count = try await write { db in
                try db.execute(
                    sql: """
                        DELETE FROM audit WHERE sequence IN (
                            SELECT sequence FROM audit WHERE sequence <= ? ORDER BY sequence LIMIT ?)
                        """, arguments: [try AuditAnchor.through(db), Self.linesPerRemoval])
                return db.changesCount
            }
            removed += count
            if count < Self.linesPerRemoval { return removed }
        }
    }
}
