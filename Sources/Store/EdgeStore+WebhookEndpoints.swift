public import EdgeCore
import FoundationEssentials
import GRDB

extension EdgeStore: WebhookRegistry {
    /// Endpoints, newest first.
    public func webhookEndpoints(
        of client: ClientID, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookEndpoint> {
        try await read { [sealer] db in
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM webhook_endpoints WHERE client_id = ?", arguments: [client.column])
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM webhook_endpoints WHERE client_id = ? ORDER BY key DESC LIMIT ? OFFSET ?",
                arguments: [client.column, PageRequest.size, page.offset])
            return PageOf(total: total ?? 0, items: try rows.map { try EndpointRow($0, sealer).record })
        }
    }

    /// One endpoint.
    ///
    /// Throws `record.unknown`.
    public func webhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError) -> WebhookEndpoint {
        try await read { [self] db in try endpointRow(id, of: client, db).record }
    }

    /// Makes an endpoint; the secret is told here and never again.
    ///
    /// Throws `webhook.endpoint.exists`, `quota.reached`.
    public func createWebhookEndpoint(
        _ draft: WebhookEndpointDraft, of client: ClientID
    ) async throws(EdgeError) -> (endpoint: WebhookEndpoint, secret: Redacted<String>) {
        let fresh = try freshWebhookSecret()
        let secret = draft.secret ?? fresh
        let sealed = EndpointSecrets(draft, secret: secret.reveal())
        return try await write { [self] db in
            try requireRoom(of: client, db)
            try requireFree(draft.name, of: client, db)
            let now = clock.wall
            let endpoint = WebhookEndpoint(id: EndpointID(), client: client, draft: draft, createdAt: now)
            try insert(endpoint, sealed, db)
            try tellEndpoint(endpoint.id, of: client, db)
            try auditWebhook(
                "webhook.endpoint.created", of: client, ["endpoint": .text(endpoint.id.description)], at: now, db)
            return (endpoint, secret)
        }
    }

    /// Removes an endpoint with its deliveries; what waited is not sent any more.
    ///
    /// Throws `record.unknown`.
    public func removeWebhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError) {
        try await write { [self] db in
            try tellEndpointRemoval(id, of: client, db)
            let open = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL
                    AND endpoint_key = (SELECT key FROM webhook_endpoints WHERE id = ? AND client_id = ?)
                    """, arguments: [id.column, client.column])
            try db.execute(
                sql: "DELETE FROM webhook_endpoints WHERE id = ? AND client_id = ?",
                arguments: [id.column, client.column])
            guard db.changesCount > 0 else { throw EdgeError(.recordUnknown) }
            try auditWebhook(
                "webhook.endpoint.removed", of: client,
                ["endpoint": .text(id.description), "called_off": .integer(open ?? 0)], at: clock.wall, db)
        }
    }

    /// Makes a fresh secret and tells it; the one before it signs along for a day.
    ///
    /// Throws `record.unknown`.
    public func regenerateWebhookSecret(
        of id: EndpointID, of client: ClientID
    ) async throws(EdgeError) -> Redacted<String> {
        let secret = try freshWebhookSecret()
        var change = WebhookEndpointChange()
        change.secret = secret
        _ = try await changeWebhookEndpoint(id, of: client, change)
        return secret
    }

    /// Queues an event `test.<type>` for this endpoint only, whatever it has subscribed to.
    ///
    /// Throws `record.unknown`.
    public func testWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, type: String, dataJSON: String
    ) async throws(EdgeError) -> WebhookDelivery {
        try await write { [self] db in
            let endpoint = try endpointRow(id, of: client, db)
            let now = clock.wall
            let event = try insertEvent(
                name: "test.\(type)", source: "test", data: dataJSON, person: nil, digest: nil, of: client, told: 1,
                route: try route(ofTest: id), at: now, db)
            let hasRoom = try openDeliveries(of: client, db) < options.webhooks.openPerClient
            let callOff: CallOff? =
                endpoint.record.status != .active
                ? .endpointInactive : leavesDeliveryToCentral ? .leftToCentral : hasRoom ? nil : .queueFull
            let delivery = try insertDelivery(
                of: event, to: endpoint.key, id, maximumAttempts: endpoint.record.maximumRetries + 1, callOff: callOff,
                of: client, at: now, db)
            try auditWebhook(
                "webhook.endpoint.tested", of: client,
                ["endpoint": .text(id.description), "delivery": .text(delivery.description)], at: now, db)
            try sweepEvents(of: client, after: event, at: now, db)
            wakeSender(db)
            return try webhookDelivery(delivery, of: client, db)
        }
    }

    /// `whsec_` and 44 characters of base64, 33 random bytes: as Standard Webhooks wants it.
    func freshWebhookSecret() throws(EdgeError) -> Redacted<String> {
        let random = try secrets.randomText(bytes: 33).map { character -> Character in
            switch character {
            case "-": "+"
            case "_": "/"
            default: character
            }
        }
        return Redacted("whsec_" + String(random))
    }

    func endpointRow(_ id: EndpointID, of client: ClientID, _ db: Database) throws -> EndpointRow {
        let row = try Row.fetchOne(
            db, sql: "SELECT * FROM webhook_endpoints WHERE id = ? AND client_id = ?",
            arguments: [id.column, client.column])
        guard let row else { throw EdgeError(.recordUnknown) }
        return try EndpointRow(row, sealer)
    }

    private func requireRoom(of client: ClientID, _ db: Database) throws {
        let count = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM webhook_endpoints WHERE client_id = ?", arguments: [client.column])
        guard (count ?? 0) < options.webhooks.endpointsPerClient else {
            throw EdgeError(
                .quotaReached, "A client has at most \(options.webhooks.endpointsPerClient) webhook endpoints.")
        }
    }

    func requireFree(_ name: String, of client: ClientID, _ db: Database) throws {
        let known = try Bool.fetchOne(
            db, sql: "SELECT 1 FROM webhook_endpoints WHERE client_id = ? AND name = ?",
            arguments: [client.column, name])
        guard known == nil else { throw EdgeError(.endpointExists, field: "name") }
    }

    func insert(_ endpoint: WebhookEndpoint, _ secrets: EndpointSecrets, _ db: Database) throws {
        let key = try sealer.makeSubjectKey()
        let sealed = try sealer.seal(
            JSONText.bytes(secrets), subjectKey: key, context: SealPlace.endpoint(endpoint.id, of: endpoint.client))
        try db.execute(
            sql: """
                INSERT INTO webhook_endpoints (id, client_id, name, status, subscribed, subject_key, sealed,
                    max_retries, retry_delay, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                endpoint.id.column, endpoint.client.column, endpoint.name, endpoint.status.rawValue,
                try JSONText.text(endpoint.subscribedEvents), Data(key), Data(sealed), endpoint.maximumRetries,
                endpoint.retryDelay, endpoint.createdAt.column, endpoint.updatedAt.column,
            ])
    }
}
