import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// Clients that are kept here, told to central in the transaction of each change.
extension EdgeStore {
    /// Tells central how a client is now; nothing where it is kept elsewhere, or where nothing of it travels.
    ///
    /// One that is told again (`isRepeat`) keeps its version.
    func tellClient(_ id: ClientID, isRepeat: Bool = false, _ db: Database) throws {
        guard fleet.isMember,
            let row = try Row.fetchOne(db, sql: "SELECT * FROM clients WHERE id = ?", arguments: [id.column])
        else { return }
        let known = try KnownClient(row, sealer)
        guard known.home == .here, let key = known.subjectKey, let verifiers = known.verifiers,
            let keyVerifier = verifiers.key, let secretVerifier = verifiers.secret,
            known.record.travels || known.fleetVersion > 0
        else { return }
        let isTold = isRepeat && known.fleetVersion > 0
        let version = isTold ? known.fleetVersion : max(clock.wall.column, known.fleetVersion + 1)
        try db.execute(
            sql: "UPDATE clients SET fleet_version = ? WHERE id = ?", arguments: [version, id.column])
        let record = known.record
        let facts: [PayloadValue.Member] = [
            .init("version", .integer(Int(version))), .init("public_id", .text(record.publicID)),
            .init("name", .text(record.name)), .init("scope", .text(record.travellingScope.rawValue)),
            .init("status", .text((record.travels ? record.status : .inactive).rawValue)),
            .init("tier", .text(record.tier.rawValue)), .init("features", .text(try JSONText.text(record.features))),
            .init("rate_per_hour", .integer(record.rateLimit.perHour)),
            .init("rate_per_day", .integer(record.rateLimit.perDay)),
            .init("created_at", .integer(Int(record.createdAt.column))), .init("key_verifier", .text(keyVerifier)),
            .init("secret_verifier", .text(secretVerifier)),
        ]
        try enqueue(
            OutboxDraft(
                kind: RecordKind.client, client: id, content: .tenant(facts, subjectKey: key), urgency: .essential),
            lane: .control, db)
    }

    /// All clients that are kept here: for an epoch and a central that know none.
    func tellClientsAgain(_ db: Database) throws {
        let ids = try Data.fetchAll(db, sql: "SELECT id FROM clients ORDER BY key")
        for id in ids {
            let id = try ClientID(column: id)
            do {
                try tellClient(id, isRepeat: true, db)
                _ = try remember(id, db)
                try tellEndpointsAgain(of: id, db)
            } catch let error as EdgeError where error.code == .sealBroken || error.code == .storeCorrupt {
                // One that does not open is told by the proof of the store, and others must not wait.
                continue
            }
        }
    }

    /// Throws `client.elsewhere` for a client that is kept elsewhere; a central instance takes it over instead.
    func requireHome(of known: KnownClient, _ db: Database) throws {
        guard known.home != .here else { return }
        guard fleet.isCentral, known.home == .elsewhere else { throw EdgeError(.clientElsewhere) }
        try db.execute(
            sql: "UPDATE clients SET fleet_home = 'here' WHERE id = ?", arguments: [known.record.id.column])
    }
}

extension ClientRecord {
    /// Whether its credentials may be good at other doors.
    var travels: Bool { scope != .technician && scope != .device }

    /// What its credentials are for elsewhere: an administrator is a backend there, since who administers a device is that
    /// device's to say.
    var travellingScope: ClientScope { scope == .admin || !travels ? .integrator : scope }

    /// Whether something differs that is told to other doors.
    func differsInTravel(from old: ClientRecord) -> Bool {
        (name, scope, status, tier) != (old.name, old.scope, old.status, old.tier) || features != old.features
            || rateLimit != old.rateLimit
    }
}
