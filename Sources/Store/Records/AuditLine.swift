import EdgeCore
import FoundationEssentials
import GRDB

/// One line of the audit chain with what ties it to the line before.
struct AuditLine {
    /// What the first line follows.
    static let origin = [UInt8](repeating: 0, count: 32)

    let sequence: Int64
    let record: AuditRecord
    let bootID: String
    let monotonic: Int64
    let previousHash: [UInt8]
    /// What the line says of its clock; `nil` in lines that were written before schema 3.
    let clock: Clock?

    /// What the second form of a line says beyond the first.
    struct Clock: Equatable {
        /// Nanoseconds since the machine started, with the time that it slept.
        let bootTime: Int64
        let quality: ClockQuality
    }

    init(
        sequence: Int64, record: AuditRecord, bootID: String, monotonic: Int64, previousHash: [UInt8],
        clock: Clock? = nil
    ) {
        self.sequence = sequence
        self.record = record
        self.bootID = bootID
        self.monotonic = monotonic
        self.previousHash = previousHash
        self.clock = clock
    }

    init(sequence: Int64, record: AuditRecord, reading: ClockReading, previousHash: [UInt8]) {
        self.init(
            sequence: sequence, record: record, bootID: reading.bootID, monotonic: reading.monotonic,
            previousHash: previousHash, clock: Clock(bootTime: reading.bootTime, quality: reading.quality))
    }

    init(_ row: Row) throws {
        sequence = row["sequence"]
        bootID = row["boot_id"]
        monotonic = row["monotonic"]
        previousHash = row.bytes("previous_hash")
        record = try AuditRecord(
            action: row["action"], client: row.optionalID("client_id"), session: row.optionalID("session_id"),
            person: row.optionalID("person_id"), succeeded: row["succeeded"], reason: row["reason"],
            detailsJSON: row["details"], at: row.date("at"))
        let quality: ClockQuality? = try row.optionalWord("clock_quality")
        let bootTime: Int64? = row["boot_time"]
        switch (bootTime, quality) {
        case (let bootTime?, let quality?): clock = Clock(bootTime: bootTime, quality: quality)
        case (nil, nil): clock = nil
        case (nil, _?), (_?, nil): throw EdgeError(.storeCorrupt, "A line has half a clock.")
        }
    }

    /// The line as text, every field and the hash before: what is hashed, and what a checkpoint is held against.
    ///
    /// Each field has its length before it, so none runs into the next. Lines without a clock keep their first form.
    var canonical: String {
        let start: [String?] = [
            clock == nil ? "1" : "2", "\(sequence)", record.action, record.client?.place, record.session?.place,
            record.person?.place, record.succeeded ? "1" : "0", record.reason, record.detailsJSON,
            "\(record.at.column)", bootID, "\(monotonic)",
        ]
        let facts: [String?] = clock.map { ["\($0.bootTime)", $0.quality.rawValue] } ?? []
        let fields = start + facts + [hexadecimal(previousHash)]
        return fields.map { field in field.map { "\($0.utf8.count):\($0)," } ?? "-," }.joined()
    }

    /// A keyed hash over the canonical line.
    func hash(_ secrets: any SecretKeeper) throws -> [UInt8] { try secrets.digest(canonical, purpose: "audit") }
}

/// A walk along the chain from its first line.
struct AuditWalk {
    private let secrets: any SecretKeeper
    private var sequence: Int64 = 0
    private var hash = AuditLine.origin

    init(secrets: any SecretKeeper) { self.secrets = secrets }

    /// How many lines were right so far.
    var lines: Int { Int(sequence) }

    /// Takes the next line; `nil` when it is not the one that was written there.
    mutating func accept(_ row: Row) throws -> AuditLine? {
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
    func head() throws -> [UInt8] { try Self.head(sequence: sequence, hash: hash, secrets) }

    static func head(sequence: Int64, hash: [UInt8], _ secrets: any SecretKeeper) throws -> [UInt8] {
        try secrets.digest("\(sequence):\(hexadecimal(hash))", purpose: "audit.head")
    }
}
