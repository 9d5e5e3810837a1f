import EdgeCore
import FoundationEssentials
import GRDB
import SyncCore
import Synchronization

/// Events that webhooks may be told, recorded with what caused them.
extension EdgeStore {
    /// Records an event and one delivery for each endpoint that wants it, in the caller's transaction.
    ///
    /// Nothing is recorded for a client that is not active or whose features do not name the event.
    func emit(_ happening: Happening, of client: ClientID, at moment: Date, _ db: Database) throws {
        let drafts = try happening.drafts(sample: sampleNumbers(of: happening, db))
        let subscriber = clientCache.withLock { $0?[client]?.record }
        guard let subscriber, subscriber.isActive else { return }
        var latest: RecordedEvent?
        for draft in drafts where draft.kind.isNamed(in: subscriber.features.webhookEvents) {
            let wanting = try activeEndpoints(of: client, db).filter {
                $0.subscribed.isEmpty || draft.kind.isNamed(in: $0.subscribed)
            }
            // What central tells is not told from here as well.
            let own = leavesDeliveryToCentral ? [] : wanting
            let event = try insertEvent(
                draft, of: client, told: wanting.count, route: route(ofTelling: own), at: moment, db)
            try queue(event, for: own, of: client, at: moment, db)
            latest = event
        }
        if let latest { try sweepEvents(of: client, after: latest, at: moment, db) }
    }

    /// Takes a removed person's data out of the events; what was still to be told of it is called off.
    func forgetEvents(of person: PersonID, digest: Data, client: ClientID, _ db: Database) throws {
        let theirs = "SELECT sequence FROM webhook_events WHERE client_id = ? AND (person_id = ? OR claimed_digest = ?)"
        let names: StatementArguments = [client.column, person.column, digest]
        try callOff("event_sequence IN (\(theirs))", names, because: .personRemoved, at: clock.wall, db)
        try db.execute(
            sql: "UPDATE webhook_deliveries SET reply = NULL WHERE event_sequence IN (\(theirs))", arguments: names)
        try db.execute(
            sql: """
                UPDATE webhook_events SET subject_key = NULL, data = NULL, person_id = NULL, claimed_digest = NULL
                WHERE sequence IN (\(theirs))
                """, arguments: names)
    }

    /// An event that has a row.
    struct RecordedEvent {
        let sequence: Int64
        let id: EventID
    }

    /// Somebody who wants to be told.
    struct Subscription {
        let key: Int64
        let id: EndpointID
        let subscribed: [String]
        let maximumAttempts: Int
    }

    private func insertEvent(
        _ draft: EventDraft, of client: ClientID, told: Int, route: String?, at moment: Date, _ db: Database
    ) throws -> RecordedEvent {
        let claimed = try draft.externalID.map { try Data(digest(ofExternalID: $0, client: client)) }
        let person = try draft.person ?? known(claimed, of: client, db)
        return try insertEvent(
            name: draft.kind.rawValue, source: draft.source, data: draft.data.jsonText, person: person, digest: claimed,
            of: client, told: told, route: route, at: moment, db)
    }

    func insertEvent(
        name: String, source: String, data: String, person: PersonID?, digest: Data?, of client: ClientID, told: Int,
        route: String? = nil, at moment: Date, _ db: Database
    ) throws -> RecordedEvent {
        let id = EventID()
        let key = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(Array(data.utf8), subjectKey: key, context: SealPlace.event(id, of: client))
        try db.cachedStatement(
            sql: """
                INSERT INTO webhook_events (id, client_id, name, source, subject_key, data, person_id, claimed_digest,
                    endpoint_count, created_at, route) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.column, client.column, name, source, Data(key), Data(sealed), person?.column, digest, told,
            moment.column, route,
        ])
        let event = RecordedEvent(sequence: db.lastInsertedRowID, id: id)
        try enqueue(
            OutboxDraft(
                OutboxEvent(
                    sequence: event.sequence, id: id, client: client, name: name, source: source,
                    createdAt: moment.column, data: data, route: route), subjectKey: key), lane: .events, db)
        return event
    }

    /// Which of the person's enrollments a completed one is, and how many templates it left.
    private func sampleNumbers(of happening: Happening, _ db: Database) throws -> EnrollmentNumbers? {
        guard case .sessionEnded(let session, _) = happening, session.kind == .enrollment, session.state == .completed
        else { return nil }
        let row = try Row.fetchOne(
            db, sql: "SELECT sample_number, total_samples FROM enrollments WHERE id = ?",
            arguments: [session.enrollmentID?.column])
        return row.map { EnrollmentNumbers(sample: $0["sample_number"], total: $0["total_samples"]) }
    }

    /// A failed verification claims a person without finding one; the person may be removed all the same.
    private func known(_ digest: Data?, of client: ClientID, _ db: Database) throws -> PersonID? {
        guard let digest else { return nil }
        let row = try Row.fetchOne(
            db, sql: "SELECT id FROM people WHERE client_id = ? AND external_id_digest = ?",
            arguments: [client.column, digest])
        return try row.map { try $0.id("id") }
    }

    func activeEndpoints(of client: ClientID, _ db: Database) throws -> [Subscription] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT key, id, subscribed, max_retries FROM webhook_endpoints
                    WHERE client_id = ? AND status = 'active' ORDER BY key
                    """), arguments: [client.column]
        ).map { row in
            Subscription(
                key: row["key"], id: try row.id("id"),
                subscribed: try JSONText.read([String].self, from: Array((row["subscribed"] as String).utf8)),
                maximumAttempts: row["max_retries"] + 1)
        }
    }
}
