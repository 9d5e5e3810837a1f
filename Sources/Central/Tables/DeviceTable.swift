import EdgeCore
import FoundationEssentials
import SyncCore

/// A device as central keeps it.
struct DeviceEntry {
    let id: DeviceID
    var name: String
    var publicKey: [UInt8]
    var client: ClientID?
    var model: ModelName
    var software: String
    var standing: SubjectRule.Standing
    /// Why it stands so, when an operator or a rule changed it.
    var reason: String?
    var standingSince: Int64
    var epochs: EpochBook
    var joinedAt: Int64
    var lastSeen: Int64?
    /// Whether it has used its credentials: from then on its bootstrap token is spent.
    var hasSpoken: Bool
    /// How far ahead of central's clock its newest stamps were, microseconds; 0 when not worth telling.
    var clockAhead: Int64
    var leaseSerial: Int64
}

extension DeviceEntry {
    init(_ row: FleetRow) throws {
        id = try row.id("id")
        name = try row["name"]
        publicKey = Array(try row["public_key"] as Data)
        client = try row.optionalUUID("client_id").map { ClientID(rawValue: $0) }
        model = ModelName(id: try row["model_id"], version: try row["model_version"])
        software = try row["software"]
        standing = try Self.standing(row["standing"])
        reason = try row["standing_reason"]
        standingSince = try row["standing_since"]
        epochs = try JSONColumn.value(row["epochs"])
        joinedAt = try row["joined_at"]
        lastSeen = try row["last_seen"]
        hasSpoken = try row["has_spoken"]
        clockAhead = try row["clock_ahead"]
        leaseSerial = try row["lease_serial"]
    }

    static func word(_ standing: SubjectRule.Standing) -> String {
        switch standing {
        case .active: "active"
        case .quarantined: "quarantined"
        case .revoked: "revoked"
        }
    }

    private static func standing(_ word: String) throws -> SubjectRule.Standing {
        switch word {
        case "active": .active
        case "quarantined": .quarantined
        case "revoked": .revoked
        default: throw EdgeError(.storeCorrupt, "A device's standing is damaged.")
        }
    }
}

/// Who belongs to the fleet.
enum DeviceTable {
    static func find(_ id: DeviceID, _ db: any FleetSession) throws -> DeviceEntry? {
        try db.row("SELECT * FROM devices WHERE id = ?", [id.column])
            .map { try DeviceEntry($0) }
    }

    static func find(client: ClientID, _ db: any FleetSession) throws -> DeviceID? {
        try db.value("SELECT id FROM devices WHERE client_id = ?", [client.column]).map { try DeviceID(column: $0) }
    }

    static func all(_ db: any FleetSession) throws -> [DeviceEntry] {
        try db.rows("SELECT * FROM devices ORDER BY joined_at, id").map { try DeviceEntry($0) }
    }

    /// Puts the entry in place of the one with the same id, if there is one.
    static func keep(_ device: DeviceEntry, _ db: any FleetSession) throws {
        try db.alone()
        try db.execute(
            """
            INSERT INTO devices (id, name, public_key, client_id, model_id, model_version, software, standing,
                standing_reason, standing_since, epochs, joined_at, last_seen, has_spoken, clock_ahead, lease_serial)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, public_key = excluded.public_key,
                client_id = excluded.client_id, model_id = excluded.model_id,
                model_version = excluded.model_version, software = excluded.software,
                standing = excluded.standing, standing_reason = excluded.standing_reason,
                standing_since = excluded.standing_since, epochs = excluded.epochs,
                joined_at = excluded.joined_at, last_seen = excluded.last_seen,
                has_spoken = excluded.has_spoken, clock_ahead = excluded.clock_ahead,
                lease_serial = excluded.lease_serial
            """,
            [
                device.id.column, device.name, Data(device.publicKey), device.client?.column, device.model.id,
                device.model.version, device.software, DeviceEntry.word(device.standing), device.reason,
                device.standingSince, try JSONColumn.text(device.epochs), device.joinedAt, device.lastSeen,
                device.hasSpoken, device.clockAhead, device.leaseSerial,
            ])
    }

    /// Notes that the device was heard of; from here on nobody else writes for it.
    ///
    /// `nil` for one that is no member.
    static func saw(_ id: DeviceID, at wall: Int64, _ db: any FleetSession) throws -> DeviceEntry? {
        try db.row(
            "UPDATE devices SET last_seen = ?, has_spoken = 1 WHERE id = ? AND standing <> 'revoked' RETURNING *",
            [wall, id.column]
        ).map { try DeviceEntry($0) }
    }

    /// The scopes of a device; the first one is where the people go that it enrolls.
    static func scopes(of device: DeviceID, _ db: any FleetSession) throws -> [ScopeID] {
        try db.values("SELECT scope FROM device_scopes WHERE device = ? ORDER BY place", [device.column]).map {
            try ScopeID(column: $0)
        }
    }

    static func keep(_ scopes: [ScopeID], of device: DeviceID, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM device_scopes WHERE device = ?", [device.column])
        for (place, scope) in scopes.enumerated() {
            try db.execute(
                "INSERT INTO device_scopes (device, place, scope) VALUES (?, ?, ?)",
                [device.column, place, scope.column])
        }
    }

    /// Devices with at least one of these scopes that are still members.
    static func members(of scopes: some Sequence<ScopeID>, _ db: any FleetSession) throws -> Set<DeviceID> {
        var members: Set<DeviceID> = []
        for scope in scopes {
            let found: [Data] = try db.values(
                """
                SELECT d.id FROM devices d JOIN device_scopes s ON s.device = d.id
                WHERE s.scope = ? AND d.standing <> 'revoked'
                """, [scope.column])
            for data in found { members.insert(try DeviceID(column: data)) }
        }
        return members
    }
}
