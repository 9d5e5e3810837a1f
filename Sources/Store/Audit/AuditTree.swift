import EdgeCore
import FoundationEssentials
import GRDB

/// The Merkle tree over the lines of the present epoch, as the database keeps it.
struct AuditTree: Sendable, Equatable {
    /// The epoch's 16 bytes.
    let epoch: [UInt8]
    /// The first line of the epoch.
    let firstSequence: Int64
    var edge = MerkleEdge()

    /// The tree that was begun last; `nil` when there is none yet.
    ///
    /// Throws `store.corrupt` when its edge cannot be read.
    static func last(_ db: Database) throws -> AuditTree? {
        let newest = try db.cachedStatement(
            sql: "SELECT first_sequence, epoch FROM audit_epochs ORDER BY first_sequence DESC LIMIT 1")
        guard let found = try Row.fetchOne(newest) else { return nil }
        guard let edge = try edge(db) else {
            throw EdgeError(.storeCorrupt, "The edge of the audit trail's tree cannot be read.")
        }
        return AuditTree(epoch: found.bytes("epoch"), firstSequence: found["first_sequence"], edge: edge)
    }

    /// The last tree, grown anew from its lines; `nil` where one of them is missing or is not as this device wrote it, and where
    /// they do not end where the sealed head of the chain says, if there is one.
    ///
    /// What is grown is signed for later: nothing but what the device wrote may come into it.
    static func grown(_ db: Database, _ secrets: any SecretKeeper, _ hash: MerkleHash) throws -> AuditTree? {
        let newest = try Row.fetchOne(
            db, sql: "SELECT first_sequence, epoch FROM audit_epochs ORDER BY first_sequence DESC LIMIT 1")
        guard let newest else { return nil }
        var tree = AuditTree(epoch: newest.bytes("epoch"), firstSequence: newest["first_sequence"])
        var previous: [UInt8]?
        if let anchor = try whatOpens({ try AuditAnchor(db, secrets) }) ?? nil, anchor.tree.epoch == tree.epoch {
            tree = anchor.tree
            previous = anchor.hash
        }
        var next = tree.firstSequence &+ tree.edge.size
        let lines = try Row.fetchCursor(
            db, sql: "SELECT * FROM audit WHERE sequence >= ? ORDER BY sequence", arguments: [next])
        while let row = try lines.next() {
            guard let line = try whatOpens({ try AuditLine(row) }), line.sequence == next, next < .max,
                previous == nil || line.previousHash == previous,
                secrets.equal(row.bytes("hash"), try line.hash(secrets))
            else { return nil }
            previous = row.bytes("hash")
            try tree.edge.append(hash.leaf(line.canonical.utf8), hash)
            next += 1
        }
        guard let previous, tree.edge.size > 0 else { return nil }
        if let head = try head(db) {
            guard secrets.equal(head, try AuditWalk.head(sequence: next - 1, hash: previous, secrets)) else {
                return nil
            }
        }
        return tree
    }

    /// The sealed head of the chain; `nil` when there is none.
    static func head(_ db: Database) throws -> [UInt8]? {
        try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'audit_head'").map { Array($0) }
    }

    /// Begins the tree of an epoch with its first line.
    static func begin(_ epoch: [UInt8], at sequence: Int64, _ db: Database) throws -> AuditTree {
        try db.execute(
            sql: "INSERT INTO audit_epochs (first_sequence, epoch) VALUES (?, ?)", arguments: [sequence, Data(epoch)])
        return AuditTree(epoch: epoch, firstSequence: sequence)
    }

    /// The edge of the last tree as it is kept; `nil` when there is none, or none that can be read.
    static func edge(_ db: Database) throws -> MerkleEdge? {
        try Data.fetchOne(db.cachedStatement(sql: "SELECT value FROM meta WHERE name = 'audit_edge'"))
            .flatMap { MerkleEdge(bytes: Array($0)) }
    }

    /// Beside the chain's head, on a page that each line writes anyway.
    func keep(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('audit_edge', ?)")
            .execute(arguments: [Data(edge.bytes)])
    }
}
