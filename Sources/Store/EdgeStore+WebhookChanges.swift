public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore {
    /// Changes an endpoint; the audit line names what was changed, not to what.
    ///
    /// Throws `record.unknown`, `webhook.endpoint.exists`.
    public func changeWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, _ change: WebhookEndpointChange
    ) async throws(EdgeError) -> WebhookEndpoint {
        try await write { [self] db in
            var row = try endpointRow(id, of: client, db)
            if let name = change.name, name != row.record.name { try requireFree(name, of: client, db) }
            let now = clock.wall
            let changed = row.apply(change, at: now, rotation: options.webhooks.rotation)
            guard !changed.isEmpty else { return row.record }
            row.record.updatedAt = now
            try update(row, db)
            try tellEndpoint(id, of: client, db)
            try auditWebhook(
                "webhook.endpoint.changed", of: client,
                ["endpoint": .text(id.description), "changed": .list(changed.map(PayloadValue.text))], at: now, db)
            // What waited for the endpoint may go now.
            if row.record.status == .active { wakeSender(db) }
            return row.record
        }
    }

    func update(_ row: EndpointRow, _ db: Database) throws {
        let endpoint = row.record
        let sealed = try sealer.seal(
            JSONText.bytes(row.secrets), subjectKey: row.subjectKey,
            context: SealPlace.endpoint(endpoint.id, of: endpoint.client))
        try db.execute(
            sql: """
                UPDATE webhook_endpoints SET name = ?, status = ?, subscribed = ?, sealed = ?, max_retries = ?,
                    retry_delay = ?, updated_at = ? WHERE key = ?
                """,
            arguments: [
                endpoint.name, endpoint.status.rawValue, try JSONText.text(endpoint.subscribedEvents), Data(sealed),
                endpoint.maximumRetries, endpoint.retryDelay, endpoint.updatedAt.column, row.key,
            ])
    }
}

extension EndpointRow {
    /// Makes the change; returns the names of the members that are different now.
    mutating func apply(_ change: WebhookEndpointChange, at now: Date, rotation: Duration) -> [String] {
        var changed: [String] = []
        func set<Value: Equatable>(_ name: String, _ value: inout Value, _ new: Value?) {
            guard let new, new != value else { return }
            value = new
            changed.append(name)
        }
        set("name", &record.name, change.name)
        set("url", &record.url, change.url)
        set("status", &record.status, change.status)
        set("subscribed_events", &record.subscribedEvents, change.subscribedEvents)
        set("max_retries", &record.maximumRetries, change.maximumRetries)
        set("retry_delay_seconds", &record.retryDelay, change.retryDelay)
        set("metadata", &record.metadataJSON, change.metadataJSON)
        secrets.url = record.url
        secrets.metadata = record.metadataJSON
        if let secret = change.secret?.reveal(), secret != secrets.secrets.first?.text {
            secrets.replaceSecret(with: secret, oldUntil: now.advanced(by: rotation), now: now)
            changed.append("secret_token")
        }
        return changed
    }
}
