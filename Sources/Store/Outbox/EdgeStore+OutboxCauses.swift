import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore

/// What becomes a record, and where.
extension EdgeStore {
    /// Sees to it that the audit lane takes one more line.
    ///
    /// Throws `outbox.full`.
    func makeRoom(for record: AuditRecord, _ db: Database) throws {
        try makeRoom(
            in: .audit, bytes: OutboxRow.cost(kind: record.action, payload: nil), urgency: record.urgency,
            laneStates(db)[.audit], db)
    }

    /// A line of the audit trail; central hears first of all of one that says that the device was touched.
    func enqueue(_ line: AuditLine, _ db: Database) throws {
        try enqueue(OutboxDraft(line), lane: .audit, db)
        guard line.record.isAlarm else { return }
        try enqueueAlarm(line.record.action, ["line": .integer(Int(line.sequence))], db)
    }

    /// Throws `outbox.full` where a completed enrollment would be refused: better before the session than after it.
    func requireRoomForEnrollment(_ db: Database) throws {
        // About what three samples of a usual net take.
        try makeRoom(in: .enrollment, bytes: 4096, urgency: .ordinary, laneStates(db)[.enrollment], db)
    }

    /// An enrollment with all templates as they are stored now, sealed under the person's key.
    func enqueueEnrollment(
        of owner: PersonOwner, enrollment: EnrollmentID?, isSnapshot: Bool = false, _ db: Database
    ) throws {
        let person = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT generation, is_active, enrolled_at FROM people WHERE key = ?"),
            arguments: [owner.key])
        guard let person else { throw EdgeError(.personUnknown) }
        var facts: [PayloadValue.Member] = [
            .init("user_id", .text(owner.personal.externalID)),
            .init("display_name", .text(owner.personal.displayName)),
            .init("is_active", .flag(person["is_active"])),
            .init("enrollment_id", .text(enrollment?.description)),
            .init("generation", .integer(person["generation"] as Int)),
            .init("enrolled_at", .integer((person["enrolled_at"] as Int64?).map { Int($0) })),
            .init("is_snapshot", .flag(isSnapshot)), .init("consent", try consentFacts(of: owner, db)),
            .init("templates", .list(try templateFacts(of: owner, db))),
        ]
        if let place = try stamp(owner, isRepeat: isSnapshot, db) { facts += PayloadValue.Member.fleet(place) }
        try enqueue(
            OutboxDraft(
                kind: RecordKind.enrolled, client: owner.client, person: owner.id,
                content: .personal(facts, subjectKey: owner.subjectKey)), lane: .enrollment, db)
    }

    /// The person's newest consent; `null` where none was recorded.
    private func consentFacts(of owner: PersonOwner, _ db: Database) throws -> PayloadValue {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT e.id, c.sealed AS consent, c.recorded_at AS consent_at
                    FROM consents c JOIN enrollments e ON e.key = c.enrollment_key
                    WHERE c.person_key = ? ORDER BY e.key DESC LIMIT 1
                    """), arguments: [owner.key])
        guard let row else { return .null }
        let enrollment: EnrollmentID = try row.id("id")
        let consent = try ConsentRecord(
            row, of: enrollment, client: owner.client, subjectKey: owner.subjectKey, sealer)
        guard let consent else { return .null }
        return [
            "enrollment_id": .text(enrollment.description), "text_version": .text(consent.textVersion),
            "text_sha256": .text(consent.textSHA256), "given_by": .text(consent.givenBy),
            "given_at": .integer(consent.givenAt.map { Int($0.column) }), "method": .text(consent.method),
            "recorded_at": .integer(consent.recordedAt.map { Int($0.column) }),
        ]
    }

    /// The vectors as little-endian IEEE 754 singles in base64.
    private func templateFacts(of owner: PersonOwner, _ db: Database) throws -> [PayloadValue] {
        try Row.fetchAll(
            db.cachedStatement(sql: "SELECT * FROM templates WHERE person_key = ? ORDER BY key"),
            arguments: [owner.key]
        ).map { row in
            let id: TemplateID = try row.id("id")
            let model = ModelVersion(id: row["model_id"], version: row["model_version"])
            let vector = try sealer.open(
                row.bytes("vector"), subjectKey: owner.subjectKey,
                context: SealPlace.template(id, model: model, of: owner.client))
            return [
                "id": .text(id.description), "model": .text(model.id), "version": .text(model.version),
                "sample": .integer(row["sample_number"] as Int), "quality": .number(row["quality"]),
                "vector": .text(Data(vector).base64EncodedString()),
            ]
        }
    }

    /// A person who is called otherwise, or may be recognised again or no more.
    ///
    /// In a fleet that is another version of the person, for all who may recognise them.
    func enqueueChange(of owner: PersonOwner, isActive: Bool, _ db: Database) throws {
        if fleet.isMember,
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT enrollment_id FROM people WHERE key = ? AND EXISTS (
                        SELECT 1 FROM templates WHERE person_key = people.key)
                    """, arguments: [owner.key])
        {
            return try enqueueEnrollment(of: owner, enrollment: try row.optionalID("enrollment_id"), db)
        }
        let facts: [PayloadValue.Member] = [
            .init("user_id", .text(owner.personal.externalID)),
            .init("display_name", .text(owner.personal.displayName)), .init("is_active", .flag(isActive)),
        ]
        try enqueue(
            OutboxDraft(
                kind: "person.changed", client: owner.client, person: owner.id,
                content: .personal(facts, subjectKey: owner.subjectKey), urgency: .essential), lane: .enrollment, db)
    }

    /// An enrollment that was taken away, or whose time in force was changed.
    func enqueueEnrollmentEnd(
        _ enrollment: EnrollmentID, of person: PersonID?, client: ClientID, status: EnrollmentStatus?, until: Date?,
        _ db: Database
    ) throws {
        let facts: PayloadValue = [
            "enrollment_id": .text(enrollment.description), "status": .text(status?.rawValue),
            "valid_until": .integer(until.map { Int($0.column) }),
        ]
        try enqueue(
            OutboxDraft(
                kind: status == nil ? "enrollment.removed" : "enrollment.changed", client: client, person: person,
                content: .facts(facts), urgency: .essential), lane: .enrollment, db)
    }

    /// A claimed user who is locked; made-up names have no person.
    func enqueueLockout(digest: Data, client: ClientID, misses: Int, until: Date, _ db: Database) throws {
        let person = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id FROM people WHERE client_id = ? AND external_id_digest = ?"),
            arguments: [client.column, digest])
        let facts: PayloadValue = ["misses": .integer(misses), "locked_until": .integer(Int(until.column))]
        try enqueue(
            OutboxDraft(
                kind: "user.locked", client: client, person: try person?.id("id"), content: .facts(facts),
                urgency: .essential), lane: .control, db)
    }

    /// Tells central first of all something about the device itself, for example that its clock is in doubt.
    func enqueueAlarm(_ kind: String, _ facts: PayloadValue, _ db: Database) throws {
        try enqueue(OutboxDraft(kind: kind, content: .facts(facts), urgency: .essential), lane: .control, db)
    }
}

extension EdgeStore {
    /// Takes a removed person's data out of the lanes, which stay whole, and tells central first of all.
    ///
    /// Part of the erasure's transaction; `facts` say who it was in the fleet.
    func enqueueErasure(
        of person: PersonID, client: ClientID, cause: String, _ facts: ErasedFacts?, _ db: Database
    ) throws {
        try forgetWaiting(of: person, db)
        try enqueue(
            OutboxDraft(
                kind: RecordKind.erased, client: client, person: person,
                content: .facts(.erased(cause: cause, facts)), urgency: .essential), lane: .control, db)
    }

    /// Takes a person's data out of the lanes, which stay whole.
    func forgetWaiting(of person: PersonID, _ db: Database) throws {
        try forgetPayloads("lane = 1 AND person_id = ? AND payload IS NOT NULL AND is_sealed = 1", [person.column], db)
    }

    /// The same for a tenant with everybody in it.
    func enqueueErasure(ofClient client: ClientID, people: Int, _ db: Database) throws {
        try forgetPayloads("tenant_id = ? AND payload IS NOT NULL AND is_sealed = 1", [client.column], db)
        try enqueue(
            OutboxDraft(
                kind: "client.erased", client: client, content: .facts(["people": .integer(people)]),
                urgency: .essential), lane: .control, db)
    }

    /// Takes the templates of a person who stays known out of the lanes: the enrollments that wait carry them.
    func forgetSentTemplates(of person: PersonID, _ db: Database) throws {
        try forgetPayloads(
            """
            lane = 1 AND person_id = ? AND payload IS NOT NULL AND is_sealed = 1 AND kind = 'enrollment.completed'
            """, [person.column], db)
    }

    private func forgetPayloads(_ condition: String, _ values: StatementArguments, _ db: Database) throws {
        let going = try Row.fetchAll(
            db,
            sql: "SELECT lane, sum(length(payload)) AS bytes FROM outbox WHERE \(condition) GROUP BY lane",
            arguments: values)
        guard !going.isEmpty else { return }
        try db.execute(sql: "UPDATE outbox SET payload = NULL WHERE \(condition)", arguments: values)
        var states = try laneStates(db)
        for row in going {
            guard let lane = Lane.allCases.first(where: { $0.priority == row["lane"] }) else { continue }
            states[lane].bytes -= row["bytes"] as Int64
        }
        try states.keep(db, secrets)
    }
}

extension OutboxDraft {
    /// A line says itself whose it is and when it was written.
    init(_ line: AuditLine) {
        self.init(kind: line.record.action, content: .line(line), urgency: line.record.urgency)
    }

    /// The event's person is not named: what the event keeps of it goes with the person.
    init(_ event: OutboxEvent, subjectKey: [UInt8]) {
        self.init(kind: event.name, client: event.client, content: .event(event, subjectKey: subjectKey))
    }
}

extension AuditRecord {
    /// Whether it says that somebody touched the store, or that it was damaged.
    var isAlarm: Bool {
        ["store.rolled_back", "store.edited", "store.anchor", "store.recovered"].contains(action)
    }

    /// What the audit lane's quota may refuse: what was not done yet, and never an erasure or a word about the store.
    var urgency: RecordUrgency {
        let isOwn = ["outbox.", "store.", "keys.", "audit."].contains { action.hasPrefix($0) }
        if isOwn || ["person.removed", "person.erased", "client.deleted", "enrollment.removed"].contains(action) {
            return .essential
        }
        return succeeded ? .ordinary : .fact
    }
}
