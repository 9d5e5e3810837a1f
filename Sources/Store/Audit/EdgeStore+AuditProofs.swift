public import EdgeCore
import GRDB

extension EdgeStore {
    /// How many lines are read at once, so that transactions get in between.
    static let linesPerRead: Int64 = 500

    /// Shows that a line stands in the trail, by the newest checkpoint of its epoch.
    ///
    /// `nil` when there is no such line, none of an earlier version, or no checkpoint covers it yet.
    public func auditProof(of sequence: Int64) async throws(EdgeError) -> AuditProof? {
        let found = try await read { db -> (line: String, checkpoint: AuditCheckpointRecord)? in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM audit WHERE sequence = ?", arguments: [sequence]),
                let checkpoint = try Self.checkpoint(covering: sequence, db)
            else { return nil }
            return (try AuditLine(row).canonical, checkpoint)
        }
        guard let (line, checkpoint) = found else { return nil }
        let index = sequence - checkpoint.firstSequence
        let path = try await roots(
            of: InclusionProof.ranges(index: index, size: checkpoint.size), from: checkpoint.firstSequence)
        return AuditProof(
            line: line, inclusion: InclusionProof(index: index, size: checkpoint.size, path: path),
            origin: checkpoint.origin, checkpoint: checkpoint.note)
    }

    /// Shows that the later of two checkpoints of one epoch only appended to the earlier one.
    ///
    /// `nil` when they are not of one epoch or in the other order.
    public func auditConsistency(
        from first: AuditCheckpointRecord, to second: AuditCheckpointRecord
    ) async throws(EdgeError) -> ConsistencyProof? {
        guard first.origin == second.origin, first.firstSequence == second.firstSequence, first.size > 0,
            first.size <= second.size
        else { return nil }
        let ranges = ConsistencyProof.ranges(first: first.size, second: second.size)
        return ConsistencyProof(
            first: first.size, second: second.size, path: try await roots(of: ranges, from: first.firstSequence))
    }

    private static func checkpoint(covering sequence: Int64, _ db: Database) throws -> AuditCheckpointRecord? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM audit_checkpoints
                WHERE first_sequence = (SELECT max(first_sequence) FROM audit_epochs WHERE first_sequence <= ?1)
                    AND first_sequence + size > ?1
                ORDER BY size DESC LIMIT 1
                """, arguments: [sequence]
        ).map { AuditCheckpointRecord($0) }
    }

    /// The roots of the subtrees over these leaves; the first leaf is the line `start`.
    func roots(of ranges: [Range<Int64>], from start: Int64) async throws(EdgeError) -> [[UInt8]] {
        var roots: [[UInt8]] = []
        for leaves in ranges {
            let lines = (start + leaves.lowerBound)..<(start + leaves.upperBound)
            roots.append(try await edge(over: lines).root(MerkleHash(signer)))
        }
        return roots
    }

    /// The edge over those of these lines that were removed, and the first line behind them.
    private static func removedPart(
        of lines: Range<Int64>, _ anchor: AuditAnchor?
    ) throws(EdgeError) -> (edge: MerkleEdge, next: Int64) {
        guard let anchor, lines.contains(anchor.through) || lines.upperBound <= anchor.through else {
            return (MerkleEdge(), lines.lowerBound)
        }
        let (start, next) = (anchor.tree.firstSequence, min(lines.upperBound, anchor.through + 1))
        guard start <= lines.lowerBound, let part = anchor.tree.edge.part(lines.lowerBound - start..<next - start)
        else { throw EdgeError(.storeCorrupt, "These lines of the audit trail were removed.") }
        return (part, next)
    }

    /// The edge of the tree over these lines.
    func edge(over lines: Range<Int64>) async throws(EdgeError) -> MerkleEdge {
        let hash = MerkleHash(signer)
        var (edge, next) = try await read { [secrets] db in try Self.removedPart(of: lines, AuditAnchor(db, secrets)) }
        while next < lines.upperBound {
            let part = next..<min(next + Self.linesPerRead, lines.upperBound)
            edge = try await read { [edge] db in
                var edge = edge
                let rows = try Row.fetchCursor(
                    db, sql: "SELECT * FROM audit WHERE sequence >= ? AND sequence < ? ORDER BY sequence",
                    arguments: [part.lowerBound, part.upperBound])
                while let row = try rows.next() {
                    try edge.append(hash.leaf(AuditLine(row).canonical.utf8), hash)
                }
                return edge
            }
            next = part.upperBound
        }
        guard edge.size == Int64(lines.count) else { throw EdgeError(.storeCorrupt, "Audit lines are missing.") }
        return edge
    }
}
