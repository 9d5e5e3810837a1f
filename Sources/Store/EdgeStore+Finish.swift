public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Records the end of a session: state, person, templates, lock-out and audit line in one transaction.
    ///
    /// Returns the person enrolled, for an enrollment that was completed. Throws `session.unknown`, `session.closed`
    /// when the session had already ended, `person.unknown` when the person was removed, deactivated or lost the
    /// templates meanwhile (erasure wins), `quota.reached` for one person too many, and `session.locked_out` when a
    /// verification succeeded while its claimed user is locked: sessions opened before the lock are no way around it.
    public func finish(_ outcome: SessionOutcome) async throws(EdgeError) -> GalleryRecord? {
        let moment = outcome.session.completedAt ?? clock.wall
        let claimed = try outcome.session.externalUserID.map { text throws(EdgeError) in
            try Data(digest(ofExternalID: text, client: outcome.session.client))
        }
        // A miss that is not written down would be a guess for nothing.
        return try await write(outcome.lockout == .miss ? .urgent : .current) { [self] db in
            let session = outcome.session
            try requireOpen(session, db)
            if session.kind == .verification, session.state == .completed, let claimed {
                try requireUnlocked(claimed, of: session.client, db)
            }
            var enrolled: GalleryRecord?
            if session.kind == .enrollment, session.state == .completed {
                enrolled = try enroll(outcome, digest: claimed, at: moment, db)
            } else if session.state == .completed {
                try markSeen(session.matchedPerson, of: session.client, at: moment, db)
            }
            let person = enrolled?.person.id ?? (session.state == .completed ? session.matchedPerson?.id : nil)
            try session.updateRow(db, person: person)
            if let claimed { try changeLockout(outcome.lockout, digest: claimed, client: session.client, db) }
            try audit(AuditRecord(ended: session, person: person, at: moment), db)
            try enrollmentEnded(session, person: person, at: moment, db)
            if let made = enrolled, try isOver(session.enrollmentID, at: moment, db) {
                // Known and enrolled, and not to be found: the client had set an end for the templates.
                enrolled = GalleryRecord(client: made.client, person: made.person, templates: [])
            }
            try noteSecurity(of: outcome, person: person, at: moment, db)
            try emit(.sessionEnded(session, person: person), of: session.client, at: moment, db)
            return enrolled
        }
    }

    private func requireOpen(_ session: SessionSnapshot, _ db: Database) throws {
        let row = try Row.fetchOne(
            db, sql: "SELECT state FROM sessions WHERE id = ? AND client_id = ?",
            arguments: [session.id.column, session.client.column])
        guard let row else { throw EdgeError(.sessionUnknown) }
        let state: SessionState = try row.word("state")
        guard state.isOpen else { throw EdgeError(.sessionClosed) }
        guard !session.state.isOpen else { throw EdgeError(.internalFault, "An outcome needs a final state.") }
    }

    private func isOver(_ enrollment: EnrollmentID?, at moment: Date, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT 1 FROM enrollments WHERE id = ? AND valid_until <= ?",
            arguments: [enrollment?.column, moment.column]) ?? false
    }

    private func requireUnlocked(_ claimed: Data, of client: ClientID, _ db: Database) throws {
        guard try lockedUntil(digest: claimed, client: client, db) == nil else { throw EdgeError(.sessionLockedOut) }
    }

    /// Inserts the person, or renews one: the id and the subject key stay, the templates of all models are replaced.
    ///
    /// Of more samples than the client may have templates of one person the best stay.
    private func enroll(
        _ outcome: SessionOutcome, digest: Data?, at moment: Date, _ db: Database
    ) throws -> GalleryRecord {
        let client = outcome.session.client
        guard let externalID = outcome.session.externalUserID, let digest, !outcome.samples.isEmpty else {
            throw EdgeError(.internalFault, "An enrollment needs a user and samples.")
        }
        let known = try Row.fetchOne(
            db, sql: "SELECT * FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        let owner: PersonOwner
        if let known {
            guard known["is_active"] else { throw EdgeError(.personUnknown) }
            owner = try renew(known, externalID: externalID, displayName: outcome.displayName, db)
        } else {
            try requireRoom(for: client, db)
            owner = try insertPerson(
                PersonalData(externalID: externalID, displayName: outcome.displayName), digest: digest, of: client,
                at: moment, db)
        }
        try db.execute(
            sql: "UPDATE people SET enrolled_at = ?, enrollment_id = ?, updated_at = ? WHERE key = ?",
            arguments: [moment.column, outcome.session.enrollmentID?.column, moment.column, owner.key])
        try handConsent(of: outcome.session, to: owner, db)
        let samples = outcome.samples.best(try features(of: client, db).maximumTemplatesPerUser)
        for (number, sample) in zip(1..., samples) {
            try insert(sample.template, quality: sample.quality, number: number, of: owner, at: moment, db)
            guard options.keepsCrops, let crop = sample.crop else { continue }
            try insert(crop, quality: sample.quality, number: number, of: owner, at: moment, db)
        }
        try enqueueEnrollment(of: owner, enrollment: outcome.session.enrollmentID, db)
        return GalleryRecord(client: client, person: owner.matched, templates: samples.map(\.template))
    }

    /// A person without templates.
    func insertPerson(
        _ personal: PersonalData, digest: Data, of client: ClientID, at moment: Date, _ db: Database
    ) throws -> PersonOwner {
        let id = PersonID()
        let key = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(personal.bytes, subjectKey: key, context: SealPlace.person(id, of: client))
        try db.cachedStatement(
            sql: """
                INSERT INTO people (id, client_id, external_id_digest, subject_key, personal, generation, created_at,
                    updated_at) VALUES (?, ?, ?, ?, ?, 1, ?, ?)
                """
        ).execute(arguments: [
            id.column, client.column, digest, Data(key), Data(sealed), moment.column, moment.column,
        ])
        return PersonOwner(key: db.lastInsertedRowID, id: id, client: client, subjectKey: key, personal: personal)
    }

    /// A name that is not given this time stays what it was; so does one that the client's profile gives.
    private func renew(
        _ row: Row, externalID: String, displayName: String?, _ db: Database
    ) throws -> PersonOwner {
        let owner = try owner(row, renewedAs: externalID, db)
        let given = try whatOpens { try PersonProfile(row, of: owner, sealer).name } ?? nil
        let personal = PersonalData(
            externalID: owner.personal.externalID,
            displayName: given ?? displayName ?? owner.personal.displayName)
        let sealed = try sealer.seal(
            personal.bytes, subjectKey: owner.subjectKey, context: SealPlace.person(owner.id, of: owner.client))
        try db.execute(
            sql: "UPDATE people SET personal = ?, generation = generation + 1 WHERE key = ?",
            arguments: [Data(sealed), owner.key])
        try removeSamples(ofPerson: owner.key, db)
        return PersonOwner(
            key: owner.key, id: owner.id, client: owner.client, subjectKey: owner.subjectKey, personal: personal)
    }

    /// One more template of a person, sealed.
    func insert(
        _ template: FaceTemplate, quality: Double, number: Int, of owner: PersonOwner, at moment: Date, _ db: Database
    ) throws {
        let id = TemplateID()
        let sealed = try sealer.seal(
            VectorForm.bytes(template.values), subjectKey: owner.subjectKey,
            context: SealPlace.template(id, model: template.model, of: owner.client))
        try db.cachedStatement(
            sql: """
                INSERT INTO templates (id, person_key, model_id, model_version, sample_number, quality, vector,
                    created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.column, owner.key, template.model.id, template.model.version, number, quality, Data(sealed),
            moment.column,
        ])
    }

    /// Nobody is recognised who was removed or deactivated meanwhile, or whose templates are not in force.
    private func markSeen(
        _ person: MatchedPerson?, of client: ClientID, at moment: Date, _ db: Database
    ) throws {
        guard let person else { throw EdgeError(.internalFault, "A recognised session names a person.") }
        try db.execute(
            sql: """
                UPDATE people SET last_seen_at = :now WHERE id = :id AND client_id = :client
                    AND \(TemplatesInForce.condition)
                    AND EXISTS (SELECT 1 FROM templates WHERE person_key = people.key)
                """, arguments: ["now": moment.column, "id": person.id.column, "client": client.column])
        guard db.changesCount == 1 else { throw EdgeError(.personUnknown) }
    }

    private func changeLockout(
        _ change: SessionOutcome.LockoutChange, digest: Data, client: ClientID, _ db: Database
    ) throws {
        switch change {
        case .none: return
        case .clear:
            try db.execute(
                sql: "DELETE FROM lockouts WHERE client_id = ? AND external_id_digest = ?",
                arguments: [client.column, digest])
        case .miss: try countMiss(digest: digest, client: client, db)
        }
    }

    private func countMiss(digest: Data, client: ClientID, _ db: Database) throws {
        let now = clock.wall
        // Keeps made-up user names from filling the table.
        try db.execute(
            sql: "DELETE FROM lockouts WHERE last_miss_at < ?",
            arguments: [now.advanced(by: .zero - options.lockout.forgottenAfter).column])
        let misses = try Int.fetchOne(
            db,
            sql: """
                INSERT INTO lockouts (client_id, external_id_digest, misses, last_miss_at) VALUES (?, ?, 1, ?)
                ON CONFLICT DO UPDATE SET misses = misses + 1, last_miss_at = excluded.last_miss_at RETURNING misses
                """, arguments: [client.column, digest, now.column])
        guard let lock = options.lockout.lock(afterMisses: misses ?? 0) else { return }
        try db.execute(
            sql: "UPDATE lockouts SET locked_until = ? WHERE client_id = ? AND external_id_digest = ?",
            arguments: [now.advanced(by: lock).column, client.column, digest])
        try enqueueLockout(
            digest: digest, client: client, misses: misses ?? 0, until: now.advanced(by: lock), db)
    }
}

extension [EnrolledSample] {
    /// Those of the highest quality, in the order in which they came; one at least.
    fileprivate func best(_ count: Int) -> [Element] {
        guard self.count > Swift.max(count, 1) else { return self }
        let chosen = indices.sorted { (self[$0].quality, $1) > (self[$1].quality, $0) }.prefix(Swift.max(count, 1))
        return chosen.sorted().map { self[$0] }
    }
}
