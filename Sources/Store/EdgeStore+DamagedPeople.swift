import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import Synchronization

/// People whose sealed record was changed, by a bit or by a hand: they are shown as damaged, can be erased, and come back
/// with a new enrollment.
extension EdgeStore {
    /// The person of a row, who is about to be told anew by `externalID`, the id that the row's digest is of.
    ///
    /// A profile that does not open goes alone. Where the key does not open either, there is a new one; what was sealed under
    /// the old one is lost and goes.
    func owner(_ row: Row, renewedAs externalID: String, _ db: Database) throws -> PersonOwner {
        let known = try whatOpens { try PersonOwner(row, sealer) }
        let owner = try known ?? ownerRewritten(row, externalID: externalID, db)
        let hasProfile = try whatOpens { try PersonProfile(row, of: owner, sealer) } != nil
        if !hasProfile { try db.execute(sql: "UPDATE people SET profile = NULL WHERE key = ?", arguments: [owner.key]) }
        if known == nil || !hasProfile { try noteRepair(of: owner, db) }
        return owner
    }

    private func ownerRewritten(_ row: Row, externalID: String, _ db: Database) throws -> PersonOwner {
        let known = row.bytes("subject_key")
        let opensNothing = try whatOpens { try sealer.opener(for: known[...]) } == nil
        let owner = try PersonOwner(
            key: row["key"], id: row.id("id"), client: row.id("client_id"),
            subjectKey: opensNothing ? sealer.makeSubjectKey() : known,
            personal: PersonalData(externalID: externalID, displayName: nil))
        let sealed = try sealer.seal(
            owner.personal.bytes, subjectKey: owner.subjectKey, context: SealPlace.person(owner.id, of: owner.client))
        try db.execute(
            sql: "UPDATE people SET subject_key = ?, personal = ? WHERE key = ?",
            arguments: [Data(owner.subjectKey), Data(sealed), owner.key])
        if opensNothing { try forgetSealed(of: owner, db) }
        return owner
    }

    private func forgetSealed(of owner: PersonOwner, _ db: Database) throws {
        try removeSamples(ofPerson: owner.key, db)
        for table in ["person_images", "consents"] {
            try db.execute(sql: "DELETE FROM \(table) WHERE person_key = ?", arguments: [owner.key])
        }
        try forgetWaiting(of: owner.id, db)
    }

    /// Says how many cannot be recognised, as long as there are any.
    func report(damaged people: [PersonID]) {
        damagedPeople.withLock { $0 = Set(people) }
        tellDamaged()
    }

    /// A person was told anew or is gone, once the transaction is on disk.
    func noteMended(_ person: PersonID) {
        onCommit { [self] in
            guard damagedPeople.withLock({ $0.remove(person) }) != nil else { return }
            tellDamaged()
        }
    }

    private func tellDamaged() {
        let count = damagedPeople.withLock { $0.count }
        guard count > 0 else { return health.clear("store.people.damaged") }
        health.raise(
            "store.people.damaged", title: "Damaged records of people, who are not recognised: \(count).",
            severity: .error, remedy: ErrorCode.personDamaged.remedy)
    }

    private func noteRepair(of owner: PersonOwner, _ db: Database) throws {
        noteMended(owner.id)
        log.warning("a damaged person was told anew", metadata: ["person": "\(owner.id)"])
        try audit(
            AuditRecord(
                action: "person.repaired", client: owner.client, person: owner.id, succeeded: true,
                reason: ErrorCode.sealBroken.rawValue, at: clock.wall), db)
    }
}
