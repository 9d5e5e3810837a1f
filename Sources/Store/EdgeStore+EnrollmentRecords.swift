public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: EnrollmentRepository {
    /// One page, newest first.
    public func enrollments(
        of client: ClientID, page: PageRequest
    ) async throws(EdgeError) -> PageOf<EnrollmentRecord> {
        try await read { [self] db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM enrollments WHERE client_id = ?", arguments: [client.column])
            let rows = try Row.fetchAll(
                db,
                sql: """
                    \(Self.enrollmentQuery) WHERE enrollments.client_id = ?
                    ORDER BY enrollments.key DESC LIMIT ? OFFSET ?
                    """,
                arguments: [client.column, PageRequest.size, page.offset])
            return PageOf(total: total ?? 0, items: try rows.map { try enrollment($0, db) })
        }
    }

    /// Those of one person, newest first, at most a thousand; failed ones too.
    public func enrollments(
        of person: PersonID, client: ClientID
    ) async throws(EdgeError) -> [EnrollmentRecord] {
        try await read { [self] db in
            try Row.fetchAll(
                db,
                sql: """
                    \(Self.enrollmentQuery) WHERE enrollments.client_id = :client AND enrollments.claimed_digest =
                        (SELECT external_id_digest FROM people WHERE id = :person AND client_id = :client)
                    ORDER BY enrollments.key DESC LIMIT 1000
                    """, arguments: ["client": client.column, "person": person.column]
            ).map { try enrollment($0, db) }
        }
    }

    /// One enrollment; `nil` when this tenant has none like it.
    public func enrollment(_ id: EnrollmentID, of client: ClientID) async throws(EdgeError) -> EnrollmentRecord? {
        try await read { [self] db in
            try enrollmentRow(id, of: client, db).map { try enrollment($0, db) }
        }
    }

    /// Changes an enrollment, with an audit line.
    ///
    /// Throws `enrollment.unknown`, `enrollment.state`.
    public func changeEnrollment(
        _ id: EnrollmentID, of client: ClientID, _ edit: EnrollmentEdit
    ) async throws(EdgeError) -> EnrollmentChange {
        try await write { [self] db in
            guard let row = try enrollmentRow(id, of: client, db) else { throw EdgeError(.enrollmentUnknown) }
            let present = try enrollment(row, db)
            let next = try Validity(row, at: clock.wall).after(edit, present)
            var members: [String] = []
            if let metadata = edit.metadataJSON {
                try keep(metadata, of: id, client: client, row, db)
                members.append("metadata")
            }
            if let next {
                try db.execute(
                    sql: "UPDATE enrollments SET status = ?, valid_until = ? WHERE id = ?",
                    arguments: [next.status.rawValue, next.until?.column, id.column])
                members += ["expires_at", "status"]
                try enqueueEnrollmentEnd(
                    id, of: present.person?.id, client: client, status: next.status, until: next.until, db)
            }
            try db.execute(
                sql: "UPDATE enrollments SET updated_at = ? WHERE id = ?", arguments: [clock.wall.column, id.column])
            let list = members.map { "\"\($0)\"" }.joined(separator: ",")
            try audit(
                AuditRecord(
                    action: "enrollment.changed", client: client, session: present.session,
                    person: present.person?.id, succeeded: true,
                    detailsJSON: "{\"members\":[\(list)],\"status\":\"\((next?.status ?? present.status).rawValue)\"}",
                    at: clock.wall), db)
            let changed = try enrollmentRow(id, of: client, db).map { try enrollment($0, db) } ?? present
            return EnrollmentChange(enrollment: changed, effect: next == nil ? .none : try effect(of: row, db))
        }
    }

    /// Removes an enrollment; with it go the person's templates where they come from it, and an open session ends.
    ///
    /// The person stays known. Throws `enrollment.unknown`.
    public func removeEnrollment(
        _ id: EnrollmentID, of client: ClientID
    ) async throws(EdgeError) -> GalleryEffect {
        let effect = try await write { [self] db -> GalleryEffect in
            guard let row = try enrollmentRow(id, of: client, db) else { throw EdgeError(.enrollmentUnknown) }
            let moment = clock.wall
            let session: SessionID = try row.id("session_id")
            let person: PersonID? = try row.optionalID("person_id")
            try cancelSession(session, of: client, at: moment, db)
            var effect = GalleryEffect.none
            if let key = row["person_key"] as Int64?, let person {
                try removeSamples(ofPerson: key, db)
                try db.execute(
                    sql: """
                        UPDATE people SET enrolled_at = NULL, enrollment_id = NULL, generation = generation + 1,
                            updated_at = ? WHERE key = ?
                        """, arguments: [moment.column, key])
                effect = .remove(person)
                // The key stays in use for the person: only another one makes copies of the templates worthless.
                try forgetSentTemplates(of: person, db)
                try eraseInFleet(key, db)
                try renewKey(ofPerson: key, db)
                try noteErasure(db)
            }
            try db.execute(sql: "DELETE FROM enrollments WHERE id = ?", arguments: [id.column])
            try enqueueEnrollmentEnd(id, of: person, client: client, status: nil, until: nil, db)
            try audit(
                AuditRecord(
                    action: "enrollment.removed", client: client, session: session, person: person, succeeded: true,
                    at: moment), db)
            return effect
        }
        await emptyLog()
        return effect
    }

    private func cancelSession(_ id: SessionID, of client: ClientID, at moment: Date, _ db: Database) throws {
        let open = try Row.fetchOne(
            db,
            sql: """
                UPDATE sessions SET state = 'cancelled', reason = ?, completed_at = ?
                WHERE id = ? AND client_id = ? AND state IN ('pending', 'active', 'processing') RETURNING id, kind
                """, arguments: [Reason.cancelled.rawValue, moment.column, id.column, client.column])
        if let open { try noteCutOff(open, of: client, cause: "enrollment_removed", at: moment, db) }
    }

    /// Sealed under the key of the enrollment's session, and so erased with it.
    private func keep(
        _ metadata: String, of id: EnrollmentID, client: ClientID, _ row: Row, _ db: Database
    ) throws {
        guard let key = row["subject_key"] as Data? else { throw EdgeError(.enrollmentUnknown) }
        let sealed = try sealer.seal(
            Array(metadata.utf8), subjectKey: Array(key), context: SealPlace.enrollment(id, of: client))
        try db.execute(
            sql: "UPDATE enrollments SET metadata = ? WHERE id = ?", arguments: [Data(sealed), id.column])
    }

    /// What the gallery must know of the person whose templates come from this enrollment.
    private func effect(of row: Row, _ db: Database) throws -> GalleryEffect {
        guard let key = row["person_key"] as Int64?,
            let person = try Row.fetchOne(db, sql: "SELECT * FROM people WHERE key = ?", arguments: [key])
        else { return .none }
        // Who does not open was not in the gallery either.
        guard let owner = try whatOpens({ try PersonOwner(person, sealer) }) else {
            return .remove(try person.id("id"))
        }
        return try effect(of: owner, db)
    }

    private func enrollmentRow(_ id: EnrollmentID, of client: ClientID, _ db: Database) throws -> Row? {
        try Row.fetchOne(
            db, sql: "\(Self.enrollmentQuery) WHERE enrollments.id = ? AND enrollments.client_id = ?",
            arguments: [id.column, client.column])
    }

    /// A row of ``enrollmentQuery``.
    private func enrollment(_ row: Row, _ db: Database) throws -> EnrollmentRecord {
        let client: ClientID = try row.id("client_id")
        let session: SessionID = try row.id("session_id")
        let validity = try Validity(row, at: clock.wall)
        var record = try EnrollmentRecord(
            id: row.id("id"), client: client, session: session, status: validity.shown,
            sampleNumber: row["sample_number"], totalSamples: row["total_samples"], createdAt: row.date("created_at"))
        if let person: PersonID = try row.optionalID("person_id") {
            record.person = try matchedPerson(person, of: client, db)
        }
        if let key = row["subject_key"] as Data?, let personal = row["personal"] as Data? {
            try openPersonal(Array(personal), subjectKey: Array(key), session: session, row, into: &record)
        }
        if let key = row["consent_key"] as Data? ?? row["subject_key"] {
            record.consent =
                try whatOpens {
                    try ConsentRecord(row, of: record.id, client: client, subjectKey: Array(key), sealer)
                } ?? nil
        }
        record.quality = row["quality_score"]
        record.liveness = row["liveness_score"]
        record.updatedAt = row.date("updated_at")
        record.expiresAt = validity.expiresAt
        record.completedAt = row.optionalDate("completed_at")
        return record
    }

    /// What does not open is shown as if it had been erased.
    private func openPersonal(
        _ personal: [UInt8], subjectKey: [UInt8], session: SessionID, _ row: Row, into record: inout EnrollmentRecord
    ) throws {
        let client = record.client
        let begun = try whatOpens {
            try SessionPersonalData(
                sealer.open(personal, subjectKey: subjectKey, context: SealPlace.session(session, of: client)))
        }
        record.claimedID = begun?.externalUserID
        record.metadataJSON = begun?.metadataJSON ?? "{}"
        guard let own = row["metadata"] as Data? else { return }
        let id = record.id
        let text = try whatOpens {
            try sealer.open(Array(own), subjectKey: subjectKey, context: SealPlace.enrollment(id, of: client))
        }
        record.metadataJSON = text.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// `person_key` is there where the person's templates come from this enrollment.
    private static let enrollmentQuery = """
        SELECT enrollments.*, sessions.subject_key, sessions.personal, people.key AS person_key,
            consents.sealed AS consent, consents.recorded_at AS consent_at,
            (SELECT subject_key FROM people WHERE key = consents.person_key) AS consent_key
        FROM enrollments LEFT JOIN sessions ON sessions.id = enrollments.session_id
            LEFT JOIN people ON people.id = enrollments.person_id AND people.enrollment_id = enrollments.id
            LEFT JOIN consents ON consents.enrollment_key = enrollments.key
        """
}
