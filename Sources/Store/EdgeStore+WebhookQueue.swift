import EdgeCore
import FoundationEssentials
import GRDB

/// Why a delivery came to its end without an attempt, in words that stand in its `error_code`.
enum CallOff: String, CaseIterable {
    case personRemoved = "PERSON_REMOVED"
    case queueFull = "QUEUE_FULL"
    case expired = "EXPIRED"
    case endpointInactive = "ENDPOINT_INACTIVE"
    case endpointDisabled = "ENDPOINT_DISABLED"
    case unreadable = "RECORD_UNREADABLE"
    case leftToCentral = "LEFT_TO_CENTRAL"

    var sentence: String {
        switch self {
        case .personRemoved: "The person whom the event is about was removed."
        case .queueFull: "Too many deliveries of this client wait already."
        case .expired: "The delivery waited longer than deliveries are kept."
        case .endpointInactive: "The endpoint is not active."
        case .endpointDisabled: "The endpoint answered 410 Gone to another delivery."
        case .unreadable: "A sealed record of the delivery cannot be opened."
        case .leftToCentral: "Central makes this delivery, under the same id."
        }
    }
}

extension EdgeStore {
    /// Makes one delivery of `event` for each endpoint.
    ///
    /// Where too many wait already, the deliveries are made as `abandoned`: seen, and able to be replayed.
    func queue(
        _ event: RecordedEvent, for endpoints: [Subscription], of client: ClientID, at moment: Date, _ db: Database
    ) throws {
        guard !endpoints.isEmpty else { return }
        var room = options.webhooks.openPerClient - (try openDeliveries(of: client, db))
        for endpoint in endpoints {
            let callOff: CallOff? = room > 0 ? nil : .queueFull
            _ = try insertDelivery(
                of: event, to: endpoint.key, endpoint.id, maximumAttempts: endpoint.maximumAttempts, callOff: callOff,
                of: client, at: moment, db)
            room -= 1
        }
        wakeSender(db)
    }

    func insertDelivery(
        of event: RecordedEvent, to endpoint: Int64, _ endpointID: EndpointID, maximumAttempts: Int, callOff: CallOff?,
        of client: ClientID, at moment: Date, _ db: Database
    ) throws -> DeliveryID {
        let id = try deliveryID(of: event.id, to: endpointID)
        let status = callOff == nil ? DeliveryStatus.pending : .abandoned
        try db.cachedStatement(
            sql: """
                INSERT INTO webhook_deliveries (id, client_id, event_sequence, endpoint_key, status, max_attempts,
                    due_at, queued_at, error_code, created_at, completed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id.column, client.column, event.sequence, endpoint, status.rawValue, maximumAttempts,
            callOff == nil ? moment.column : nil, moment.column, callOff?.rawValue, moment.column,
            callOff == nil ? nil : moment.column,
        ])
        try db.cachedStatement(sql: "UPDATE webhook_endpoints SET total = total + 1, failed = failed + ? WHERE key = ?")
            .execute(arguments: [callOff == nil ? 0 : 1, endpoint])
        return id
    }

    /// Ends the waiting deliveries of a condition, as `abandoned`; returns how many.
    ///
    /// Two statements however many they are: a long queue that ends must not hold up a door.
    @discardableResult
    func callOff(
        _ condition: String, _ arguments: StatementArguments, because reason: CallOff, at moment: Date, _ db: Database
    ) throws -> Int {
        let open = "SELECT endpoint_key, count(*) AS number FROM webhook_deliveries WHERE due_at IS NOT NULL AND"
        try db.execute(
            sql: """
                UPDATE webhook_endpoints SET failed = failed + ended.number
                FROM (\(open) \(condition) GROUP BY endpoint_key) AS ended
                WHERE ended.endpoint_key = webhook_endpoints.key
                """, arguments: arguments)
        try db.execute(
            sql: """
                UPDATE webhook_deliveries SET status = 'abandoned', due_at = NULL, error_code = ?, completed_at = ?
                WHERE due_at IS NOT NULL AND \(condition)
                """, arguments: [reason.rawValue, moment.column] + arguments)
        return db.changesCount
    }

    /// Tells the sender once the transaction is on disk.
    func wakeSender(_ db: Database) {
        onCommit { [deliveryDesk] in deliveryDesk.wake() }
    }

    func openDeliveries(of client: ClientID, _ db: Database) throws -> Int {
        // Left to itself SQLite takes another index and reads every row: forty milliseconds of a full queue.
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM webhook_deliveries INDEXED BY webhook_deliveries_open
                WHERE client_id = ? AND due_at IS NOT NULL
                """, arguments: [client.column]) ?? 0
    }
}

/// What is too old or too much.
extension EdgeStore {
    /// Once an hour for all clients what is too old, and now and then for one client what is too much.
    func sweepEvents(of client: ClientID, after event: RecordedEvent, at moment: Date, _ db: Database) throws {
        if deliveryDesk.isTimeToSweep(at: moment) { try dropOldEvents(at: moment, db) }
        // Counting costs: once in a while is enough to stay near the limit.
        let share = max(1, min(64, options.webhooks.eventsPerClient / 8))
        if event.sequence % Int64(share) == 0 { try dropExcessEvents(of: client, db) }
    }

    /// Calls off what waited too long, and removes events that are too old once all their deliveries have ended.
    func dropOldEvents(at moment: Date, _ db: Database) throws {
        let limit = moment.advanced(by: .zero - options.webhooks.retention)
        try callOff("queued_at < ?", [limit.column], because: .expired, at: moment, db)
        try db.execute(
            sql: """
                DELETE FROM webhook_events WHERE created_at < :limit AND NOT EXISTS (
                    SELECT 1 FROM webhook_deliveries AS d WHERE d.event_sequence = webhook_events.sequence
                    AND (d.due_at IS NOT NULL OR d.completed_at >= :limit))
                """, arguments: ["limit": limit.column])
    }

    /// The oldest events go whose deliveries have all ended.
    private func dropExcessEvents(of client: ClientID, _ db: Database) throws {
        let count = try Int.fetchOne(
            db, sql: "SELECT count(*) FROM webhook_events WHERE client_id = ?", arguments: [client.column])
        // One event may have a hundred deliveries: they have a bound of their own.
        try db.execute(
            sql: """
                DELETE FROM webhook_deliveries WHERE client_id = ?1 AND due_at IS NULL AND key <= (
                    SELECT key FROM webhook_deliveries WHERE client_id = ?1 AND due_at IS NULL
                    ORDER BY key DESC LIMIT 1 OFFSET ?2)
                """, arguments: [client.column, options.webhooks.finishedPerClient])
        let excess = (count ?? 0) - options.webhooks.eventsPerClient
        guard excess > 0 else { return }
        try db.execute(
            sql: """
                DELETE FROM webhook_events WHERE sequence IN (
                    SELECT e.sequence FROM webhook_events AS e WHERE e.client_id = ? AND NOT EXISTS (
                        SELECT 1 FROM webhook_deliveries AS d WHERE d.event_sequence = e.sequence
                        AND d.due_at IS NOT NULL)
                    ORDER BY e.sequence LIMIT ?)
                """, arguments: [client.column, excess])
    }
}
