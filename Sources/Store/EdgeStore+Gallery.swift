public import EdgeCore
import FoundationEssentials
import GRDB
import Logging

extension EdgeStore: TemplateRepository {
    /// Hands all people of a tenant, or of every tenant, who may be recognised to `take`, unsealed, part by part.
    ///
    /// With `model` only its templates are read and unsealed, and who has none of it is left out.
    /// A person whose record was changed is left out, with a line in the log and in the audit trail: one damaged row
    /// must not close the door for everybody else.
    public func readGallery(
        of client: ClientID?, model: ModelVersion?, _ take: @escaping @Sendable ([GalleryRecord]) -> Void
    ) async throws(EdgeError) {
        let broken = try await read { [sealer, clock] db in
            let sealed = try SealedPeople(db, of: client, model: model, at: clock.wall)
            return try GalleryLoader(sealer: sealer, take: take).load(sealed)
        }
        if client == nil { report(damaged: broken) }
        guard !broken.isEmpty else { return }
        log.error("sealed people could not be opened", metadata: ["people": "\(broken.count)"])
        try await write { [self] db in
            for person in broken {
                try audit(
                    AuditRecord(
                        action: "person.unreadable", person: person, succeeded: false,
                        reason: ErrorCode.sealBroken.rawValue, at: clock.wall), db)
            }
        }
    }
}

/// Whose templates may be matched: nobody who is deactivated, nor where the enrollment is out of force.
enum TemplatesInForce {
    /// For rows of `people`; `:now` is the present time.
    static let condition = """
        people.is_active = 1 AND NOT EXISTS (
            SELECT 1 FROM enrollments e
            WHERE e.id = people.enrollment_id AND (e.status <> 'active' OR e.valid_until <= :now))
        """

    /// The same for a query of everybody: those out of force are gathered once, not looked up for each person.
    static let conditionForAll = """
        people.is_active = 1 AND (people.enrollment_id IS NULL OR people.enrollment_id NOT IN (
            SELECT e.id FROM enrollments e WHERE e.status <> 'active' OR e.valid_until <= :now))
        """
}

extension EdgeStore {
    /// One person's templates, unsealed.
    func templates(of owner: PersonOwner, _ db: Database) throws -> [FaceTemplate] {
        try Row.fetchAll(
            db, sql: "SELECT id, model_id, model_version, vector FROM templates WHERE person_key = ? ORDER BY key",
            arguments: [owner.key]
        ).map { row in
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let vector = try sealer.open(
                row.bytes("vector"), subjectKey: owner.subjectKey,
                context: SealPlace.template(row.id("id"), model: model, of: owner.client))
            return FaceTemplate(model: model, values: try VectorForm.values(vector))
        }
    }
}
