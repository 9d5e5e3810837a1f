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

    /// In which interval of the tail it was sealed; `nil`, as the next one, where lines are not.
    var sealInterval: Int64?
    /// The code by that interval's key.
    var sealCode: [UInt8]?

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
        sealInterval = row["seal_interval"]
        sealCode = (row["seal_code"] as Data?).map { Array($0) }
        guard (sealInterval == nil) == (sealCode == nil) else {
            throw EdgeError(.storeCorrupt, "A line has half a seal.")
        }
    }

    /// The line as text: what is hashed, and what a checkpoint is held against.
    var canonical: String { trailLine(hash: []).canonical }

    /// The line as it leaves the device.
    func trailLine(hash: [UInt8]) -> AuditTrailLine {
        AuditTrailLine(
            sequence: sequence, action: record.action, client: record.client?.place, session: record.session?.place,
            person: record.person?.place, succeeded: record.succeeded, reason: record.reason,
            details: record.detailsJSON, at: record.at.column, bootID: bootID, monotonic: monotonic,
            bootTime: clock?.bootTime, clockQuality: clock?.quality, sealInterval: sealInterval,
            sealCode: sealCode.map { hexadecimal($0) }, previousHash: hexadecimal(previousHash),
            hash: hexadecimal(hash))
    }

    /// A keyed hash over the canonical line and its seal's code.
    func hash(_ secrets: any SecretKeeper) throws -> [UInt8] {
        let seal = sealCode.map { "64:\(hexadecimal($0))," } ?? ""
        return try secrets.digest(canonical + seal, purpose: "audit")
    }
}
