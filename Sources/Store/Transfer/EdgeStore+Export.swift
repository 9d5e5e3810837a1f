public import EdgeCore
import FoundationEssentials
import GRDB

/// A part of an export.
public struct ExportPart: Sendable {
    /// The people.
    public var people: [PersonTransfer] = []
    /// People whose record was changed and does not open.
    public var unreadable = 0
    /// People whose templates stay behind, because they are not in force or have an end.
    public var limited = 0
    /// Where the next part begins; `nil` after the last.
    public var next: Int64?
}

extension EdgeStore {
    /// Some people of a client with their templates, from where the part before ended; the first without `from`.
    ///
    /// Templates of all models go along, and crops where they are kept. Templates that are not in force, and such as have an end, do not go along: at their new place nothing would end them.
    public func exportPart(
        of client: ClientID, from start: Int64?, limit: Int = 200
    ) async throws(EdgeError) -> ExportPart {
        let moment = clock.wall
        return try await read { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT people.*, EXISTS (SELECT 1 FROM enrollments e WHERE e.id = people.enrollment_id
                        AND (e.status <> 'active' OR e.valid_until IS NOT NULL)) AS is_limited
                    FROM people WHERE client_id = :client AND key >= :start ORDER BY key LIMIT :limit
                    """,
                arguments: ["client": client.column, "start": start ?? 0, "limit": limit + 1])
            var part = ExportPart()
            part.next = rows.count > limit ? rows[limit]["key"] : nil
            for row in rows.prefix(limit) {
                guard let person = try transfer(row, at: moment, db) else {
                    part.unreadable += 1
                    continue
                }
                if row["is_limited"] { part.limited += 1 }
                part.people.append(person)
            }
            return part
        }
    }

    /// `nil` for a record that does not open.
    private func transfer(_ row: Row, at moment: Date, _ db: Database) throws -> PersonTransfer? {
        try whatOpens {
            let owner = try PersonOwner(row, sealer)
            let isLimited: Bool = row["is_limited"]
            return PersonTransfer(
                owner.personal, try PersonProfile(row, of: owner, sealer), isActive: row["is_active"],
                createdAt: row["created_at"], updatedAt: row["updated_at"], enrolledAt: row["enrolled_at"],
                lastSeenAt: row["last_seen_at"], templates: isLimited ? [] : try transfers(of: owner, db),
                crops: isLimited ? [] : try cropTransfers(of: owner, db))
        }
    }

    private func transfers(of owner: PersonOwner, _ db: Database) throws -> [PersonTransfer.Template] {
        try Row.fetchAll(
            db, sql: "SELECT * FROM templates WHERE person_key = ? ORDER BY sample_number", arguments: [owner.key]
        ).map { row in
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let vector = try sealer.open(
                row.bytes("vector"), subjectKey: owner.subjectKey,
                context: SealPlace.template(row.id("id"), model: model, of: owner.client))
            return PersonTransfer.Template(
                modelID: model.id, modelVersion: model.version, sample: row["sample_number"], quality: row["quality"],
                vector: Data(vector), createdAt: row["created_at"])
        }
    }

    private func cropTransfers(of owner: PersonOwner, _ db: Database) throws -> [PersonTransfer.Crop] {
        guard options.keepsCrops else { return [] }
        return try crops(of: owner, db).map { crop in
            PersonTransfer.Crop(
                sample: crop.sample, quality: crop.quality, face: Data(crop.face.pixels), createdAt: crop.createdAt)
        }
    }
}
