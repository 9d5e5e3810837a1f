public import EdgeCore
public import FoundationEssentials
import GRDB

extension EdgeStore {
    /// How deliveries to an endpoint went, as far as they are kept; ten failures, no events.
    ///
    /// Throws `record.unknown`.
    public func webhookStatistics(
        of id: EndpointID, of client: ClientID
    ) async throws(EdgeError) -> WebhookStatistics {
        try await read { [self] db in
            let key = try Int64.fetchOne(
                db, sql: "SELECT key FROM webhook_endpoints WHERE id = ? AND client_id = ?",
                arguments: [id.column, client.column])
            guard let key else { throw EdgeError(.recordUnknown) }
            return try statistics("d.endpoint_key = ?", [key], failures: 10, db)
        }
    }

    /// What happened in `period` and who was told; twenty failures.
    public func webhookStatistics(
        of client: ClientID, in period: Range<Date>
    ) async throws(EdgeError) -> WebhookStatistics {
        let arguments: StatementArguments = [
            client.column, period.lowerBound.column, period.upperBound.column,
        ]
        return try await read { [self] db in
            var statistics = try statistics(
                "d.client_id = ? AND d.created_at >= ? AND d.created_at < ?", arguments, failures: 20, db)
            let names = try Row.fetchAll(
                db,
                sql: """
                    SELECT name, count(*) AS number FROM webhook_events
                    WHERE client_id = ? AND created_at >= ? AND created_at < ? GROUP BY name ORDER BY name
                    """, arguments: arguments)
            statistics.eventsByName = names.map { ($0["name"], $0["number"]) }
            statistics.events = statistics.eventsByName.reduce(0) { $0 + $1.count }
            return statistics
        }
    }

    /// Deliveries that wait, of all clients, and since when the oldest does.
    public func waitingDeliveries() async throws(EdgeError) -> CentralStanding.Queue {
        try await read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS number, min(queued_at) AS oldest FROM webhook_deliveries
                    WHERE due_at IS NOT NULL
                    """)
            let oldest: Int64? = row?["oldest"]
            return CentralStanding.Queue(waiting: row?["number"] ?? 0, oldestAt: oldest.map { Date(column: $0) })
        }
    }

    private func statistics(
        _ condition: String, _ arguments: StatementArguments, failures: Int, _ db: Database
    ) throws -> WebhookStatistics {
        var statistics = WebhookStatistics()
        let counts = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS total, count(*) FILTER (WHERE d.status = 'success') AS successful,
                    count(*) FILTER (WHERE d.status IN ('failed', 'abandoned')) AS failed,
                    count(*) FILTER (WHERE d.due_at IS NOT NULL) AS pending,
                    avg(d.response_time) FILTER (WHERE d.status = 'success') AS response_time
                FROM webhook_deliveries AS d WHERE \(condition)
                """, arguments: arguments)
        if let counts {
            statistics.total = counts["total"]
            statistics.successful = counts["successful"]
            statistics.failed = counts["failed"]
            statistics.pending = counts["pending"]
            statistics.averageResponseTime = counts["response_time"]
        }
        statistics.recentFailures = try deliveries(
            "WHERE \(condition) AND d.status IN ('failed', 'abandoned') ORDER BY d.key DESC LIMIT ?",
            arguments + [failures], db)
        return statistics
    }
}
