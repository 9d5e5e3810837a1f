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

    init(sequence: Int64, record: AuditRecord, bootID: String, monotonic: Int64, previousHash: [UInt8]) {
        self.sequence = sequence
        self.record = record
        self.bootID = bootID
        self.monotonic = monotonic
        self.previousHash = previousHash
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
    }

    /// A keyed hash over every field and the hash before.
    ///
    /// Each field has its length before it, so none runs into the next.
    func hash(_ secrets: any SecretKeeper) throws -> [UInt8] {
        let fields: [String?] = [
            "1", "\(sequence)", record.action, record.client?.place, record.session?.place, record.person?.place,
            record.succeeded ? "1" : "0", record.reason, record.detailsJSON, "\(record.at.column)", bootID,
            "\(monotonic)", hexadecimal(previousHash),
        ]
        let text = fields.map { field in field.map { "\($0.utf8.count):\($0)," } ?? "-," }.joined()
        return try secrets.digest(text, purpose: "audit")
    }
}

/// A walk along the chain from its first line.
struct AuditWalk {
    private let secrets: any SecretKeeper
    private var sequence: Int64 = 0
    private var hash = AuditLine.origin

    init(secrets: any SecretKeeper) { self.secrets = secrets }

    /// How many lines were right so far.
    var lines: Int { Int(sequence) }

    /// Takes the next line; false when it is not the one that was written there.
    mutating func accepts(_ row: Row) throws -> Bool {
        // A column that cannot be read any more is an edited line, not a failure of the walk.
        guard let line = try? AuditLine(row) else { return false }
        let expected = try line.hash(secrets)
        guard line.sequence == sequence + 1, line.previousHash == hash, secrets.equal(row.bytes("hash"), expected)
        else { return false }
        sequence += 1
        hash = expected
        return true
    }

    /// The seal over the chain's end, which is kept beside it, so that lines cut off at the end are missed.
    func head() throws -> [UInt8] { try Self.head(sequence: sequence, hash: hash, secrets) }

    static func head(sequence: Int64, hash: [UInt8], _ secrets: any SecretKeeper) throws -> [UInt8] {
        try secrets.digest("\(sequence):\(hexadecimal(hash))", purpose: "audit.head")
    }
}
