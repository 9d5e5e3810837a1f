public import EdgeCore
public import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Lets a delivery that failed, or that waits after a failure, begin anew at once; writes the audit line.
    ///
    /// Throws `record.unknown`, `webhook.delivery.state`.
    public func retryWebhookDelivery(
        _ id: DeliveryID, of client: ClientID
    ) async throws(EdgeError) -> WebhookDelivery {
        try await write { [self] db in
            let row = try Row.fetchOne(
                db, sql: "\(DeliveryRow.query) WHERE d.client_id = ? AND d.id = ?",
                arguments: [client.column, id.column])
            guard let row else { throw EdgeError(.recordUnknown) }
            let known = try DeliveryRow(row)
            guard known.status.isDead || known.status == .retrying else { throw EdgeError(.deliveryState) }
            guard known.data != nil else {
                throw EdgeError(
                    .deliveryState, "The event's data were forgotten with their person: nothing is left to send.")
            }
            guard known.endpointStatus == .active else {
                throw EdgeError(.deliveryState, "The endpoint is not active: activate it first.")
            }
            let now = clock.wall
            try restart(known, at: now, db)
            try auditWebhook(
                "webhook.delivery.retried", of: client, ["delivery": .text(id.description)], at: now, db)
            return try webhookDelivery(id, of: client, db)
        }
    }

    /// The same for the oldest ones that came to an end without reaching an active endpoint; returns how many.
    public func retryDeadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> Int {
        try await write { [self] db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    \(DeliveryRow.query) WHERE d.client_id = ? AND d.status IN ('failed', 'abandoned')
                        AND v.data IS NOT NULL AND e.status = 'active' ORDER BY d.key LIMIT ?
                    """, arguments: [client.column, max(limit, 0)])
            let now = clock.wall
            for row in rows { try restart(DeliveryRow(row), at: now, db) }
            try auditWebhook("webhook.deliveries.retried", of: client, ["count": .integer(rows.count)], at: now, db)
            return rows.count
        }
    }

    /// Removes events from before `moment` whose deliveries have all come to an end.
    ///
    /// In steps of some thousand, each one transaction with its audit line, so that nobody waits for long.
    public func clearWebhookEvents(
        of client: ClientID, before moment: Date
    ) async throws(EdgeError) -> (events: Int, deliveries: Int) {
        var cleared = (events: 0, deliveries: 0)
        while true {
            let step = try await write { [self] db in try clearSomeEvents(of: client, before: moment, db) }
            cleared = (cleared.events + step.events, cleared.deliveries + step.deliveries)
            if step.events < Self.clearedAtOnce { return cleared }
        }
    }

    private static let clearedAtOnce = 2000

    private func clearSomeEvents(
        of client: ClientID, before moment: Date, _ db: Database
    ) throws -> (events: Int, deliveries: Int) {
        let finished = """
            SELECT e.sequence FROM webhook_events AS e WHERE e.client_id = ? AND e.created_at < ? AND NOT EXISTS (
                SELECT 1 FROM webhook_deliveries AS d WHERE d.event_sequence = e.sequence AND d.due_at IS NOT NULL)
            ORDER BY e.sequence LIMIT \(Self.clearedAtOnce)
            """
        let arguments: StatementArguments = [client.column, moment.column]
        let deliveries = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM webhook_deliveries WHERE event_sequence IN (\(finished))",
            arguments: arguments)
        try db.execute(sql: "DELETE FROM webhook_events WHERE sequence IN (\(finished))", arguments: arguments)
        let cleared = (events: db.changesCount, deliveries: deliveries ?? 0)
        try auditWebhook(
            "webhook.logs.cleared", of: client,
            ["events": .integer(cleared.events), "deliveries": .integer(cleared.deliveries)], at: clock.wall, db)
        return cleared
    }

    /// The attempts are counted anew, by the endpoint's present rule; the log of the old ones stays.
    private func restart(_ known: DeliveryRow, at now: Date, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = :now, queued_at = :now,
                    completed_at = NULL, max_attempts = 1 + (
                        SELECT max_retries FROM webhook_endpoints WHERE key = webhook_deliveries.endpoint_key)
                WHERE key = :key
                """, arguments: ["now": now.column, "key": known.key])
        try count(from: known.status, to: .pending, of: known.endpointKey, attemptAt: nil, db)
        wakeSender(db)
    }
}
