import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// A row of the outbox.
struct OutboxRow {
    let head: RecordHead
    /// The line or event that it points at.
    let source: Int64?
    let isSealed: Bool
    /// What it carries itself; `nil` where that stands elsewhere or was erased.
    let payload: [UInt8]?
    let digest: ChainHash
    let hash: ChainHash

    /// Throws `store.corrupt` for a row that cannot be read.
    init(_ row: Row, _ address: LaneAddress) throws {
        let sequence: Int64 = row["sequence"]
        guard sequence > 0, let digest = ChainHash(row.bytes("digest")), let hash = ChainHash(row.bytes("hash")) else {
            throw EdgeError(.storeCorrupt, "A record of the outbox cannot be read.")
        }
        let tenant: ClientID? = try row.optionalID("tenant_id")
        let person: PersonID? = try row.optionalID("person_id")
        let boot: BootSubject.ID? = try row.optionalID("boot_id")
        head = RecordHead(
            position: RecordPosition(address, sequence: UInt64(sequence)), kind: row["kind"],
            tenant: tenant?.rawValue, person: person?.rawValue,
            moment: RecordMoment(
                wall: row["at"],
                boot: boot.map {
                    .init(id: $0.rawValue, time: row["boot_time"] ?? 0, quality: row["clock_quality"] ?? "")
                }))
        source = row["source"]
        isSealed = row["is_sealed"]
        payload = (row["payload"] as Data?).map { Array($0) }
        self.digest = digest
        self.hash = hash
    }

    /// What a row takes on disk, about: two hashes, the head, what it carries.
    static func cost(kind: String, payload: Int?) -> Int64 { Int64(128 + kind.utf8.count + (payload ?? 0)) }

    /// The same in SQL.
    static let cost = "128 + length(CAST(kind AS BLOB)) + coalesce(length(payload), 0)"
}
