public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: WebhookJournal {
    /// Deliveries, newest first.
    public func webhookDeliveries(
        of client: ClientID, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookDelivery> {
        try await read { [self] db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM webhook_deliveries WHERE client_id = ?", arguments: [client.column])
            let items = try deliveries(
                "WHERE d.client_id = ? ORDER BY d.key DESC LIMIT ? OFFSET ?",
                [client.column, PageRequest.size, page.offset], db)
            return PageOf(total: total ?? 0, items: items)
        }
    }

    /// The newest deliveries that came to an end without reaching their receiver, newest first.
    public func deadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> [WebhookDelivery] {
        try await read { [self] db in
            try deliveries(
                "WHERE d.client_id = ? AND d.status IN ('failed', 'abandoned') ORDER BY d.key DESC LIMIT ?",
                [client.column, max(limit, 0)], db)
        }
    }

    /// One delivery.
    ///
    /// Throws `record.unknown`.
    public func webhookDelivery(_ id: DeliveryID, of client: ClientID) async throws(EdgeError) -> WebhookDelivery {
        try await read { [self] db in try webhookDelivery(id, of: client, db) }
    }

    /// Events, newest first; of one name when it is given.
    public func webhookEvents(
        of client: ClientID, name: String?, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookEvent> {
        try await read { [self] db in
            let condition = "client_id = ? AND (? IS NULL OR name = ?)"
            let arguments: StatementArguments = [client.column, name, name]
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM webhook_events WHERE \(condition)", arguments: arguments)
            let rows = try Row.fetchAll(
                db, sql: "\(Self.eventQuery) WHERE \(condition) ORDER BY sequence DESC LIMIT ? OFFSET ?",
                arguments: arguments + [PageRequest.size, page.offset])
            return PageOf(total: total ?? 0, items: try rows.map { try event($0) })
        }
    }

    /// One event.
    ///
    /// Throws `record.unknown`.
    public func webhookEvent(_ id: EventID, of client: ClientID) async throws(EdgeError) -> WebhookEvent {
        try await read { [self] db in
            let row = try Row.fetchOne(
                db, sql: "\(Self.eventQuery) WHERE client_id = ? AND id = ?", arguments: [client.column, id.column])
            guard let row else { throw EdgeError(.recordUnknown) }
            return try event(row)
        }
    }

    func webhookDelivery(_ id: DeliveryID, of client: ClientID, _ db: Database) throws -> WebhookDelivery {
        let found = try deliveries("WHERE d.client_id = ? AND d.id = ?", [client.column, id.column], db)
        guard let delivery = found.first else { throw EdgeError(.recordUnknown) }
        return delivery
    }

    /// Deliveries as the API shows them; an endpoint is opened once for all of its own.
    func deliveries(
        _ condition: String, _ arguments: StatementArguments, _ db: Database
    ) throws -> [WebhookDelivery] {
        var addresses: [Int64: String] = [:]
        return try Row.fetchAll(db, sql: "\(DeliveryRow.query) \(condition)", arguments: arguments).map { row in
            let delivery = try DeliveryRow(row)
            let url = try addresses[delivery.endpointKey] ?? address(of: delivery, db)
            addresses[delivery.endpointKey] = url
            return try opened(delivery, row, url: url)
        }
    }

    private func address(of delivery: DeliveryRow, _ db: Database) throws -> String {
        try whatOpens { try endpointRow(delivery.endpoint, of: delivery.client, db).record.url } ?? ""
    }

    private func opened(_ row: DeliveryRow, _ columns: Row, url: String) throws -> WebhookDelivery {
        var delivery = WebhookDelivery(
            id: row.id, event: row.event, endpoint: row.endpoint, client: row.client, url: url,
            eventName: row.eventName, dataJSON: try openedData(row), maximumAttempts: row.maximumAttempts,
            createdAt: columns.date("created_at"))
        delivery.status = row.status
        delivery.attempt = row.attempts
        delivery.nextAttemptAt = row.dueAt
        delivery.statusCode = columns["status_code"]
        delivery.responseTime = columns["response_time"]
        delivery.attempts = row.log
        delivery.deliveredAt = columns.optionalDate("delivered_at")
        delivery.completedAt = columns.optionalDate("completed_at")
        delivery.errorCode = row.errorCode
        if let reply = try opened(row.reply, key: row.subjectKey, SealPlace.reply(row.id, of: row.client)) {
            let reply = try JSONText.read(DeliveryReply.self, from: reply)
            delivery.responseHeaders = reply.headers.map { ($0.name, $0.value) }
            delivery.responseBody = reply.body
            delivery.errorMessage = reply.message
        }
        if let callOff = row.errorCode.flatMap(CallOff.init(rawValue:)) { delivery.errorMessage = callOff.sentence }
        return delivery
    }

    private static let eventQuery = """
        SELECT *,
            (SELECT count(*) FROM webhook_deliveries WHERE event_sequence = sequence AND status = 'success')
                AS successful,
            (SELECT count(*) FROM webhook_deliveries WHERE event_sequence = sequence
                AND status IN ('failed', 'abandoned')) AS failed
        FROM webhook_events
        """

    private func event(_ row: Row) throws -> WebhookEvent {
        let id: EventID = try row.id("id")
        let client: ClientID = try row.id("client_id")
        let data = try opened(
            (row["data"] as Data?).map { Array($0) }, key: (row["subject_key"] as Data?).map { Array($0) },
            SealPlace.event(id, of: client))
        return WebhookEvent(
            id: id, client: client, name: row["name"], source: row["source"],
            dataJSON: data.map { String(decoding: $0, as: UTF8.self) }, totalEndpoints: row["endpoint_count"],
            successfulDeliveries: row["successful"], failedDeliveries: row["failed"],
            createdAt: row.date("created_at"))
    }
}
