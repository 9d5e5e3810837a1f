import EdgeCore
import FoundationEssentials

/// Webhook records as JSON, in the reference's members; no secret, no signature.
enum WebhookBody {
    /// Since when the catalogue is as it is.
    private static let catalogueDate = Date(timeIntervalSince1970: 1_795_651_200)

    static func catalogueEntry(_ kind: WebhookEventKind) throws -> JSONObject {
        [
            "id": .string(kind.catalogueID.uuidString.lowercased()), "event_name": .string(kind.rawValue),
            "description": .string(kind.summary), "is_active": true,
            "payload_schema": try JSONValue.parse(Array(kind.payloadSchema.jsonText.utf8)),
            "aliases": .array(kind.aliases.map(JSONValue.string)), "created_at": .date(catalogueDate),
            "updated_at": .date(catalogueDate),
        ]
    }

    static func endpoint(_ endpoint: WebhookEndpoint) -> JSONObject {
        [
            "id": .string(endpoint.id.description), "client": .string(endpoint.client.description),
            "name": .string(endpoint.name), "url": .string(endpoint.url),
            "status": .string(endpoint.status.rawValue),
            "subscribed_events": .array(endpoint.subscribedEvents.map(JSONValue.string)),
            "max_retries": .integer(Int64(endpoint.maximumRetries)),
            "retry_delay_seconds": .integer(Int64(endpoint.retryDelay)),
            "total_deliveries": .integer(Int64(endpoint.totalDeliveries)),
            "successful_deliveries": .integer(Int64(endpoint.successfulDeliveries)),
            "failed_deliveries": .integer(Int64(endpoint.failedDeliveries)), "metadata": json(endpoint.metadataJSON),
            "created_at": .date(endpoint.createdAt), "updated_at": .date(endpoint.updatedAt),
            "last_delivery_at": .date(endpoint.lastDeliveryAt),
        ]
    }

    static func delivery(_ delivery: WebhookDelivery) -> JSONObject {
        [
            "id": .string(delivery.id.description), "endpoint": .string(delivery.endpoint.description),
            "endpoint_url": .string(delivery.url), "event": .string(delivery.event.description),
            "event_name": .string(delivery.eventName), "event_data": json(delivery.dataJSON),
            "status": .string(delivery.status.rawValue), "http_method": "POST",
            "headers": [
                "Content-Type": "application/json", "webhook-id": .string(delivery.event.description),
                "X-FR-Event": .string(delivery.eventName),
            ],
            "response_status_code": number(delivery.statusCode), "response_headers": .object(headers(delivery)),
            "response_body": .string(delivery.responseBody),
            "response_time_ms": .rounded(delivery.responseTime, places: 3),
            "attempt_number": .integer(Int64(delivery.attempt)),
            "max_attempts": .integer(Int64(delivery.maximumAttempts)),
            "next_retry_at": .date(delivery.nextAttemptAt),
            "error_message": .string(delivery.errorMessage ?? ""), "error_code": .string(delivery.errorCode ?? ""),
            "attempts": .array(delivery.attempts.map { .object(attempt($0)) }),
            "created_at": .date(delivery.createdAt), "delivered_at": .date(delivery.deliveredAt),
            "completed_at": .date(delivery.completedAt),
        ]
    }

    static func eventLog(_ event: WebhookEvent) -> JSONObject {
        let ended = event.successfulDeliveries + event.failedDeliveries
        let rate = ended == 0 ? 0 : Double(event.successfulDeliveries) / Double(ended) * 100
        return [
            "id": .string(event.id.description), "client": .string(event.client.description),
            "event_name": .string(event.name), "event_source": .string(event.source),
            "event_data": json(event.dataJSON), "total_endpoints": .integer(Int64(event.totalEndpoints)),
            "successful_deliveries": .integer(Int64(event.successfulDeliveries)),
            "failed_deliveries": .integer(Int64(event.failedDeliveries)),
            "metadata": ["forgotten": .bool(event.dataJSON == nil)], "success_rate": .rounded(rate, places: 2),
            "created_at": .date(event.createdAt),
        ]
    }

    static func counts(_ statistics: WebhookStatistics) -> JSONObject {
        [
            "total_deliveries": .integer(Int64(statistics.total)),
            "successful_deliveries": .integer(Int64(statistics.successful)),
            "failed_deliveries": .integer(Int64(statistics.failed)),
            "pending_deliveries": .integer(Int64(statistics.pending)),
            "success_rate": .rounded(statistics.successRate, places: 2),
            "recent_failures": .array(statistics.recentFailures.map { .object(failure($0)) }),
        ]
    }

    static func clientLog(_ delivery: WebhookDelivery) -> JSONObject {
        let status: DeliveryStatus = delivery.status == .abandoned ? .failed : delivery.status
        return [
            "id": .string(delivery.id.description), "client": .string(delivery.client.description),
            "event_type": .string(delivery.eventName), "payload": json(delivery.dataJSON),
            "status": .string(status.rawValue), "response_status_code": number(delivery.statusCode),
            "response_body": .string(delivery.responseBody), "error_message": .string(delivery.errorMessage ?? ""),
            "attempt_count": .integer(Int64(delivery.attempt)),
            "max_attempts": .integer(Int64(delivery.maximumAttempts)),
            "next_retry_at": .date(delivery.nextAttemptAt), "created_at": .date(delivery.createdAt),
            "delivered_at": .date(delivery.deliveredAt),
        ]
    }

    private static func failure(_ delivery: WebhookDelivery) -> JSONObject {
        [
            "event_name": .string(delivery.eventName), "endpoint__url": .string(delivery.url),
            "response_status_code": number(delivery.statusCode),
            "error_message": .string(delivery.errorMessage ?? ""), "created_at": .date(delivery.createdAt),
        ]
    }

    private static func attempt(_ attempt: DeliveryAttempt) -> JSONObject {
        [
            "attempt_number": .integer(Int64(attempt.number)), "at": .date(attempt.at),
            "response_status_code": number(attempt.statusCode), "error_code": .text(attempt.errorCode),
            "response_time_ms": .rounded(attempt.responseTime, places: 3),
        ]
    }

    /// Of two headers with one name the last one shows.
    private static func headers(_ delivery: WebhookDelivery) -> JSONObject {
        delivery.responseHeaders.reduce(into: [:]) { $0[$1.0] = .string($1.1) }
    }

    private static func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }

    /// Stored JSON; `null` where it is gone.
    private static func json(_ text: String?) -> JSONValue {
        text.flatMap { try? JSONValue.parse(Array($0.utf8)) } ?? .null
    }
}
