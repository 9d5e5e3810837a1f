public import EdgeCore
import FoundationEssentials
import GRDB
import Logging
public import SyncCore

/// What other devices tell of events, taken into the central instance's own queue of deliveries.
///
/// From there it goes the way of every event: the same deliveries, the same sender, the same history.
extension EdgeStore {
    /// Takes records that central's database hands on, in one transaction; what is known already changes nothing.
    public func takeForwarded(_ records: [ForwardedRecord]) async throws(EdgeError) {
        try await write { [self] db in
            for record in records {
                do { try take(record, db) } catch let error as EdgeError
                    where error.code == .storeCorrupt || error.code == .sealBroken
                {
                    // One that cannot be read must not hold up the others; nothing of it was written.
                    log.error("a forwarded record cannot be read", metadata: ["kind": "\(record.kind)"])
                }
            }
            wakeSender(db)
        }
    }

    private func take(_ record: ForwardedRecord, _ db: Database) throws {
        if let subject = record.subject, record.payload == nil { return try forgetEvents(of: subject, db) }
        guard let tenant = record.tenant, let payload = record.payload else { return }
        let client = ClientID(rawValue: tenant)
        try adoptTenant(client, name: nil, db)
        if record.kind == RecordKind.endpoint {
            let carrier = try JSONText.read(EndpointCarrier.self, from: Array(payload.utf8))
            let endpoint = try JSONText.read(FleetEndpoint.self, from: Array(carrier.endpoint.utf8))
            try take(endpoint, of: client, from: record.device, db)
        } else {
            try takeEvent(payload, record, of: client, db)
        }
    }

    // MARK: Events

    private func takeEvent(_ payload: String, _ record: ForwardedRecord, of client: ClientID, _ db: Database) throws {
        let event = try JSONText.read(ForwardedEvent.self, from: Array(payload.utf8))
        guard let uuid = UUID(uuidString: event.id), let data = ForwardedEvent.data(of: payload) else {
            throw EdgeError(.storeCorrupt)
        }
        let id = EventID(rawValue: uuid)
        let isKnown = try Bool.fetchOne(
            db.cachedStatement(sql: "SELECT 1 FROM webhook_events WHERE id = ?"), arguments: [id.column])
        guard isKnown == nil else { return }
        let wanting = try wanting(event, of: client, db)
        let key = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(
            Array(data.utf8), subjectKey: key, context: SealPlace.event(id, of: client))
        try db.cachedStatement(
            sql: """
                INSERT INTO webhook_events (id, client_id, name, source, subject_key, data, endpoint_count, created_at,
                    subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.column, client.column, event.name, event.source, Data(key), Data(sealed), wanting.count,
            event.createdAt, record.subject?.column,
        ])
        let recorded = RecordedEvent(sequence: db.lastInsertedRowID, id: id)
        try queue(recorded, for: wanting, of: client, at: clock.wall, db)
        try sweepEvents(of: client, after: recorded, at: clock.wall, db)
    }

    /// Who is to be told from here: whoever wants it, but for those whom the device tells itself.
    private func wanting(_ event: ForwardedEvent, of client: ClientID, _ db: Database) throws -> [Subscription] {
        let told = Set(event.route?.told ?? [])
        let kind = WebhookEventKind(rawValue: event.name)
        let endpoints = try activeEndpoints(of: client, db)
        if let only = event.route?.only { return endpoints.filter { only.contains($0.id.description) } }
        return endpoints.filter { endpoint in
            !told.contains(endpoint.id.description)
                && (endpoint.subscribed.isEmpty || kind?.isNamed(in: endpoint.subscribed) ?? false)
        }
    }

    /// What was told of somebody who is erased in the fleet: what still waits is called off.
    private func forgetEvents(of subject: SubjectKey, _ db: Database) throws {
        let theirs = "SELECT sequence FROM webhook_events WHERE subject = ?"
        try callOff("event_sequence IN (\(theirs))", [subject.column], because: .personRemoved, at: clock.wall, db)
        try db.execute(
            sql: "UPDATE webhook_deliveries SET reply = NULL WHERE event_sequence IN (\(theirs))",
            arguments: [subject.column])
        try db.execute(
            sql: "UPDATE webhook_events SET subject_key = NULL, data = NULL, subject = NULL WHERE subject = ?",
            arguments: [subject.column])
        if db.changesCount > 0 { try noteErasure(db) }
    }

    // MARK: Endpoints

    private func take(
        _ endpoint: FleetEndpoint, of client: ClientID, from device: DeviceID, _ db: Database
    ) throws {
        guard let uuid = UUID(uuidString: endpoint.id) else { throw EdgeError(.storeCorrupt) }
        let id = EndpointID(rawValue: uuid)
        let row = try Row.fetchOne(db, sql: "SELECT * FROM webhook_endpoints WHERE id = ?", arguments: [id.column])
        if let row {
            // Another tenant's, or made elsewhere: nobody changes what is not theirs.
            let owner: ClientID = try row.id("client_id")
            guard owner == client, row["origin"] as Data? == device.column,
                (row["fleet_version"] as Int64) < endpoint.version
            else { return }
        }
        if endpoint.isRemoved {
            return try db.execute(sql: "DELETE FROM webhook_endpoints WHERE id = ?", arguments: [id.column])
        }
        guard let name = endpoint.name, (1...Self.longestEndpointName).contains(name.unicodeScalars.count),
            let secrets = endpoint.secrets, !secrets.secrets.isEmpty
        else { throw EdgeError(.storeCorrupt) }
        var draft = WebhookEndpointDraft(name: try freeEndpointName(name, id, of: client, db), url: secrets.url)
        draft.status = endpoint.status ?? .active
        draft.subscribedEvents = endpoint.events ?? []
        draft.maximumRetries = min(
            max(endpoint.retries ?? WebhookEndpoint.standardRetries, 0), WebhookEndpoint.retryRange.upperBound)
        draft.retryDelay = min(max(endpoint.delay ?? 0, 0), WebhookEndpoint.retryDelayRange.upperBound)
        draft.metadataJSON = secrets.metadata
        if let row {
            var known = try EndpointRow(row, sealer)
            known.secrets = secrets
            known.record.take(draft, at: clock.wall)
            try update(known, db)
        } else {
            try insert(WebhookEndpoint(id: id, client: client, draft: draft, createdAt: clock.wall), secrets, db)
        }
        try db.execute(
            sql: "UPDATE webhook_endpoints SET origin = ?, fleet_version = ? WHERE id = ?",
            arguments: [device.column, endpoint.version, id.column])
        try auditWebhook(
            row == nil ? "webhook.endpoint.created" : "webhook.endpoint.changed", of: client,
            ["endpoint": .text(id.description), "device": .text(device.description)], at: clock.wall, db)
    }

    private func freeEndpointName(
        _ name: String, _ id: EndpointID, of client: ClientID, _ db: Database
    ) throws -> String {
        // The second says which it is, the third cannot be anybody else's.
        for wanted in [name, "\(name.prefix(80)) \(id.description.prefix(8))"] {
            let holder = try Data.fetchOne(
                db, sql: "SELECT id FROM webhook_endpoints WHERE client_id = ? AND name = ?",
                arguments: [client.column, wanted])
            if holder ?? id.column == id.column { return wanted }
        }
        return "endpoint \(UUID().uuidString.lowercased())"
    }

    /// As the API takes them, characters.
    private static let longestEndpointName = 100
}

extension WebhookEndpoint {
    fileprivate mutating func take(_ draft: WebhookEndpointDraft, at moment: Date) {
        (name, url, status) = (draft.name, draft.url, draft.status)
        (subscribedEvents, maximumRetries) = (draft.subscribedEvents, draft.maximumRetries)
        (retryDelay, metadataJSON, updatedAt) = (draft.retryDelay, draft.metadataJSON, moment)
    }
}

/// An endpoint's record: the endpoint is JSON in a text, so that it stands there as it was written.
private struct EndpointCarrier: Decodable {
    let endpoint: String
}

/// An event as `OutboxEvent.payload(salt:)` writes it.
private struct ForwardedEvent: Decodable {
    let id: String
    let name: String
    let source: String
    let createdAt: Int64
    let route: EventRoute?

    /// The data as the device wrote them; `nil` where they are no JSON object.
    ///
    /// They are the payload's last member, and nothing before them holds a quotation mark that is not escaped.
    static func data(of payload: String) -> String? {
        guard payload.hasSuffix("}"), let start = payload.firstRange(of: #","data":"#)?.upperBound else { return nil }
        let text = String(payload[start...].dropLast())
        return (try? JSONDecoder().decode(AnyObject.self, from: Data(text.utf8))).map { _ in text }
    }

    private struct AnyObject: Decodable {
        enum CodingKeys: CodingKey {}
        init(from decoder: any Decoder) throws { _ = try decoder.container(keyedBy: CodingKeys.self) }
    }

    enum CodingKeys: String, CodingKey {
        case source, route
        case id = "event_id"
        case name = "event"
        case createdAt = "created_at"
    }
}
