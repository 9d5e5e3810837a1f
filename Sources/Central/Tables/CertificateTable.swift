import EdgeCore
import FoundationEssentials
import SyncCore

/// An authority as it is kept.
struct AuthorityEntry: Sendable {
    let id: UUID
    let certificate: [UInt8]
    /// Sealed.
    let key: [UInt8]
    let madeAt: Int64
    let endsAt: Int64
}

/// Who signs the certificates of devices.
enum AuthorityTable {
    /// Those whose time is not over, the newest first.
    static func all(at wall: Int64, _ db: any FleetSession) throws -> [AuthorityEntry] {
        try db.rows("SELECT * FROM authorities WHERE ends_at > ? ORDER BY made_at DESC, id", [wall]).map { row in
            AuthorityEntry(
                id: try UUID(column: row["id"]), certificate: Array(try row["certificate"] as Data),
                key: Array(try row["key"] as Data), madeAt: try row["made_at"], endsAt: try row["ends_at"])
        }
    }

    static func insert(_ entry: AuthorityEntry, _ db: any FleetSession) throws {
        try db.execute(
            "INSERT INTO authorities (id, certificate, key, made_at, ends_at) VALUES (?, ?, ?, ?, ?)",
            [entry.id.column, Data(entry.certificate), Data(entry.key), entry.madeAt, entry.endsAt])
    }
}

/// A certificate that a device was given.
struct CertificateEntry: Sendable {
    let serial: [UInt8]
    let device: DeviceID
    let keyDigest: [UInt8]
    let issuedAt: Int64
    let endsAt: Int64
    var shownAt: Int64?
    var withdrawnAt: Int64?
}

/// Which certificates devices were given.
enum CertificateTable {
    static func find(_ serial: [UInt8], _ db: any FleetSession) throws -> CertificateEntry? {
        try db.row("SELECT * FROM device_certificates WHERE serial = ?", [Data(serial)]).map {
            try CertificateEntry($0)
        }
    }

    static func insert(_ entry: CertificateEntry, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO device_certificates (serial, device, key_digest, issued_at, ends_at) VALUES (?, ?, ?, ?, ?)
            """,
            [Data(entry.serial), entry.device.column, Data(entry.keyDigest), entry.issuedAt, entry.endsAt])
    }

    /// How many of a device's certificates hold.
    static func count(of device: DeviceID, at wall: Int64, _ db: any FleetSession) throws -> Int {
        try db.value(
            "SELECT count(*) FROM device_certificates WHERE device = ? AND ends_at > ? AND withdrawn_at IS NULL",
            [device.column, wall]) ?? 0
    }

    /// The last certificate that a device was given and that was not withdrawn.
    static func newest(of device: DeviceID, _ db: any FleetSession) throws -> CertificateEntry? {
        try db.row(
            """
            SELECT * FROM device_certificates WHERE device = ? AND withdrawn_at IS NULL
            ORDER BY issued_at DESC, serial LIMIT 1
            """, [device.column]
        ).map { try CertificateEntry($0) }
    }

    /// The device has it: those before it are not taken any more.
    static func noteShown(_ entry: CertificateEntry, at wall: Int64, _ db: any FleetSession) throws {
        try db.execute(
            "UPDATE device_certificates SET shown_at = ? WHERE serial = ?", [wall, Data(entry.serial)])
        try db.execute(
            """
            UPDATE device_certificates SET withdrawn_at = ?
            WHERE device = ? AND issued_at < ? AND withdrawn_at IS NULL
            """, [wall, entry.device.column, entry.issuedAt])
    }

    /// None of a device's certificates is taken any more.
    static func withdrawAll(of device: DeviceID, at wall: Int64, _ db: any FleetSession) throws {
        try db.execute(
            "UPDATE device_certificates SET withdrawn_at = ? WHERE device = ? AND withdrawn_at IS NULL",
            [wall, device.column])
    }

    static func removeEnded(before cutoff: Int64, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM device_certificates WHERE ends_at < ?", [cutoff])
    }
}

extension CertificateEntry {
    init(_ row: FleetRow) throws {
        serial = Array(try row["serial"] as Data)
        device = try row.id("device")
        keyDigest = Array(try row["key_digest"] as Data)
        issuedAt = try row["issued_at"]
        endsAt = try row["ends_at"]
        shownAt = try row["shown_at"]
        withdrawnAt = try row["withdrawn_at"]
    }
}
