public import EdgeCore
import FoundationEssentials
import GRDB

/// What a walk along the audit chain found.
public struct AuditVerification: Sendable, Equatable {
    /// How many lines were checked.
    public let lines: Int
    /// The first line that is not as it was written, or is missing; `nil` when all are right.
    public let firstBroken: Int?
}

extension EdgeStore: AuditTrail {
    /// Appends a line in a transaction of its own.
    public func append(_ record: AuditRecord) async throws(EdgeError) {
        try await write { [self] db in try audit(record, db) }
    }

    /// The newest lines, newest first.
    public func newest(_ limit: Int) async throws(EdgeError) -> [AuditRecord] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM audit ORDER BY sequence DESC LIMIT ?", arguments: [max(limit, 0)]
            ).map { try AuditLine($0).record }
        }
    }

    /// Walks the whole chain: finds a line edited, removed, added or moved by anybody without the device's keys, and lines
    /// that are not those that a checkpoint was signed for.
    ///
    /// It goes in slices and lets transactions in between; lines that they append are walked too.
    public func verifyAuditChain() async throws(EdgeError) -> AuditVerification {
        var walk = try await read { [secrets, signer] db in try AuditWalk(db, secrets: secrets, signer: signer) }
        while true {
            let step = try await read { [walk, secrets, signer] db in
                // Lines that were removed meanwhile are not missing: the trail begins elsewhere.
                var walk =
                    try walk.begins(db) ? walk : AuditWalk(db, secrets: secrets, signer: signer)
                let found = try walk.step(db)
                return (walk: walk, found: found)
            }
            if let found = step.found { return found }
            walk = step.walk
        }
    }

    /// Appends a line in the caller's transaction; whose request it serves is written into the line's details.
    func audit(_ record: AuditRecord, _ db: Database) throws {
        let record = record.from(RequestOrigin.current)
        // Before the line has its number: the lines that tell of a loss, of records or of a key, come first.
        try makeRoom(for: record, db)
        let key = try sealingKey(db)
        let last = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1"))
        var line = AuditLine(
            sequence: (last?["sequence"] ?? 0) + 1, record: record, reading: try clockReading(db),
            previousHash: last?.bytes("hash") ?? AuditLine.origin)
        line.sealInterval = key?.interval
        line.sealCode = try key?.code(of: line.canonical, signer)
        let hash = try line.hash(secrets)
        try Self.insert(line, hash, db)
        let head = try AuditWalk.head(sequence: line.sequence, hash: hash, secrets)
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta (name, value) VALUES ('audit_head', ?)")
            .execute(arguments: [Data(head)])
        try grow(by: line, db)
        try enqueue(line, db)
    }

    static func insert(_ line: AuditLine, _ hash: [UInt8], _ db: Database) throws {
        let record = line.record
        try db.cachedStatement(
            sql: """
                INSERT INTO audit (sequence, action, client_id, session_id, person_id, succeeded, reason, details, at,
                    boot_id, monotonic, boot_time, clock_quality, seal_interval, seal_code, previous_hash, hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            line.sequence, record.action, record.client?.column, record.session?.column, record.person?.column,
            record.succeeded, record.reason, record.detailsJSON, record.at.column, line.bootID, line.monotonic,
            line.clock?.bootTime, line.clock?.quality.rawValue, line.sealInterval, line.sealCode.map { Data($0) },
            Data(line.previousHash), Data(hash),
        ])
    }
}
