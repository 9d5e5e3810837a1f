import EdgeCore
import FoundationEssentials
import GRDB

/// A walk along the trail that grows every epoch's tree anew and holds it against the signed checkpoints.
///
/// It is a value that can wait between two slices of the trail while others write.
struct AuditTreeWalk: Sendable {
    private let hash: MerkleHash
    private let signer: any Signer
    private let device: [UInt8]?
    /// The last line taken.
    private var sequence = Int64.min
    private var nextCheckpoint: AuditCheckpointRecord?
    private var nextEpoch: AuditTree?
    private var present: AuditTree?

    init(_ db: Database, _ signer: any Signer) throws {
        hash = MerkleHash(signer)
        self.signer = signer
        device = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'device'").map { Array($0) }
    }

    /// Begins behind lines that were removed; false when no signed checkpoint ends with them.
    mutating func begin(behind anchor: AuditAnchor, _ db: Database) throws -> Bool {
        sequence = anchor.through
        present = anchor.tree
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM audit_checkpoints WHERE first_sequence = ? AND size = ?",
            arguments: [anchor.tree.firstSequence, anchor.tree.edge.size])
        return try row.map { try fits(AuditCheckpointRecord($0), anchor.tree) } ?? false
    }

    /// Looks again at what comes next, which others may have written since the slice before.
    mutating func resume(_ db: Database) throws {
        nextEpoch = try Row.fetchOne(
            db, sql: "SELECT * FROM audit_epochs WHERE first_sequence > ? ORDER BY first_sequence LIMIT 1",
            arguments: [sequence]
        ).map { AuditTree(epoch: $0.bytes("epoch"), firstSequence: $0["first_sequence"]) }
        try findCheckpoint(db)
    }

    /// Takes the next line; false when it, or a checkpoint that ends with it, is not as it was signed for.
    mutating func accepts(_ line: AuditLine, _ db: Database) throws -> Bool {
        sequence = line.sequence
        if let next = nextEpoch, next.firstSequence == line.sequence {
            // A checkpoint of the epoch before that was not reached covers lines that are not there.
            if let present, nextCheckpoint?.firstSequence == present.firstSequence { return false }
            present = next
            try resume(db)
        }
        // Lines of earlier versions stand before the first tree and in none.
        guard var tree = present else { return line.clock == nil }
        guard line.clock != nil else { return false }
        try tree.edge.append(hash.leaf(line.canonical.utf8), hash)
        present = tree
        guard let checkpoint = nextCheckpoint, checkpoint.firstSequence == tree.firstSequence,
            checkpoint.size == tree.edge.size
        else { return true }
        try findCheckpoint(db)
        return try fits(checkpoint, tree)
    }

    /// Whether the trail ends where the trees and the checkpoints do.
    func isComplete(_ db: Database) throws -> Bool {
        guard nextEpoch == nil, nextCheckpoint == nil else { return false }
        guard let present else { return true }
        return try AuditTree.edge(db) == present.edge
    }

    /// The next checkpoint behind the present place.
    private mutating func findCheckpoint(_ db: Database) throws {
        let next = try db.cachedStatement(
            sql: """
                SELECT * FROM audit_checkpoints WHERE (first_sequence, size) > (?, ?)
                ORDER BY first_sequence, size LIMIT 1
                """)
        nextCheckpoint = try Row.fetchOne(
            next, arguments: [present?.firstSequence ?? Int64.min, present?.edge.size ?? 0]
        ).map { AuditCheckpointRecord($0) }
    }

    private func fits(_ checkpoint: AuditCheckpointRecord, _ tree: AuditTree) throws -> Bool {
        guard let device else { return false }
        let origin = AuditCheckpoint.origin(device: device, epoch: tree.epoch)
        let opened = try AuditCheckpoint.open(
            checkpoint.note, of: origin, publicKey: signer.publicKey, signer)
        guard let opened, checkpoint.origin == origin else { return false }
        let root = try tree.edge.root(hash)
        return opened.size == tree.edge.size && opened.root == root
    }
}
