public import EdgeCore
import FoundationEssentials
import GRDB

/// What an export of the trail consists of; the lines are read while it is written.
public struct AuditExportPlan: Sendable {
    /// Lines of one epoch, or of an earlier version.
    public struct Part: Sendable {
        /// What stands before the lines.
        public let head: AuditExport.Part
        /// The first and the last line.
        public let lines: ClosedRange<Int64>
        /// What stands behind them; `nil` for lines that no checkpoint covers.
        public let proof: AuditExport.Proof?
    }

    /// The first record.
    public let header: AuditExport.Header
    /// The parts, in order.
    public let parts: [Part]
    /// The last record.
    public let end: AuditExport.End
}

extension EdgeStore {
    /// Ends the interval of the tail, signs for all lines so far and says what an export of those from `first` to `last` consists of.
    ///
    /// Numbers beyond the trail's ends are taken for its ends.
    public func auditExportPlan(from first: Int64?, to last: Int64?) async throws(EdgeError) -> AuditExportPlan {
        try await advanceTail()
        _ = try await checkpointAudit()
        let (stretches, tail) = try await read { [self] db in
            (try Self.stretches(from: first, to: last, db), try tailEnd(db))
        }
        var parts: [AuditExportPlan.Part] = []
        for stretch in stretches { parts.append(try await part(stretch)) }
        let start = parts.first?.lines.lowerBound ?? 1
        let end = parts.last?.lines.upperBound ?? start - 1
        let header = AuditExport.Header(
            device: hexadecimal(device ?? []), publicKey: Data(signer.publicKey), madeAt: clock.wall.column,
            first: start, last: end)
        return AuditExportPlan(header: header, parts: parts, end: AuditExport.End(lines: end - start + 1, tail: tail))
    }

    /// Lines of the trail, oldest first, at most 500 from the first number on.
    ///
    /// Throws `store.corrupt` when one of them is missing.
    public func auditTrail(_ lines: ClosedRange<Int64>) async throws(EdgeError) -> [AuditTrailLine] {
        let last = min(lines.upperBound, lines.lowerBound + Self.linesPerRead - 1)
        let found = try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM audit WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
                arguments: [lines.lowerBound, last]
            ).map { try AuditLine($0).trailLine(hash: $0.bytes("hash")) }
        }
        guard found.count == last - lines.lowerBound + 1 else {
            throw EdgeError(.storeCorrupt, "Audit lines are missing.")
        }
        return found
    }

    /// Lines that stand in one tree, or before the first.
    private struct Stretch: Sendable {
        var origin: String?
        /// The first line of the tree.
        let firstSequence: Int64
        let lines: ClosedRange<Int64>
        /// The smallest checkpoint that covers the lines.
        var checkpoint: AuditCheckpointRecord?
    }

    private static func stretches(from: Int64?, to: Int64?, _ db: Database) throws -> [Stretch] {
        let ends = try Row.fetchOne(db, sql: "SELECT min(sequence) AS first, max(sequence) AS last FROM audit")
        guard let eldest = ends?["first"] as Int64?, let newest = ends?["last"] as Int64? else { return [] }
        let oldest = max(eldest, try AuditAnchor.through(db) + 1)
        let (first, last) = (max(from ?? oldest, oldest), min(to ?? newest, newest))
        let begins = try Int64.fetchAll(db, sql: "SELECT first_sequence FROM audit_epochs ORDER BY first_sequence")
        // Lines of earlier versions stand before the first tree.
        let bounds = (begins.first ?? .max > oldest ? [oldest] : []) + begins + [newest + 1]
        return try zip(bounds, bounds.dropFirst()).compactMap { begin, next in
            let (lower, upper) = (max(first, begin), min(last, next - 1))
            guard lower <= upper else { return nil }
            guard begins.contains(begin) else {
                return Stretch(firstSequence: begin, lines: lower...upper)
            }
            guard let checkpoint = try smallestCheckpoint(of: begin, covering: upper, db) else {
                throw EdgeError(.storeCorrupt, "No checkpoint covers line \(upper) of the audit trail.")
            }
            return Stretch(
                origin: checkpoint.origin, firstSequence: begin, lines: lower...upper, checkpoint: checkpoint)
        }
    }

    private static func smallestCheckpoint(
        of epoch: Int64, covering sequence: Int64, _ db: Database
    ) throws -> AuditCheckpointRecord? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT * FROM audit_checkpoints WHERE first_sequence = ?1 AND size > ?2 - ?1 ORDER BY size LIMIT 1
                """, arguments: [epoch, sequence]
        ).map { AuditCheckpointRecord($0) }
    }

    private func part(_ stretch: Stretch) async throws(EdgeError) -> AuditExportPlan.Part {
        guard let checkpoint = stretch.checkpoint else {
            let head = AuditExport.Part(origin: nil, firstSequence: stretch.firstSequence, edge: Data())
            return AuditExportPlan.Part(head: head, lines: stretch.lines, proof: nil)
        }
        let start = stretch.firstSequence
        let edge = try await edge(over: start..<stretch.lines.lowerBound)
        let ranges = MerkleEdge.rest(after: stretch.lines.upperBound - start + 1, size: checkpoint.size)
        let rest = try await roots(of: ranges, from: start)
        return AuditExportPlan.Part(
            head: AuditExport.Part(origin: stretch.origin, firstSequence: start, edge: Data(edge.bytes)),
            lines: stretch.lines,
            proof: AuditExport.Proof(checkpoint: checkpoint.note, rest: rest.map { Data($0) }))
    }
}
