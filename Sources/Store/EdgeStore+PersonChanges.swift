public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Makes a person known who is not enrolled yet.
    ///
    /// Throws `person.exists`, `quota.reached`.
    public func createPerson(_ draft: PersonDraft, of client: ClientID) async throws(EdgeError) -> PersonRecord {
        let digest = try Data(digest(ofExternalID: draft.externalID, client: client))
        return try await write { [self] db in
            let moment = clock.wall
            try requireUnused(digest, of: client, db)
            try requireRoom(for: client, db)
            let profile = PersonProfile(
                profileJSON: draft.profileJSON, metadataJSON: draft.metadataJSON, externalUUID: draft.externalUUID)
            let owner = try insertPerson(
                PersonalData(externalID: draft.externalID, displayName: profile.name), digest: digest, of: client,
                at: moment, db)
            try keep(profile, of: owner, isActive: draft.isActive, db)
            for (kind, image) in draft.images { try put(image, as: kind, of: owner, at: moment, db) }
            try audit(
                AuditRecord(action: "person.created", client: client, person: owner.id, succeeded: true, at: moment), db
            )
            try emit(.userCreated(owner.id, externalID: draft.externalID), of: client, at: moment, db)
            return try requirePerson(owner.id, of: client, db)
        }
    }

    /// Changes a person; open enrollments of one who is deactivated or gets another id end.
    ///
    /// Throws `person.unknown`, `person.damaged` for one whose record does not open, and `person.exists` when the new
    /// external id is somebody else's.
    public func changePerson(
        _ id: PersonID, of client: ClientID, _ edit: PersonEdit
    ) async throws(EdgeError) -> PersonChange {
        let change = try await write { [self] db in
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM people WHERE id = ? AND client_id = ?", arguments: [id.column, client.column])
            guard let row else { throw EdgeError(.personUnknown) }
            let moment = clock.wall
            let (old, known) = try sound(row)
            var profile = known
            let personal = try personal(of: old, &profile, after: edit)
            if !personal.externalID.utf8.elementsEqual(old.personal.externalID.utf8) { try eraseInFleet(old.key, db) }
            let digest = try rename(old, to: personal.externalID, from: row["external_id_digest"], db)
            let owner = PersonOwner(
                key: old.key, id: id, client: client, subjectKey: old.subjectKey, personal: personal)
            let wasActive: Bool = row["is_active"]
            let isActive = edit.isActive ?? wasActive
            try keep(owner, at: moment, db)
            try keep(profile, of: owner, isActive: isActive, db)
            try changeImages(edit.images, of: owner, at: moment, db)
            if edit.images.values.contains(where: \.isRemoval) { try noteErasure(db) }
            if wasActive, !isActive {
                try cancelSessions(
                    claiming: digest, of: client, kinds: [.enrollment], cause: "person_deactivated", db)
            }
            try note(edit, of: owner, wasActive: wasActive, at: moment, db)
            let isSame = wasActive == isActive && personal == old.personal
            if !isSame { try enqueueChange(of: owner, isActive: isActive, db) }
            return PersonChange(
                person: try requirePerson(id, of: client, db), effect: isSame ? .none : try effect(of: owner, db))
        }
        if !edit.images.isEmpty { await emptyLog() }
        return change
    }

    private func sound(_ row: Row) throws -> (owner: PersonOwner, profile: PersonProfile) {
        let opened = try whatOpens {
            let owner = try PersonOwner(row, sealer)
            return (owner, try PersonProfile(row, of: owner, sealer))
        }
        guard let opened else { throw EdgeError(.personDamaged) }
        return opened
    }

    /// What the gallery in memory has to know of a person as they stand now.
    func effect(of owner: PersonOwner, _ db: Database) throws -> GalleryEffect {
        let person = try requirePerson(owner.id, of: owner.client, db)
        guard person.isActive, person.isEnrolled else { return .remove(owner.id) }
        let templates = try templates(of: owner, db)
        return .replace(GalleryRecord(client: owner.client, person: owner.matched, templates: templates))
    }

    func requirePerson(_ id: PersonID, of client: ClientID, _ db: Database) throws -> PersonRecord {
        guard let person = try person(where: "id", is: id.column, of: client, db) else {
            throw EdgeError(.personUnknown)
        }
        return person
    }

    /// Throws `quota.reached` when the client has as many people as it may.
    func requireRoom(for client: ClientID, _ db: Database) throws {
        let maximum = try features(of: client, db).maximumUsers
        let count = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM people WHERE client_id = ?", arguments: [client.column])
        guard let count, count < maximum else {
            throw EdgeError(.quotaReached, "The client has \(maximum) users, as many as it may.")
        }
    }

    func features(of client: ClientID, _ db: Database) throws -> ClientFeatures {
        guard let record = try clientRecord(client, db) else { throw EdgeError(.clientUnknown) }
        return record.features
    }

    private func requireUnused(_ digest: Data, of client: ClientID, _ db: Database) throws {
        let known = try Bool.fetchOne(
            db, sql: "SELECT 1 FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        guard known == nil else { throw EdgeError(.personExists, field: "external_user_id") }
    }

    /// A name from the profile goes before one that an enrollment gave; it goes with the profile.
    private func personal(
        of old: PersonOwner, _ profile: inout PersonProfile, after edit: PersonEdit
    ) throws -> PersonalData {
        let given = profile.name
        if let json = edit.profileJSON { profile.profileJSON = json }
        if let json = edit.metadataJSON { profile.metadataJSON = json }
        if let uuid = edit.externalUUID { profile.externalUUID = uuid }
        let kept = old.personal.displayName == given ? nil : old.personal.displayName
        return PersonalData(
            externalID: edit.externalID ?? old.personal.externalID, displayName: profile.name ?? kept)
    }

    /// What was known under the old id goes along: a new id is no way around a lock-out, nor around a removal.
    private func rename(
        _ old: PersonOwner, to externalID: String, from digest: Data, _ db: Database
    ) throws -> Data {
        guard !externalID.utf8.elementsEqual(old.personal.externalID.utf8) else { return digest }
        let client = old.client
        let next = try Data(self.digest(ofExternalID: externalID, client: client))
        try requireUnused(next, of: client, db)
        try cancelSessions(claiming: digest, of: client, kinds: Set(SessionKind.allCases), cause: "person_renamed", db)
        try db.execute(
            sql: "UPDATE people SET external_id_digest = ? WHERE key = ?", arguments: [next, old.key])
        for table in ["sessions", "enrollments", "webhook_events"] {
            try db.execute(
                sql: "UPDATE \(table) SET claimed_digest = ? WHERE client_id = ? AND claimed_digest = ?",
                arguments: [next, client.column, digest])
        }
        try db.execute(
            sql: "UPDATE kept_answers SET external_id_digest = ? WHERE client_id = ? AND external_id_digest = ?",
            arguments: [next, client.column, digest])
        try db.execute(
            sql: """
                UPDATE OR REPLACE lockouts SET external_id_digest = ? WHERE client_id = ? AND external_id_digest = ?
                """, arguments: [next, client.column, digest])
        return next
    }

    private func keep(_ owner: PersonOwner, at moment: Date, _ db: Database) throws {
        let sealed = try sealer.seal(
            owner.personal.bytes, subjectKey: owner.subjectKey, context: SealPlace.person(owner.id, of: owner.client))
        try db.execute(
            sql: "UPDATE people SET personal = ?, updated_at = ? WHERE key = ?",
            arguments: [Data(sealed), moment.column, owner.key])
    }

    private func keep(_ profile: PersonProfile, of owner: PersonOwner, isActive: Bool, _ db: Database) throws {
        let sealed = try sealer.seal(
            profile.bytes, subjectKey: owner.subjectKey,
            context: SealPlace.profile(of: owner.id, client: owner.client))
        let digest = try profile.externalUUID.map { uuid throws(EdgeError) in
            try Data(self.digest(ofExternalUUID: uuid, client: owner.client))
        }
        try db.execute(
            sql: "UPDATE people SET profile = ?, external_uuid_digest = ?, is_active = ? WHERE key = ?",
            arguments: [Data(sealed), digest, isActive, owner.key])
    }

    /// Says which members were changed, never to what; webhooks are told that there was a change.
    private func note(
        _ edit: PersonEdit, of owner: PersonOwner, wasActive: Bool, at moment: Date, _ db: Database
    ) throws {
        var members = edit.images.keys.map { $0 == .profile ? "profile_image" : "old_profile_photo" }
        if edit.externalID != nil { members.append("external_user_id") }
        if edit.externalUUID != nil { members.append("external_user_uuid") }
        if edit.profileJSON != nil { members.append("profile") }
        if edit.metadataJSON != nil { members.append("metadata") }
        if !members.isEmpty {
            let list = members.sorted().map { "\"\($0)\"" }.joined(separator: ",")
            try audit(
                AuditRecord(
                    action: "person.changed", client: owner.client, person: owner.id, succeeded: true,
                    detailsJSON: "{\"members\":[\(list)]}", at: moment), db)
            try emit(.userUpdated(owner.id, externalID: owner.personal.externalID), of: owner.client, at: moment, db)
        }
        guard let isActive = edit.isActive, isActive != wasActive else { return }
        try audit(
            AuditRecord(
                action: isActive ? "person.activated" : "person.deactivated", client: owner.client, person: owner.id,
                succeeded: true, at: moment), db)
        let externalID = owner.personal.externalID
        try emit(
            isActive
                ? .userActivated(owner.id, externalID: externalID)
                : .userDeactivated(owner.id, externalID: externalID), of: owner.client, at: moment, db)
    }
}
