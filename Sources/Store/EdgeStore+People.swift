public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: PersonRepository {
    /// People of `client`, or of all tenants, by external id; at most `limit`, from `offset`.
    ///
    /// External ids are sealed, so all of them are opened to be put in order.
    public func people(
        of client: ClientID?, limit: Int, offset: Int
    ) async throws(EdgeError) -> [PersonRecord] {
        let all = try await read { [self] db in
            let condition = client == nil ? "" : "WHERE people.client_id = ?"
            return try Row.fetchAll(
                db, sql: "\(Self.personQuery) \(condition)",
                arguments: client.map { [$0.column] } ?? []
            ).map { try person($0) }
        }
        return Array(
            all.sorted { ($0.externalID, $0.id.place) < ($1.externalID, $1.id.place) }
                .dropFirst(max(offset, 0)).prefix(max(limit, 0)))
    }

    /// One page, newest first; only its own people are opened.
    public func people(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<PersonRecord> {
        try await read { [self] db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM people WHERE client_id = ?", arguments: [client.column])
            let rows = try Row.fetchAll(
                db, sql: "\(Self.personQuery) WHERE people.client_id = ? ORDER BY people.key DESC LIMIT ? OFFSET ?",
                arguments: [client.column, PageRequest.size, page.offset])
            return PageOf(total: total ?? 0, items: try rows.map { try person($0) })
        }
    }

    /// One person by external id.
    public func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        let digest = try Data(digest(ofExternalID: externalID, client: client))
        return try await read { [self] db in try person(named: externalID, digest: digest, of: client, db) }
    }

    /// One person by our id.
    public func person(_ id: PersonID, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        try await read { [self] db in try person(where: "id", is: id.column, of: client, db) }
    }

    /// The person that a text names: by external id, else by our id, else by the client's second id.
    public func person(named text: String, of client: ClientID) async throws(EdgeError) -> PersonRecord? {
        let digest = try Data(digest(ofExternalID: text, client: client))
        let id = PersonID(text)
        let second = try id.map { id throws(EdgeError) in
            try Data(self.digest(ofExternalUUID: id.rawValue, client: client))
        }
        return try await read { [self] db in
            if let known = try person(named: text, digest: digest, of: client, db) { return known }
            guard let id, let second else { return nil }
            if let known = try person(where: "id", is: id.column, of: client, db) { return known }
            return try person(where: "external_uuid_digest", is: second, of: client, db)
        }
    }

    /// How many people have templates, all tenants.
    public func peopleCount() async throws(EdgeError) -> Int {
        try await read { db in
            try Int.fetchOne(db, sql: "SELECT count(DISTINCT person_key) FROM templates") ?? 0
        }
    }

    private func person(
        named externalID: String, digest: Data, of client: ClientID, _ db: Database
    ) throws -> PersonRecord? {
        guard var person = try person(where: "external_id_digest", is: digest, of: client, db) else { return nil }
        // The digest says that it is this one.
        if person.isDamaged { person.externalID = externalID }
        return person
    }

    /// `nil` when the person was removed, or their record does not open.
    func matchedPerson(_ id: PersonID, of client: ClientID, _ db: Database) throws -> MatchedPerson? {
        try Row.fetchOne(
            db, sql: "SELECT * FROM people WHERE id = ? AND client_id = ?", arguments: [id.column, client.column]
        ).flatMap { row in try whatOpens { try PersonOwner(row, sealer).matched } }
    }

    /// A person inside a transaction; the oldest, where several share a second id.
    func person(
        where column: StaticString, is value: Data, of client: ClientID, _ db: Database
    ) throws -> PersonRecord? {
        try Row.fetchOne(
            db,
            sql: """
                \(Self.personQuery) WHERE people.client_id = ? AND people.\(column) = ? ORDER BY people.key LIMIT 1
                """, arguments: [client.column, value]
        ).map { try person($0) }
    }

    /// The same second id has unlike digests at two tenants.
    func digest(ofExternalUUID uuid: UUID, client: ClientID) throws(EdgeError) -> [UInt8] {
        try secrets.digest("\(client.place):\(uuid.uuidString)", purpose: "person.external_uuid")
    }

    /// A row of ``personQuery``; of one that does not open what stands beside the seal.
    private func person(_ row: Row) throws -> PersonRecord {
        if let person = try whatOpens({ try openPerson(row) }) { return person }
        var person = try PersonRecord(
            id: row.id("id"), client: row.id("client_id"), externalID: "", templateCount: row["template_count"],
            enrolledAt: row.optionalDate("enrolled_at"), lastSeenAt: row.optionalDate("last_seen_at"),
            isActive: row["is_active"], createdAt: row.date("created_at"))
        person.isDamaged = true
        person.isEnrolled = false
        person.updatedAt = row.date("updated_at")
        return person
    }

    private func openPerson(_ row: Row) throws -> PersonRecord {
        let owner = try PersonOwner(row, sealer)
        let profile = try PersonProfile(row, of: owner, sealer)
        var person = PersonRecord(
            id: owner.id, client: owner.client, externalID: owner.personal.externalID,
            displayName: owner.personal.displayName, templateCount: row["template_count"],
            enrolledAt: row.optionalDate("enrolled_at"), lastSeenAt: row.optionalDate("last_seen_at"),
            isActive: row["is_active"], createdAt: row.date("created_at"))
        person.externalUUID = profile.externalUUID
        person.profileJSON = profile.profileJSON
        person.metadataJSON = profile.metadataJSON
        if let enrollment: EnrollmentID = try row.optionalID("enrollment_id") {
            let consent = try whatOpens {
                try ConsentRecord(row, of: enrollment, client: owner.client, subjectKey: owner.subjectKey, sealer)
            }
            person.consent = consent ?? nil
            person.isDamaged = consent == nil
        }
        person.isEnrolled = person.templateCount > 0 && isInForce(row)
        person.templateGeneration = row["generation"]
        person.hasProfileImage = row["has_profile_image"]
        person.hasOldPhoto = row["has_old_photo"]
        if row["old_photo_generation"] as Int? == person.templateGeneration {
            person.oldPhotoSimilarity = row["old_photo_similarity"]
        }
        person.updatedAt = row.date("updated_at")
        return person
    }

    /// Whether the enrollment that the templates come from is in force; one from before there were enrollments is.
    private func isInForce(_ row: Row) -> Bool {
        guard let status = row["enrollment_status"] as String? else { return true }
        guard let end = row.optionalDate("valid_until") else { return status == EnrollmentStatus.active.rawValue }
        return status == EnrollmentStatus.active.rawValue && end > clock.wall
    }

    private static let personQuery = """
        SELECT people.*, e.status AS enrollment_status, e.valid_until AS valid_until,
            c.sealed AS consent, c.recorded_at AS consent_at,
            (SELECT count(DISTINCT sample_number) FROM templates WHERE person_key = people.key) AS template_count,
            EXISTS (SELECT 1 FROM person_images WHERE person_key = people.key AND kind = 'profile')
                AS has_profile_image,
            EXISTS (SELECT 1 FROM person_images WHERE person_key = people.key AND kind = 'old_photo')
                AS has_old_photo
        FROM people LEFT JOIN enrollments e ON e.id = people.enrollment_id
            LEFT JOIN consents c ON c.enrollment_key = e.key AND c.person_key = people.key
        """
}
