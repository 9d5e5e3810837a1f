import EdgeCore
import FoundationEssentials
import GRDB
import Logging
import SyncCore

/// Makes the people here what is in effect of them, in the transaction that learned of it.
///
/// Nothing that central says is refused by a quota or a limit of the device: which people a door knows is the fleet's to say.
/// Nobody's webhooks are called either, since the device where it happened has told of it.
extension EdgeStore {
    /// What became of a subject.
    struct Reconciled {
        var effects: [GalleryEffect] = []
        /// The enrollment that is in effect is not here: its scopes are to be sent anew.
        var lacksContent = false
        var isUnreadable = false
        /// Somebody is not here any more.
        var isGone = false
    }

    /// What central told of a subject in this answer, with the tenants' names.
    struct ToldPerson {
        let entry: WireEntry
        let tenants: [UUID: String]
    }

    /// Sees to it that the person here is the one of the version in effect, or nobody.
    func reconcile(_ row: inout ReplicaRow, told: ToldPerson?, _ db: Database) throws -> Reconciled {
        var done = Reconciled()
        let effective = row.replica.effective
        let isErased = row.held.map { $0.consent < row.replica.erasedBelow } ?? false
        if effective == nil || isErased { try takeAway(&row, isErasure: isErased, &done, db) }
        guard let effective else { return done }
        if let held = row.held, held.isSameEnrollment(as: effective) {
            row.held = effective
            return done
        }
        guard let told, told.entry.version == effective else {
            // Central said before what it is, and something else was in effect then.
            try takeAway(&row, isErasure: false, &done, db)
            done.lacksContent = true
            return done
        }
        guard let owner = try place(told, of: row, db) else {
            try takeAway(&row, isErasure: false, &done, db)
            // Asking again would bring the same.
            row.held = effective
            done.isUnreadable = true
            return done
        }
        (row.person, row.held, row.granted) = (owner.key, effective, nil)
        done.effects.append(try effect(of: owner, db))
        return done
    }

    /// Everybody whom central told of goes; returns who that was.
    func dropEverybodyTold(_ db: Database) throws -> [PersonID] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT people.* FROM people JOIN fleet_replicas r ON r.person_row = people.key
                WHERE r.told IS NOT NULL ORDER BY people.key
                """)
        return try rows.map { row in
            try dropCopy(row, db)
            return try row.id("id")
        }
    }

    private func takeAway(_ row: inout ReplicaRow, isErasure: Bool, _ done: inout Reconciled, _ db: Database) throws {
        defer { (row.person, row.held) = (nil, nil) }
        guard let key = row.person,
            let person = try Row.fetchOne(db, sql: "SELECT * FROM people WHERE key = ?", arguments: [key])
        else { return }
        let id: PersonID = try person.id("id")
        if isErasure {
            _ = try remove(
                "id", id.column, of: person.id("client_id"), cause: .central, requestedAt: clock.wall, db)
        } else {
            try dropCopy(person, db)
        }
        done.effects.append(.remove(id))
        done.isGone = true
    }

    /// Takes a copy away of somebody who has left: the same is destroyed as by an erasure, and it is none.
    private func dropCopy(_ person: Row, _ db: Database) throws {
        let id: PersonID = try person.id("id")
        _ = try destroy(person, db)
        try forgetWaiting(of: id, db)
        try noteErasure(db)
        try audit(
            AuditRecord(
                action: "person.left", client: person.id("client_id"), person: id, succeeded: true, at: clock.wall), db)
    }

    /// Puts the person here who was told; `nil` for one that cannot be read or is somebody else.
    private func place(_ told: ToldPerson, of row: ReplicaRow, _ db: Database) throws -> PersonOwner? {
        guard let text = told.entry.person, let tenant = told.entry.tenant, let person = FleetPerson(payload: text)
        else { return nil }
        let client = ClientID(rawValue: tenant)
        guard try subject(of: client, user: person.externalID) == row.subject else { return nil }
        try adoptTenant(client, name: told.tenants[tenant], db)
        let owner = try owner(of: person, client: client, db)
        try db.execute(
            sql: """
                UPDATE people SET is_active = ?, enrolled_at = ?, enrollment_id = NULL, updated_at = ? WHERE key = ?
                """,
            arguments: [
                person.isActive, person.enrolledAt ?? clock.wall.column, clock.wall.column, owner.key,
            ])
        let models = fleet.ports?.models
        var numbers: [ModelVersion: Int] = [:]
        for template in person.templates where template.isSound(models) {
            numbers[template.model, default: 0] += 1
            try insert(
                FaceTemplate(model: template.model, values: try VectorForm.values(Array(template.vector))),
                quality: template.quality, number: numbers[template.model] ?? 1, of: owner, at: clock.wall, db)
        }
        return owner
    }

    /// The person's row, without templates: as it is known here, or a new one.
    private func owner(of person: FleetPerson, client: ClientID, _ db: Database) throws -> PersonOwner {
        let digest = try Data(digest(ofExternalID: person.externalID, client: client))
        let personal = PersonalData(externalID: person.externalID, displayName: person.displayName)
        let known = try Row.fetchOne(
            db, sql: "SELECT * FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        guard let known else { return try insertPerson(personal, digest: digest, of: client, at: clock.wall, db) }
        let old = try self.owner(known, renewedAs: person.externalID, db)
        let sealed = try sealer.seal(
            personal.bytes, subjectKey: old.subjectKey, context: SealPlace.person(old.id, of: client))
        try db.execute(
            sql: "UPDATE people SET personal = ?, generation = generation + 1 WHERE key = ?",
            arguments: [Data(sealed), old.key])
        try removeSamples(ofPerson: old.key, db)
        try db.execute(
            sql: """
                UPDATE enrollments SET status = 'completed', updated_at = ?
                WHERE person_id = ? AND client_id = ? AND status IN ('active', 'inactive')
                """, arguments: [clock.wall.column, old.id.column, client.column])
        return PersonOwner(
            key: old.key, id: old.id, client: client, subjectKey: old.subjectKey, personal: personal)
    }
}
