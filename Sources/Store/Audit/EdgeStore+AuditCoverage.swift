public import EdgeCore
import GRDB

/// What the checkpoints of the trail cover.
public struct AuditCoverage: Sendable, Equatable {
    /// How many epochs have a tree.
    public let epochs: Int
    /// How many signed checkpoints there are.
    public let checkpoints: Int
    /// The last line that a checkpoint covers, of whichever epoch; 0 when none does.
    public let signedThrough: Int64
    /// The last line.
    public let newest: Int64
    /// The first line that is there; earlier ones were removed when they were old.
    public let oldest: Int64
    /// How the tail is sealed; `nil` when it is not.
    public let tail: AuditTailStatus?
    /// How many lines stand before the first tree: they were written by an earlier version.
    public let linesInNoTree: Int64
}

extension EdgeStore {
    /// What the checkpoints cover; whether they are right, ``verifyAuditChain()`` tells.
    public func auditCoverage() async throws(EdgeError) -> AuditCoverage {
        let tail = try await auditTailStatus()
        return try await read { db in
            func number(_ sql: String) throws -> Int64 { try Int64.fetchOne(db, sql: sql) ?? 0 }
            return AuditCoverage(
                epochs: Int(try number("SELECT count(*) FROM audit_epochs")),
                checkpoints: Int(try number("SELECT count(*) FROM audit_checkpoints")),
                signedThrough: try number("SELECT max(first_sequence + size - 1) FROM audit_checkpoints"),
                newest: try number("SELECT max(sequence) FROM audit"),
                oldest: max(try AuditAnchor.through(db), try number("SELECT min(sequence) FROM audit") - 1) + 1,
                tail: tail,
                linesInNoTree: try number(
                    """
                    SELECT count(*) FROM audit
                    WHERE sequence < coalesce((SELECT min(first_sequence) FROM audit_epochs), 9223372036854775807)
                    """))
        }
    }
}
