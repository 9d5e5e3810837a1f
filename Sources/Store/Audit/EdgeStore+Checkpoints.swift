public import EdgeCore
import FoundationEssentials
import GRDB
import Logging

/// A signed checkpoint of the audit trail with where it was kept.
public struct AuditCheckpointRecord: Sendable, Equatable {
    /// The trail's name: device and epoch.
    public let origin: String
    /// How many lines of the epoch it covers.
    public let size: Int64
    /// The signed note.
    public let note: String
    /// The first line of the epoch.
    public let firstSequence: Int64

    /// The last line that it covers.
    public var lastSequence: Int64 { firstSequence + size - 1 }
}

extension EdgeStore {
    /// After how many lines of an epoch a checkpoint is made in the line's own transaction.
    static let linesPerCheckpoint: Int64 = 1000

    /// Signs for all lines so far; the last checkpoint again when nothing came since, `nil` when there is no line yet.
    @discardableResult
    public func checkpointAudit() async throws(EdgeError) -> AuditCheckpointRecord? {
        try await write { [self] db in
            guard let tree = try AuditTree.last(db) else { return nil }
            return try checkpoint(tree, db)
        }
    }

    /// The checkpoint made last; `nil` when there is none.
    public func latestCheckpoint() async throws(EdgeError) -> AuditCheckpointRecord? {
        try await read { db in
            guard let tree = try AuditTree.last(db) else { return nil }
            return try Self.checkpoint(of: tree.epoch, size: nil, db)
        }
    }

    /// Whether lines came since the last checkpoint; a checkpoint then.
    func checkpointWhenDue() async throws(EdgeError) {
        let isDue = try await read { db in
            guard let tree = try AuditTree.last(db) else { return false }
            return try Self.checkpoint(of: tree.epoch, size: tree.edge.size, db) == nil
        }
        if isDue { _ = try await checkpointAudit() }
    }

    /// The last thing that an open store does; what stops it is in the log, and the lines are in the chain anyway.
    func checkpointBeforeClose() async {
        do throws(EdgeError) { try await checkpointWhenDue() } catch {
            log.error("no checkpoint at the end", metadata: ["code": "\(error.code.rawValue)"])
        }
    }

    /// Takes a line into the tree of its epoch, in the line's transaction.
    func grow(by line: AuditLine, _ db: Database) throws {
        let epoch = try StoreIdentity.epoch(db)
        let last = try AuditTree.last(db)
        var tree: AuditTree
        if let last, last.epoch == epoch {
            tree = last
        } else {
            // The edge of the epoch that has ended is kept no longer; its checkpoint is.
            if let last { _ = try checkpoint(last, db) }
            tree = try AuditTree.begin(epoch, at: line.sequence, db)
            // Made with the first line, so that every copy of the file is the same device's.
            _ = try StoreIdentity.device(db)
        }
        let hash = MerkleHash(signer)
        try tree.edge.append(hash.leaf(line.canonical.utf8), hash)
        try tree.keep(db)
        if tree.edge.size % Self.linesPerCheckpoint == 0 { _ = try checkpoint(tree, db) }
    }

    /// One checkpoint for one size, however often it is asked for.
    private func checkpoint(_ tree: AuditTree, _ db: Database) throws -> AuditCheckpointRecord {
        if let known = try Self.checkpoint(of: tree.epoch, size: tree.edge.size, db) { return known }
        let origin = AuditCheckpoint.origin(device: try StoreIdentity.device(db), epoch: tree.epoch)
        let note = try AuditCheckpoint(
            origin: origin, size: tree.edge.size, root: tree.edge.root(MerkleHash(signer))
        ).signed(by: signer)
        try db.execute(
            sql: "INSERT INTO audit_checkpoints (first_sequence, size, origin, note, at) VALUES (?, ?, ?, ?, ?)",
            arguments: [tree.firstSequence, tree.edge.size, origin, note, clock.wall.column])
        return AuditCheckpointRecord(
            origin: origin, size: tree.edge.size, note: note, firstSequence: tree.firstSequence)
    }

    /// The checkpoint of this size, or the newest; `nil` when there is none.
    static func checkpoint(of epoch: [UInt8], size: Int64?, _ db: Database) throws -> AuditCheckpointRecord? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT c.* FROM audit_checkpoints c JOIN audit_epochs e USING (first_sequence)
                WHERE e.epoch = ? AND (? IS NULL OR c.size = ?) ORDER BY c.size DESC LIMIT 1
                """, arguments: [Data(epoch), size, size]
        ).map { AuditCheckpointRecord($0) }
    }
}

extension AuditCheckpointRecord {
    init(_ row: Row) {
        self.init(
            origin: row["origin"], size: row["size"], note: row["note"], firstSequence: row["first_sequence"])
    }
}
