public import EdgeCore
public import FoundationEssentials
import GRDB
import Logging

extension EdgeStore: WebhookOutbox {
    /// Deliveries due at `now`, longest due first, at most `limit`; each is handed out once until it is recorded.
    ///
    /// Takes turns among the endpoints. A delivery that cannot be read any more is called off and passed over.
    public func takeDue(at now: Date, limit: Int) async throws(EdgeError) -> [WebhookShipment] {
        try await write { [self] db in
            if deliveryDesk.isTimeToSweep(at: now) { try dropOldEvents(at: now, db) }
            var candidates: [Candidate] = []
            for waiting in try waitingEndpoints(db) {
                let due = try due(to: waiting, at: now, db)
                candidates += zip(0..., due).map { Candidate(turn: $0, due: $1, endpoint: waiting) }
            }
            candidates.sort { ($0.turn, $0.due.at, $0.due.key) < ($1.turn, $1.due.at, $1.due.key) }
            let taken = try shipments(candidates, limit: limit, at: now, db)
            deliveryDesk.take(taken)
            // What is not on disk was not handed out.
            onRollback { [deliveryDesk] in deliveryDesk.release(taken.map(\.delivery)) }
            return taken
        }
    }

    /// When the next delivery falls due that nobody has under way; `nil` when none waits.
    public func nextDue() async throws(EdgeError) -> Date? {
        try await read { [self] db in
            try waitingEndpoints(db).compactMap { try due(to: $0, at: nil, db).first?.at }.min()
                .map { Date(column: $0) }
        }
    }

    /// Yields once at the beginning and whenever a delivery may have become due earlier than `nextDue` said.
    public var wakeUps: AsyncStream<Void> { deliveryDesk.wakeUps }

    /// An active endpoint of an active client for which deliveries wait.
    private struct WaitingEndpoint {
        let row: Row
        let key: Int64
        let id: EndpointID
        let clientPublicID: String
        /// How many more may be under way to it.
        let room: Int
    }

    /// A delivery that is due, and how many of its endpoint's come before it.
    private struct Candidate {
        let turn: Int
        let due: (key: Int64, at: Int64)
        let endpoint: WaitingEndpoint
    }

    private func waitingEndpoints(_ db: Database) throws -> [WaitingEndpoint] {
        let load = deliveryDesk.load
        return try Row.fetchAll(
            db,
            sql: """
                SELECT e.*, c.public_id AS public_id FROM webhook_endpoints AS e JOIN clients AS c ON c.id = e.client_id
                WHERE e.status = 'active' AND c.is_active = 1 AND EXISTS (
                    SELECT 1 FROM webhook_deliveries WHERE endpoint_key = e.key AND due_at IS NOT NULL)
                """
        ).compactMap { row in
            let id: EndpointID = try row.id("id")
            let room = options.webhooks.underWayPerEndpoint - load[id, default: 0]
            guard room > 0 else { return nil }
            return WaitingEndpoint(
                row: row, key: row["key"], id: id, clientPublicID: row["public_id"], room: room)
        }
    }

    /// The next deliveries that may be handed out, as `(key, due)`; at any time without `now`.
    private func due(
        to endpoint: WaitingEndpoint, at now: Date?, _ db: Database
    ) throws -> [(key: Int64, at: Int64)] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT key, id, due_at FROM webhook_deliveries WHERE endpoint_key = ? AND due_at <= ?
                ORDER BY due_at, key LIMIT ?
                """,
            arguments: [endpoint.key, now?.column ?? Int64.max, options.webhooks.underWayPerEndpoint * 2])
        var due: [(key: Int64, at: Int64)] = []
        for row in rows where due.count < endpoint.room {
            let id: DeliveryID = try row.id("id")
            if !deliveryDesk.isUnderWay(id) { due.append((row["key"], row["due_at"])) }
        }
        return due
    }

    /// Opens what is handed out, and nothing else; an endpoint only once.
    private func shipments(
        _ candidates: [Candidate], limit: Int, at now: Date, _ db: Database
    ) throws -> [WebhookShipment] {
        var endpoints: [Int64: EndpointRow] = [:]
        var shipments: [WebhookShipment] = []
        for candidate in candidates where shipments.count < limit {
            let waiting = candidate.endpoint
            guard let endpoint = try endpoints[waiting.key] ?? opened(waiting) else {
                try callOff("key = ?", [candidate.due.key], because: .unreadable, at: now, db)
                continue
            }
            endpoints[waiting.key] = endpoint
            let shipment = try shipment(
                candidate.due.key, to: endpoint, client: waiting.clientPublicID, at: now, db)
            if let shipment { shipments.append(shipment) }
        }
        return shipments
    }

    /// `nil` for an endpoint whose record was changed.
    private func opened(_ waiting: WaitingEndpoint) throws -> EndpointRow? {
        let endpoint = try whatOpens { try EndpointRow(waiting.row, sealer) }
        if endpoint == nil { log.error("a webhook endpoint cannot be opened") }
        return endpoint
    }

    /// `nil` for a delivery whose event cannot be opened, which is called off.
    private func shipment(
        _ key: Int64, to endpoint: EndpointRow, client publicID: String, at now: Date, _ db: Database
    ) throws -> WebhookShipment? {
        let row = try Row.fetchOne(db, sql: "\(DeliveryRow.query) WHERE d.key = ?", arguments: [key])
        guard let row else { return nil }
        let delivery = try DeliveryRow(row)
        guard let data = try openedData(delivery) else {
            try callOff("key = ?", [key], because: .unreadable, at: now, db)
            return nil
        }
        return WebhookShipment(
            delivery: delivery.id, event: delivery.event, client: delivery.client, clientPublicID: publicID,
            endpoint: endpoint.record.id, url: endpoint.record.url, secrets: endpoint.secrets.signing(at: now),
            eventName: delivery.eventName, body: Self.body(of: delivery, data: data, client: publicID),
            attempt: delivery.attempts + 1, maximumAttempts: delivery.maximumAttempts,
            firstQueuedAt: delivery.queuedAt)
    }

    /// The reference's members, and those that Standard Webhooks recommends; the same for every attempt.
    private static func body(of delivery: DeliveryRow, data: String, client publicID: String) -> [UInt8] {
        let name = PayloadValue.text(delivery.eventName).jsonText
        let moment = delivery.happenedAt.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        return Array(
            """
            {"event":\(name),"type":\(name),"client_id":\(PayloadValue.text(publicID).jsonText),\
            "timestamp":"\(moment)","data":\(data),"delivery_id":"\(delivery.id)","event_id":"\(delivery.event)"}
            """.utf8)
    }
}

extension EdgeStore {
    /// An event's data; `nil` once they were forgotten, and for a record that was changed.
    func openedData(_ delivery: DeliveryRow) throws -> String? {
        try opened(delivery.data, key: delivery.subjectKey, SealPlace.event(delivery.event, of: delivery.client))
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// What was sealed; `nil` where it is gone or was changed.
    func opened(_ sealed: [UInt8]?, key: [UInt8]?, _ place: SealContext) throws -> [UInt8]? {
        guard let sealed, let key else { return nil }
        do throws(EdgeError) {
            return try sealer.open(sealed, subjectKey: key, context: place)
        } catch {
            guard error.code == .sealBroken else { throw error }
            log.error("a sealed webhook record cannot be opened", metadata: ["code": "\(error.code.rawValue)"])
            return nil
        }
    }
}
