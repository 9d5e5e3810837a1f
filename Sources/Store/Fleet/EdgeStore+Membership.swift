public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
public import SyncCore

extension EdgeStore {
    /// The device's own id, which its records bear; `nil` while the store is not open.
    public var deviceID: DeviceID? { device.flatMap { UUID(bytes: $0) }.map { DeviceID(rawValue: $0) } }

    /// Introduces the rooms that the store's part in a fleet needs; before the first answer of central is applied.
    public func attach(_ ports: FleetPorts) { fleet.attach(ports) }

    /// How much may wait for central now: with a membership that which is meant for members.
    var outboxLimits: OutboxLimits {
        fleet.isMember && !options.outbox.hasCentral ? options.memberOutbox : options.outbox
    }

    /// The membership; `nil` for a device that belongs to no fleet.
    public func membership() async throws(EdgeError) -> Membership? {
        try await read { [self] db in try membership(db) }
    }

    /// Joins a fleet: keeps the credentials sealed, and has everybody who is enrolled told to central.
    ///
    /// Throws `sync.member.exists` for a device that belongs to a fleet, and `request.invalid` for a grant that cannot be
    /// used.
    public func join(_ membership: Membership) async throws(EdgeError) {
        let key = try Self.pseudonymKey(of: membership.grant)
        let bytes = try StoredMembership(membership).bytes()
        try await write { [self] db in
            guard try self.membership(db) == nil else { throw EdgeError(.memberExists) }
            let subjectKey = try sealer.makeSubjectKey()
            let sealed = try sealer.seal(bytes, subjectKey: subjectKey, context: try membershipPlace(db))
            try forgetFleet(db)
            try db.execute(
                sql: "INSERT INTO fleet_membership (key, subject_key, sealed) VALUES (1, ?, ?)",
                arguments: [Data(subjectKey), Data(sealed)])
            try restartSnapshot(db)
            try audit(AuditRecord(action: "fleet.joined", succeeded: true, at: clock.wall), db)
            onCommit { [fleet] in fleet.become(memberWith: key, isCentral: membership.url.isEmpty) }
        }
        try await snapshotWhenDue()
    }

    /// From now on these certificates, PEM, verify central.
    ///
    /// Throws `sync.member.missing`.
    public func keepRoots(_ roots: String, serial: UInt64) async throws(EdgeError) {
        try await write { [self] db in
            guard var membership = try membership(db) else { throw EdgeError(.memberMissing) }
            (membership.pinnedRoots, membership.rootsSerial) = (roots, serial)
            let subjectKey = try sealer.makeSubjectKey()
            let sealed = try sealer.seal(
                StoredMembership(membership).bytes(), subjectKey: subjectKey, context: try membershipPlace(db))
            try db.execute(
                sql: "UPDATE fleet_membership SET subject_key = ?, sealed = ?",
                arguments: [Data(subjectKey), Data(sealed)])
            try audit(
                AuditRecord(
                    action: "fleet.roots.changed", succeeded: true, detailsJSON: #"{"announcement":\#(serial)}"#,
                    at: clock.wall), db)
        }
    }

    /// Leaves the fleet.
    ///
    /// Where `isRevoked`, everybody whom central told of goes, and nobody else.
    public func leave(isRevoked: Bool) async throws(EdgeError) {
        let gone = try await write(.urgent) { [self] db in
            let gone = isRevoked ? try dropEverybodyTold(db) : []
            if isRevoked { try closeTenants(db) }
            try forgetFleet(db)
            try audit(
                AuditRecord(
                    action: "fleet.left", succeeded: true, reason: isRevoked ? "revoked" : nil,
                    detailsJSON: #"{"people":\#(gone.count)}"#, at: clock.wall), db)
            onCommit { [fleet] in fleet.become(memberWith: nil) }
            return gone
        }
        await fleet.tellChangedClients()
        if !gone.isEmpty { await emptyLog() }
        await fleet.ports?.follow(gone.map { .remove($0) })
    }

    /// Reads what is kept in memory of the membership; when the file is opened.
    ///
    /// A membership that does not open leaves a device without central, which is better than one without a door.
    func loadFleet() async throws(EdgeError) {
        let found = try await write { [self] db -> (key: Redacted<[UInt8]>, isCentral: Bool)? in
            do {
                guard let known = try membership(db) else { return nil }
                try resumeLease(db)
                return (try Self.pseudonymKey(of: known.grant), known.url.isEmpty)
            } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
                onCommit { [self] in
                    log.error("the membership does not open", metadata: ["code": "\(error.code.rawValue)"])
                }
                return nil
            }
        }
        fleet.become(memberWith: found?.key, isCentral: found?.isCentral ?? false)
    }

    /// The person's pseudonym in the fleet; `nil` for a device that belongs to none.
    func subject(of client: ClientID, user: String) throws(EdgeError) -> SubjectKey? {
        guard let key = fleet.pseudonymKey else { return nil }
        let message = SubjectPseudonym.message(tenant: client.rawValue, user: user)
        return SubjectPseudonym.key(code: try signer.hmacSHA256(key: key, message: message))
    }

    private func membership(_ db: Database) throws -> Membership? {
        guard let row = try Row.fetchOne(db, sql: "SELECT subject_key, sealed FROM fleet_membership") else {
            return nil
        }
        let place = try membershipPlace(db)
        let bytes = try sealer.open(row.bytes("sealed"), subjectKey: row.bytes("subject_key"), context: place)
        return try StoredMembership(bytes).membership
    }

    /// Sealed to the device, since it belongs to no tenant.
    private func membershipPlace(_ db: Database) throws -> SealContext {
        let device = try ClientID(column: Data(try StoreIdentity.device(db)))
        return SealContext(kind: "fleet membership", client: device, row: "1", version: 1)
    }

    private func forgetFleet(_ db: Database) throws {
        for table in ["fleet_membership", "fleet_scopes", "fleet_places", "fleet_replicas"] {
            try db.execute(sql: "DELETE FROM \(table)")
        }
        try forgetHomes(db)
    }

    private static func pseudonymKey(of grant: ProvisionAnswer) throws(EdgeError) -> Redacted<[UInt8]> {
        guard let key = Data(base64Encoded: grant.pseudonymKey), key.count == 32 else {
            throw EdgeError(.requestInvalid, "The fleet's key for pseudonyms is not 32 bytes of base64.")
        }
        return Redacted(Array(key))
    }
}

/// A membership as it is sealed.
private struct StoredMembership: Codable {
    var url: String
    var device: DeviceID
    var grant: ProvisionAnswer
    var pinnedRoots: String?
    /// Absent in what earlier versions wrote.
    var rootsSerial: UInt64?

    init(_ membership: Membership) {
        url = membership.url
        device = membership.device
        grant = membership.grant
        pinnedRoots = membership.pinnedRoots
        rootsSerial = membership.rootsSerial
    }

    init(_ bytes: [UInt8]) throws(EdgeError) {
        do { self = try JSONDecoder().decode(StoredMembership.self, from: Data(bytes)) } catch {
            throw EdgeError(.storeCorrupt, "The membership has an unknown form.")
        }
    }

    func bytes() throws(EdgeError) -> [UInt8] {
        do { return Array(try JSONEncoder().encode(self)) } catch {
            throw EdgeError(.internalFault, "A membership cannot be written as JSON.")
        }
    }

    var membership: Membership {
        var membership = Membership(url: url, device: device, grant: grant, pinnedRoots: pinnedRoots)
        membership.rootsSerial = rootsSerial ?? 0
        return membership
    }
}
