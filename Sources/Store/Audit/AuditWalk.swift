import EdgeCore
import FoundationEssentials
import GRDB

/// A walk along the chain from its first line, slice by slice.
struct AuditWalk: Sendable {
    /// How many lines are read at once, so that transactions get in between.
    private static let linesPerStep = 500

    private let secrets: any SecretKeeper
    private var trees: AuditTreeWalk
    private let start: Int64
    private let isAnchored: Bool
    private var sequence: Int64 = 0
    private var hash = AuditLine.origin
    /// The last row read; a line may claim any number.
    private var lastRow = Int64.min

    /// Begins where the trail begins: with its first line, or behind the anchor.
    init(_ db: Database, secrets: any SecretKeeper, signer: any Signer) throws {
        self.secrets = secrets
        trees = try AuditTreeWalk(db, signer)
        start = try AuditAnchor.through(db)
        var isRight = true
        do {
            if let anchor = try AuditAnchor(db, secrets) {
                isRight = try trees.begin(behind: anchor, db)
                (sequence, hash, lastRow) = (anchor.through, anchor.hash, anchor.through)
            }
        } catch let error as EdgeError where error.code == .storeCorrupt {
            isRight = false
        }
        isAnchored = isRight
    }

    /// Whether the trail still begins where this walk did.
    func begins(_ db: Database) throws -> Bool { try AuditAnchor.through(db) == start }

    /// Takes the next slice; what was found, once the walk is at its end.
    mutating func step(_ db: Database) throws -> AuditVerification? {
        guard isAnchored else { return AuditVerification(lines: 0, firstBroken: Int(clamping: start) + 1) }
        try trees.resume(db)
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM audit WHERE sequence > ? ORDER BY sequence LIMIT ?",
            arguments: [lastRow, Self.linesPerStep])
        for row in rows {
            lastRow = row["sequence"]
            guard let line = try accept(row) else { return found(broken: sequence + 1) }
            guard try trees.accepts(line, db) else { return found(lines: sequence - 1, broken: sequence) }
        }
        guard rows.count < Self.linesPerStep else { return nil }
        // In the read that saw the last line, so that nothing is appended before the ends are compared.
        return found(broken: try isWhole(db) ? nil : sequence + 1)
    }

    private func isWhole(_ db: Database) throws -> Bool {
        let kept = try Data.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'audit_head'").map { Array($0) }
        guard let kept else { return try sequence == 0 && trees.isComplete(db) }
        return try secrets.equal(kept, head()) && trees.isComplete(db)
    }

    private func found(lines: Int64? = nil, broken: Int64?) -> AuditVerification {
        AuditVerification(lines: Int((lines ?? sequence) - start), firstBroken: broken.map { Int($0) })
    }

    /// Takes the next line; `nil` when it is not the one that was written there.
    private mutating func accept(_ row: Row) throws -> AuditLine? {
        // A column that cannot be read any more is an edited line, not a failure of the walk.
        guard let line = try? AuditLine(row) else { return nil }
        let expected = try line.hash(secrets)
        guard line.sequence == sequence + 1, line.previousHash == hash, secrets.equal(row.bytes("hash"), expected)
        else { return nil }
        sequence += 1
        hash = expected
        return line
    }

    /// The seal over the chain's end, which is kept beside it, so that lines cut off at the end are missed.
    private func head() throws -> [UInt8] { try Self.head(sequence: sequence, hash: hash, secrets) }

    static func head(sequence: Int64, hash: [UInt8], _ secrets: any SecretKeeper) throws -> [UInt8] {
        try secrets.digest("\(sequence):\(hexadecimal(hash))", purpose: "audit.head")
    }
}
