import EdgeCore
import FoundationEssentials
import GRDB

/// Where the trail begins once its oldest lines were removed: a signed checkpoint, and what the next line follows.
struct AuditAnchor: Sendable, Equatable {
    /// The last line that was removed.
    let through: Int64
    /// Its hash.
    let hash: [UInt8]
    /// The tree that it was in, whose edge is that of the checkpoint which ends with it.
    let tree: AuditTree

    /// What the file says; `nil` where nothing was removed.
    ///
    /// Throws `store.corrupt` when it is not what the device wrote.
    init?(_ db: Database, _ secrets: any SecretKeeper) throws {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT a.*, e.epoch FROM audit_anchor a JOIN audit_epochs e USING (first_sequence)")
        else {
            guard try Int.fetchOne(db, sql: "SELECT count(*) FROM audit_anchor") == 0 else { throw Self.damaged }
            return nil
        }
        guard let edge = MerkleEdge(bytes: row.bytes("edge")) else { throw Self.damaged }
        through = row["through"]
        hash = row.bytes("hash")
        tree = AuditTree(epoch: row.bytes("epoch"), firstSequence: row["first_sequence"], edge: edge)
        guard secrets.equal(row.bytes("seal"), try seal(secrets)), tree.firstSequence + edge.size - 1 == through else {
            throw Self.damaged
        }
    }

    init(through: Int64, hash: [UInt8], tree: AuditTree) {
        self.through = through
        self.hash = hash
        self.tree = tree
    }

    /// The last line that was removed, whether the rest is right or not; 0 where none was.
    static func through(_ db: Database) throws -> Int64 {
        try Int64.fetchOne(db.cachedStatement(sql: "SELECT max(through) FROM audit_anchor")) ?? 0
    }

    func keep(_ db: Database, _ secrets: any SecretKeeper) throws {
        try db.execute(sql: "DELETE FROM audit_anchor")
        try db.execute(
            sql: "INSERT INTO audit_anchor (through, hash, first_sequence, edge, seal) VALUES (?, ?, ?, ?, ?)",
            arguments: [through, Data(hash), tree.firstSequence, Data(tree.edge.bytes), Data(try seal(secrets))])
    }

    private func seal(_ secrets: any SecretKeeper) throws -> [UInt8] {
        let facts = [hexadecimal(hash), hexadecimal(tree.epoch), hexadecimal(tree.edge.bytes)]
        return try secrets.digest(
            "\(through):\(tree.firstSequence):\(facts.joined(separator: ":"))", purpose: "audit.anchor")
    }

    private static let damaged = EdgeError(.storeCorrupt, "Where the audit trail begins is not as it was written.")
}
