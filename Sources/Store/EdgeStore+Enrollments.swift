import EdgeCore
import FoundationEssentials
import GRDB

/// Enrollments as records of their own, beside the sessions that made them.
extension EdgeStore {
    /// Notes the enrollment of a session that was opened.
    ///
    /// Throws `person.unknown` for somebody deactivated, `quota.reached` for somebody new where there is no room.
    func enrollmentBegan(_ session: SessionSnapshot, claimed: [UInt8]?, _ db: Database) throws {
        guard session.kind == .enrollment, let id = session.enrollmentID, let claimed else { return }
        try requireRoomForEnrollment(db)
        let known = try Row.fetchOne(
            db, sql: "SELECT id, is_active FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [session.client.column, Data(claimed)])
        if let known {
            guard known["is_active"] else {
                throw EdgeError(.personUnknown, "User not found or inactive.", field: "user_id")
            }
        } else {
            try requireRoom(for: session.client, db)
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO enrollments (id, client_id, session_id, person_id, claimed_digest, status, sample_number,
                    total_samples, created_at, updated_at, session_expires_at)
                VALUES (:id, :client, :session, :person, :claimed, 'pending',
                    (SELECT coalesce(max(sample_number), 0) + 1 FROM enrollments
                        WHERE client_id = :client AND claimed_digest = :claimed),
                    :samples, :created, :created, :expires)
                """
        ).execute(arguments: [
            "id": id.column, "client": session.client.column, "session": session.id.column,
            "person": known.map { $0["id"] as Data }, "claimed": Data(claimed), "samples": session.targetFrames,
            "created": session.createdAt.column, "expires": session.expiresAt.column,
        ])
    }

    /// Notes how an enrollment's session ended; a completed one takes the place of the person's earlier ones.
    func enrollmentEnded(_ session: SessionSnapshot, person: PersonID?, at moment: Date, _ db: Database) throws {
        guard session.kind == .enrollment, let id = session.enrollmentID else { return }
        let status: EnrollmentStatus
        switch session.state {
        case .completed: status = .active
        case .failed: status = .failed
        case .expired: status = .expired
        case .cancelled: status = .cancelled
        case .pending, .active, .processing: return
        }
        if let person, status == .active {
            noteMended(person)
            try db.execute(
                sql: """
                    UPDATE enrollments SET status = 'completed', updated_at = ?
                    WHERE person_id = ? AND client_id = ? AND status IN ('active', 'inactive') AND id <> ?
                    """, arguments: [moment.column, person.column, session.client.column, id.column])
        }
        try db.execute(
            sql: """
                UPDATE enrollments SET status = ?, person_id = coalesce(?, person_id), quality_score = ?,
                    liveness_score = ?, total_samples = ?, updated_at = ?, completed_at = ?
                WHERE id = ? AND client_id = ?
                """,
            arguments: [
                status.rawValue, person?.column, session.qualityScore, session.livenessScore,
                try storedTemplates(of: person, db) ?? session.acceptedFrames, moment.column,
                status == .active ? moment.column : nil, id.column, session.client.column,
            ])
    }

    /// Takes a removed person's enrollments away.
    func forgetEnrollments(of person: PersonID, digest: Data, client: ClientID, _ db: Database) throws {
        try db.execute(
            sql: "DELETE FROM enrollments WHERE client_id = ? AND (claimed_digest = ? OR person_id = ?)",
            arguments: [client.column, digest, person.column])
    }

    private func storedTemplates(of person: PersonID?, _ db: Database) throws -> Int? {
        guard let person else { return nil }
        return try Int.fetchOne(
            db,
            sql:
                "SELECT count(DISTINCT sample_number) FROM templates WHERE person_key = (SELECT key FROM people WHERE id = ?)",
            arguments: [person.column])
    }
}
