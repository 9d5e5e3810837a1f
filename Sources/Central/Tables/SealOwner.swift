import EdgeCore
import FoundationEssentials
import SyncCore

/// Under whose key something personal stands: destroying the key destroys all of it.
struct SealOwner: Hashable {
    enum Kind: String {
        /// One person.
        case subject
        /// A tenant, for what names somebody whom nobody can tell.
        case tenant
        /// All of it, for what is no one person's.
        case fleet
    }

    let kind: Kind
    let id: UUID
}

/// Seals what is personal, with a key for each owner that is kept wrapped beside it.
struct PersonalSeal: Sendable {
    let sealer: any Sealer

    func seal(_ plain: [UInt8], for owner: SealOwner, _ context: SealContext, _ db: any FleetSession) throws -> [UInt8]
    {
        try sealer.seal(plain, subjectKey: key(of: owner, db), context: context)
    }

    /// `nil` when the owner's key was destroyed.
    func open(_ sealed: [UInt8], of owner: SealOwner, _ context: SealContext, _ db: any FleetSession) throws -> [UInt8]?
    {
        guard let key = try known(owner, db) else { return nil }
        return try sealer.open(sealed, subjectKey: key, context: context)
    }

    /// Nothing that was sealed for this owner can be opened any more.
    static func destroy(_ owner: SealOwner, _ db: any FleetSession) throws {
        try db.execute("DELETE FROM seal_keys WHERE kind = ? AND owner = ?", [owner.kind.rawValue, owner.id.column])
    }

    /// The same keys wrapped by the present key-encryption key.
    func rewrapAll(_ db: any FleetSession) throws {
        let rows = try db.rows("SELECT kind, owner, wrapped FROM seal_keys")
        for row in rows {
            let wrapped = Array(try row["wrapped"] as Data)
            let fresh = try sealer.rewrap(wrapped)
            guard fresh != wrapped else { continue }
            try db.execute(
                "UPDATE seal_keys SET wrapped = ? WHERE kind = ? AND owner = ?",
                [Data(fresh), try row["kind"] as String, try row["owner"] as Data])
        }
    }

    /// The owner's key; one that is not there yet is made.
    func key(of owner: SealOwner, _ db: any FleetSession) throws -> [UInt8] {
        if let known = try known(owner, db) { return known }
        let key = try sealer.makeSubjectKey()
        let made = try db.row(
            """
            INSERT INTO seal_keys (kind, owner, wrapped) VALUES (?, ?, ?) ON CONFLICT (kind, owner) DO NOTHING
            RETURNING kind
            """, [owner.kind.rawValue, owner.id.column, Data(key)])
        if made != nil { return key }
        // Another device brought the same person at the same moment; its key is on disk by now.
        guard let first = try known(owner, db) else { throw EdgeError(.storeBusy) }
        return first
    }

    private func known(_ owner: SealOwner, _ db: any FleetSession) throws -> [UInt8]? {
        let wrapped: Data? = try db.value(
            "SELECT wrapped FROM seal_keys WHERE kind = ? AND owner = ?", [owner.kind.rawValue, owner.id.column])
        return wrapped.map { Array($0) }
    }
}

extension SealContext {
    /// Bound to the record's place.
    static func record(_ position: RecordPosition, tenant: UUID) -> SealContext {
        let address = position.address
        return SealContext(
            kind: "central.record", client: ClientID(rawValue: tenant),
            row: "\(address.device) \(address.epoch) \(address.lane.rawValue) \(position.sequence)", version: 1)
    }

    /// Bound to the person and the enrollment.
    static func person(_ subject: SubjectKey, _ version: SubjectVersion, tenant: UUID) -> SealContext {
        SealContext(
            kind: "central.person", client: ClientID(rawValue: tenant),
            row: "\(subject) \(version.consent) \(version.generation) \(version.device)", version: 1)
    }
}
