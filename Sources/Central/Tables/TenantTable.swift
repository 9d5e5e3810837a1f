import EdgeCore
import FoundationEssentials
import SyncCore

/// A tenant's client as central keeps it.
struct TenantEntry {
    let id: UUID
    /// The device where the client is kept: its word counts, and central's own.
    var home: DeviceID
    var version: Int64
    var isRemoved: Bool
    /// SHA-256 of what the API key is checked against.
    var keyCheck: [UInt8]?
    /// The client, sealed under the tenant's key.
    var payload: [UInt8]?
}

/// The clients of the tenants, and the scopes that were ever told of them.
enum TenantTable {
    static func find(_ id: UUID, _ db: any FleetSession) throws -> TenantEntry? {
        try db.row("SELECT * FROM tenants WHERE id = ?", [id.column]).map { try TenantEntry($0) }
    }

    static func keep(_ tenant: TenantEntry, _ db: any FleetSession) throws {
        try db.execute(
            """
            INSERT INTO tenants (id, home, version, is_removed, key_check, payload) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET home = excluded.home, version = excluded.version,
                is_removed = excluded.is_removed, key_check = excluded.key_check, payload = excluded.payload
            """,
            [
                tenant.id.column, tenant.home.column, tenant.version, tenant.isRemoved,
                tenant.keyCheck.map { Data($0) }, tenant.payload.map { Data($0) },
            ])
    }

    /// Whose API key it is; `nil` for nobody's.
    static func holder(ofKey check: [UInt8], _ db: any FleetSession) throws -> UUID? {
        try (db.value("SELECT id FROM tenants WHERE key_check = ?", [Data(check)]) as Data?)
            .map { try UUID(column: $0) }
    }

    /// Notes that a scope is told of a tenant; it stays so, since who was told must hear of the end.
    static func enter(_ tenant: UUID, _ scope: ScopeID, _ db: any FleetSession) throws {
        try db.execute(
            "INSERT INTO tenant_scopes (tenant, scope) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [tenant.column, scope.column])
    }

    static func scopes(of tenant: UUID, _ db: any FleetSession) throws -> Set<ScopeID> {
        let found: [Data] = try db.values("SELECT scope FROM tenant_scopes WHERE tenant = ?", [tenant.column])
        return Set(try found.map { try ScopeID(column: $0) })
    }

    /// The tenants that a device is told of: those of its scopes.
    static func told(to device: DeviceID, _ db: any FleetSession) throws -> [TenantEntry] {
        try db.rows(
            """
            SELECT * FROM tenants WHERE id IN (
                SELECT t.tenant FROM tenant_scopes t JOIN device_scopes d ON d.scope = t.scope WHERE d.device = ?)
            ORDER BY id
            """, [device.column]
        ).map { try TenantEntry($0) }
    }

    /// All of them: the central instance's own doors know every tenant.
    static func all(_ db: any FleetSession) throws -> [TenantEntry] {
        try db.rows("SELECT * FROM tenants ORDER BY id").map { try TenantEntry($0) }
    }
}

extension TenantEntry {
    init(_ row: FleetRow) throws {
        id = try UUID(column: row["id"])
        home = try row.id("home")
        version = try row["version"]
        isRemoved = try row["is_removed"]
        keyCheck = try (row["key_check"] as Data?).map { Array($0) }
        payload = try (row["payload"] as Data?).map { Array($0) }
    }
}

extension SealContext {
    /// Bound to the tenant and the version.
    static func client(of tenant: UUID, version: Int64) -> SealContext {
        SealContext(kind: "central.client", client: ClientID(rawValue: tenant), row: "\(version)", version: 1)
    }
}
