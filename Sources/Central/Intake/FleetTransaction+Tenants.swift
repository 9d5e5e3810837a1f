import EdgeCore
import FoundationEssentials
import SyncCore

/// Clients that devices tell of.
///
/// A client's word is that of the device where it is kept, or of the central instance, which may take over any of them: a device
/// that somebody else got hold of gives no credentials for another tenant.
extension FleetTransaction {
    /// Lets a client take effect; returns why it does not.
    mutating func keep(
        _ client: FleetClient, of tenant: UUID, by device: DeviceEntry, home: ScopeID, _ checker: any ProofChecker
    ) throws -> String? {
        try db.alone()
        let known = try TenantTable.find(tenant, db)
        if let known {
            guard !known.isRemoved else { return SetAside.tenantRemoved }
            guard known.home == device.id || device.id == own else { return SetAside.notTrusted }
            // A repetition, or a store that was put back: what is known counts.
            guard client.version > known.version else { return nil }
        }
        let check = try checker.sha256(Array(client.keyVerifier.utf8))
        guard try TenantTable.holder(ofKey: check, db) ?? tenant == tenant else { return SetAside.notTrusted }
        let plain = Array(try JSONColumn.text(client).utf8)
        let sealed = try seal.seal(
            plain, for: SealOwner(kind: .tenant, id: tenant), .client(of: tenant, version: client.version), db)
        try TenantTable.keep(
            TenantEntry(
                id: tenant, home: device.id, version: client.version, isRemoved: false, keyCheck: check,
                payload: sealed), db)
        try TenantTable.enter(tenant, home, db)
        try tellTenant(tenant)
        return nil
    }

    /// The client was removed where it is kept, with everybody of it: also whom that device never knew.
    ///
    /// What was sealed for the tenant can be read by nobody any more.
    mutating func removeTenant(_ tenant: UUID, by device: DeviceEntry) throws -> String? {
        try db.alone()
        guard var known = try TenantTable.find(tenant, db), !known.isRemoved else { return nil }
        guard known.home == device.id || device.id == own else { return SetAside.notTrusted }
        (known.isRemoved, known.version) = (true, max(known.version + 1, wall))
        (known.keyCheck, known.payload) = (nil, nil)
        try TenantTable.keep(known, db)
        for subject in try SubjectTable.all(where: "tenant = ?", [tenant.column], db) where subject.state.alive != nil {
            try erase(subject.key, to: subject.state.erased(), by: nil)
        }
        try PersonalSeal.destroy(SealOwner(kind: .tenant, id: tenant), db)
        people.remove(tenant)
        try MetaTable.keep(wall, as: .rotationDue, db)
        noteErased()
        try tellTenant(tenant)
        return nil
    }

    /// The tenant's people are in this scope from now on, so whoever has it is told of the client.
    mutating func enter(_ tenant: UUID, _ scope: ScopeID) throws { try TenantTable.enter(tenant, scope, db) }

    /// Whether a device may speak of this tenant: its client is kept there, or told there.
    ///
    /// Whom an endpoint of a device may have called is the central instance's list of addresses to say.
    func mayForward(_ read: ReadRecord, of device: DeviceEntry) throws -> Bool {
        guard read.head.kind == RecordKind.endpoint, let tenant = read.head.tenant,
            let known = try TenantTable.find(tenant, db)
        else { return true }
        return try known.home == device.id
            || !TenantTable.scopes(of: tenant, db).isDisjoint(with: DeviceTable.scopes(of: device.id, db))
    }

    private mutating func tellTenant(_ tenant: UUID) throws {
        wake(try TenantTable.scopes(of: tenant, db))
        if let own { touched.insert(own) }
    }

    /// What a device is told of clients.
    func tenants(for device: DeviceEntry) throws -> [TenantEntry] {
        let all = device.id == own ? try TenantTable.all(db) : try TenantTable.told(to: device.id, db)
        guard device.standing == .quarantined else { return all }
        // Nobody new, but whatever ends.
        return try all.filter { try $0.isRemoved || client($0)?.status == "inactive" }
    }

    /// The client, opened; `nil` for one that was removed or cannot be opened.
    func client(_ tenant: TenantEntry) throws -> FleetClient? {
        guard let sealed = tenant.payload else { return nil }
        do {
            let plain = try seal.open(
                sealed, of: SealOwner(kind: .tenant, id: tenant.id), .client(of: tenant.id, version: tenant.version),
                db)
            return try plain.map { try JSONColumn.value(String(decoding: $0, as: UTF8.self)) }
        } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
            return nil
        }
    }
}

/// Why records are set aside that are understood.
enum SetAside {
    static let notTrusted = "not_trusted"
    static let notUnderstood = "not_understood"
    static let tenantRemoved = "tenant_removed"
}
