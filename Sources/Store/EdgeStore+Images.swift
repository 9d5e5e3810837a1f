public import EdgeCore
import FoundationEssentials
import GRDB

/// Pictures of people, sealed under the person's key.
extension EdgeStore {
    /// A picture of a person; `nil` when there is none.
    public func image(
        _ kind: PersonImageKind, of person: PersonID, client: ClientID
    ) async throws(EdgeError) -> PersonImage? {
        try await read { [sealer] db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT people.subject_key, media_type, picture FROM person_images
                    JOIN people ON people.key = person_key WHERE people.id = ? AND people.client_id = ? AND kind = ?
                    """, arguments: [person.column, client.column, kind.rawValue])
            return try row.map { row in
                let mediaType: String = row["media_type"]
                let bytes = try sealer.open(
                    row.bytes("picture"), subjectKey: row.bytes("subject_key"),
                    context: SealPlace.image(kind, mediaType: mediaType, of: person, client: client))
                return PersonImage(mediaType: mediaType, bytes: bytes)
            }
        }
    }

    /// Keeps how like the old photo is to the person's templates, with an audit line.
    ///
    /// What was measured at other templates or another photo is not kept. Throws `person.unknown`.
    public func noteOldPhoto(
        similarity: Double?, of person: PersonRecord
    ) async throws(EdgeError) -> PersonRecord {
        try await write { [self] db in
            try db.execute(
                sql: """
                    UPDATE people SET old_photo_similarity = ?, old_photo_generation = generation
                    WHERE id = ? AND client_id = ? AND generation = ? AND updated_at = ?
                    """,
                arguments: [
                    similarity, person.id.column, person.client.column, person.templateGeneration,
                    person.updatedAt.column,
                ])
            try audit(
                AuditRecord(
                    action: "person.compared", client: person.client, person: person.id, succeeded: similarity != nil,
                    at: clock.wall), db)
            return try requirePerson(person.id, of: person.client, db)
        }
    }

    func changeImages(
        _ images: [PersonImageKind: PersonEdit.ImageChange], of owner: PersonOwner, at moment: Date, _ db: Database
    ) throws {
        for (kind, change) in images {
            switch change {
            case .put(let image): try put(image, as: kind, of: owner, at: moment, db)
            case .remove:
                try db.execute(
                    sql: "DELETE FROM person_images WHERE person_key = ? AND kind = ?",
                    arguments: [owner.key, kind.rawValue])
            }
            guard kind == .oldPhoto else { continue }
            try db.execute(
                sql: "UPDATE people SET old_photo_similarity = NULL, old_photo_generation = NULL WHERE key = ?",
                arguments: [owner.key])
        }
    }

    func put(
        _ image: PersonImage, as kind: PersonImageKind, of owner: PersonOwner, at moment: Date, _ db: Database
    ) throws {
        let sealed = try sealer.seal(
            image.bytes, subjectKey: owner.subjectKey,
            context: SealPlace.image(kind, mediaType: image.mediaType, of: owner.id, client: owner.client))
        try db.execute(
            sql: """
                INSERT OR REPLACE INTO person_images (person_key, kind, media_type, picture, created_at)
                VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [owner.key, kind.rawValue, image.mediaType, Data(sealed), moment.column])
    }
}
