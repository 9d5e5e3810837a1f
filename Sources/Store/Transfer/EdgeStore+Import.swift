public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Takes some people of an export, in one transaction with the line that `line` makes of the counts.
    ///
    /// Known people, by external id, are changed only where the export is newer, so doing it again changes nothing. Nobody's
    /// webhooks are called. `models` gives the models of this device with the length of their templates. Throws
    /// `import.model.missing` for any other, `quota.reached`, `client.unknown`; nothing is written then. Returns what the
    /// gallery has to follow.
    public func importPeople(
        _ people: [PersonTransfer], into client: ClientID, models: [ModelVersion: Int],
        line: (@Sendable (ImportCounts) -> AuditRecord)? = nil
    ) async throws(EdgeError) -> (counts: ImportCounts, effects: [GalleryEffect]) {
        for template in people.flatMap(\.templates) where models[template.model] != template.dimension {
            throw EdgeError(
                .modelUnknown,
                "Templates of \(template.modelID) \(template.modelVersion), \(template.dimension) numbers, fit no model here."
            )
        }
        return try await write { [self] db in
            var counts = ImportCounts()
            var effects: [GalleryEffect] = []
            var room = try room(for: client, db)
            for person in people {
                let digest = try Data(digest(ofExternalID: person.externalID, client: client))
                let known = try Row.fetchOne(
                    db, sql: "SELECT * FROM people WHERE client_id = ? AND external_id_digest = ?",
                    arguments: [client.column, digest])
                if let known, (known["updated_at"] as Int64) >= person.updatedAt {
                    counts.unchanged += 1
                    continue
                }
                let owner = try place(person, known, digest: digest, room: &room, of: client, db)
                if known == nil { counts.added += 1 } else { counts.updated += 1 }
                counts.templates += person.templates.count
                if !person.templates.isEmpty { try enqueueEnrollment(of: owner, enrollment: nil, db) }
                effects.append(try effect(of: owner, db))
            }
            if let line { try audit(line(counts), db) }
            return (counts, effects)
        }
    }

    /// How many people the client may still have.
    private func room(for client: ClientID, _ db: Database) throws -> Int {
        let count = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM people WHERE client_id = ?", arguments: [client.column])
        return try features(of: client, db).maximumUsers - (count ?? 0)
    }

    /// Makes the person what the export says.
    private func place(
        _ person: PersonTransfer, _ known: Row?, digest: Data, room: inout Int, of client: ClientID, _ db: Database
    ) throws -> PersonOwner {
        let personal = PersonalData(externalID: person.externalID, displayName: person.displayName)
        let owner: PersonOwner
        if let known {
            let old = try self.owner(known, renewedAs: person.externalID, db)
            owner = PersonOwner(
                key: old.key, id: old.id, client: client, subjectKey: old.subjectKey, personal: personal)
            try retire(owner, db)
        } else {
            guard room > 0 else { throw EdgeError(.quotaReached, "The client has as many users as it may.") }
            room -= 1
            owner = try insertPerson(personal, digest: digest, of: client, at: Date(column: person.createdAt), db)
        }
        try describe(owner, as: person, db)
        for (number, template) in person.numberedTemplates { try put(template, number: number, of: owner, db) }
        for crop in person.crops ?? [] where options.keepsCrops {
            guard let face = FaceCrop(pixels: Array(crop.face)) else { continue }
            try insert(
                face, quality: crop.quality, number: crop.sample, of: owner, at: Date(column: crop.createdAt), db)
        }
        return owner
    }

    /// Templates are replaced, never mixed; the enrollment that they came from is over.
    private func retire(_ owner: PersonOwner, _ db: Database) throws {
        try removeSamples(ofPerson: owner.key, db)
        try db.execute(
            sql: """
                UPDATE enrollments SET status = 'completed', updated_at = ?
                WHERE person_id = ? AND client_id = ? AND status IN ('active', 'inactive')
                """, arguments: [clock.wall.column, owner.id.column, owner.client.column])
        try db.execute(
            sql: "UPDATE people SET enrollment_id = NULL, generation = generation + 1 WHERE key = ?",
            arguments: [owner.key])
    }

    private func describe(_ owner: PersonOwner, as person: PersonTransfer, _ db: Database) throws {
        let profile = PersonProfile(
            profileJSON: person.profile, metadataJSON: person.metadata, externalUUID: person.externalUUID)
        let personal = try sealer.seal(
            owner.personal.bytes, subjectKey: owner.subjectKey, context: SealPlace.person(owner.id, of: owner.client))
        let sealed = try sealer.seal(
            profile.bytes, subjectKey: owner.subjectKey,
            context: SealPlace.profile(of: owner.id, client: owner.client))
        let second = try person.externalUUID.map { try Data(digest(ofExternalUUID: $0, client: owner.client)) }
        try db.execute(
            sql: """
                UPDATE people SET personal = :personal, profile = :profile, external_uuid_digest = :second,
                    is_active = :active, updated_at = :updated, enrolled_at = :enrolled,
                    last_seen_at = max(coalesce(last_seen_at, :seen), coalesce(:seen, last_seen_at))
                WHERE key = :key
                """,
            arguments: [
                "personal": Data(personal), "profile": Data(sealed), "second": second, "active": person.isActive,
                "updated": person.updatedAt, "enrolled": person.enrolledAt, "seen": person.lastSeenAt,
                "key": owner.key,
            ])
    }

    private func put(
        _ template: PersonTransfer.Template, number: Int, of owner: PersonOwner, _ db: Database
    ) throws {
        let id = TemplateID()
        let sealed = try sealer.seal(
            Array(template.vector), subjectKey: owner.subjectKey,
            context: SealPlace.template(id, model: template.model, of: owner.client))
        try db.cachedStatement(
            sql: """
                INSERT INTO templates (id, person_key, model_id, model_version, sample_number, quality, vector,
                    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.column, owner.key, template.modelID, template.modelVersion, number, template.quality, Data(sealed),
            template.createdAt,
        ])
    }
}
