import EdgeCore
import FoundationEssentials
import GRDB

/// A delivery's row with its event's and its endpoint's, still sealed.
struct DeliveryRow {
    /// All that the initialiser reads; a condition comes behind it.
    static let query = """
        SELECT d.*, v.id AS event_id, v.name AS event_name, v.subject_key AS event_key, v.data AS event_data,
            v.created_at AS happened_at, e.id AS endpoint_id, e.status AS endpoint_status, e.retry_delay AS retry_delay
        FROM webhook_deliveries AS d JOIN webhook_events AS v ON v.sequence = d.event_sequence
            JOIN webhook_endpoints AS e ON e.key = d.endpoint_key
        """

    let key: Int64
    let id: DeliveryID
    let client: ClientID
    let event: EventID
    let eventName: String
    let happenedAt: Date
    let endpoint: EndpointID
    let endpointKey: Int64
    let endpointStatus: EndpointStatus
    /// Seconds.
    let retryDelay: Int
    let status: DeliveryStatus
    let attempts: Int
    let maximumAttempts: Int
    let queuedAt: Date
    let dueAt: Date?
    let errorCode: String?
    let log: [DeliveryAttempt]
    /// The event's key; what the delivery itself has sealed is sealed under it too.
    let subjectKey: [UInt8]?
    let data: [UInt8]?
    let reply: [UInt8]?

    init(_ row: Row) throws {
        key = row["key"]
        id = try row.id("id")
        client = try row.id("client_id")
        event = try row.id("event_id")
        eventName = row["event_name"]
        happenedAt = row.date("happened_at")
        endpoint = try row.id("endpoint_id")
        endpointKey = row["endpoint_key"]
        endpointStatus = try row.word("endpoint_status")
        retryDelay = row["retry_delay"]
        status = try row.word("status")
        attempts = row["attempts"]
        maximumAttempts = row["max_attempts"]
        queuedAt = row.date("queued_at")
        dueAt = row.optionalDate("due_at")
        errorCode = row["error_code"]
        log = try JSONText.read([DeliveryAttempt].self, from: Array((row["log"] as String).utf8))
        subjectKey = (row["event_key"] as Data?).map { Array($0) }
        data = (row["event_data"] as Data?).map { Array($0) }
        reply = (row["reply"] as Data?).map { Array($0) }
    }
}

/// What a receiver answered; on disk only sealed, since it may repeat what it was sent.
struct DeliveryReply: Codable {
    struct Header: Codable {
        let name: String
        let value: String
    }

    /// Bounds of what is kept, whatever the sender gives.
    static let mostHeaders = 50
    static let longestHeader = 1000
    static let longestBody = 1000

    let headers: [Header]
    let body: String
    let message: String?

    init(_ result: DeliveryResult) {
        headers = result.responseHeaders.prefix(Self.mostHeaders)
            // A cookie is a secret between the receiver and whoever it takes us for.
            .filter { $0.0.lowercased() != "set-cookie" }
            .map { Header(name: String($0.0.prefix(200)), value: String($0.1.prefix(Self.longestHeader))) }
        body = String(result.responseBody.prefix(Self.longestBody))
        message = result.errorMessage.map { String($0.prefix(500)) }
    }
}
