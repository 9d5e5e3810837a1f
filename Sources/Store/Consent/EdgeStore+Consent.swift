import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Keeps what came with the request for an enrollment; until somebody is enrolled under the session's key.
    func keepConsent(of session: SessionSnapshot, under key: [UInt8], _ db: Database) throws {
        guard session.kind == .enrollment, let consent = session.consent, let enrollment = session.enrollmentID else {
            return
        }
        let place = SealPlace.consent(to: enrollment, of: session.client)
        let sealed = try sealer.seal(consent.bytes, subjectKey: key, context: place)
        try db.execute(
            sql: """
                INSERT INTO consents (enrollment_key, sealed, recorded_at)
                SELECT key, ?, ? FROM enrollments WHERE id = ?
                """, arguments: [Data(sealed), session.createdAt.column, enrollment.column])
    }

    /// Seals the consent of a completed enrollment under the key of who was enrolled, so that it lives and ends with them.
    func handConsent(of session: SessionSnapshot, to owner: PersonOwner, _ db: Database) throws {
        guard let enrollment = session.enrollmentID else { return }
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT c.enrollment_key, c.sealed AS consent, c.recorded_at AS consent_at, s.subject_key
                FROM enrollments e JOIN consents c ON c.enrollment_key = e.key JOIN sessions s ON s.id = e.session_id
                WHERE e.id = ? AND c.person_key IS NULL
                """, arguments: [enrollment.column])
        guard let row, let key = row["subject_key"] as Data? else { return }
        let consent = try ConsentRecord(
            row, of: enrollment, client: owner.client, subjectKey: Array(key), sealer)
        guard let consent else { return }
        let sealed = try sealer.seal(
            consent.bytes, subjectKey: owner.subjectKey, context: SealPlace.consent(to: enrollment, of: owner.client))
        try db.execute(
            sql: "UPDATE consents SET person_key = ?, sealed = ? WHERE enrollment_key = ?",
            arguments: [owner.key, Data(sealed), row["enrollment_key"] as Int64])
    }
}
