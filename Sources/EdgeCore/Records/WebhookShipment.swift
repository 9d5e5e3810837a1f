public import FoundationEssentials

/// One attempt to be made: everything that goes over the wire, and where to.
public struct WebhookShipment: Sendable {
    /// The delivery that the result is recorded of.
    public let delivery: DeliveryID
    /// The same over all attempts and endpoints; the value of `webhook-id`.
    public let event: EventID
    /// The tenant.
    public let client: ClientID
    /// The tenant's public name, `FR_…`.
    public let clientPublicID: String
    /// Where it goes.
    public let endpoint: EndpointID
    /// The endpoint's address; http or https, without credentials, otherwise unvetted.
    public let url: String
    /// `whsec_` and base64: the current one first, then older ones still in rotation; at least one.
    public let secrets: [Redacted<String>]
    /// The event's name, for example `enrollment.completed`.
    public let eventName: String
    /// Compact JSON, the same over all attempts.
    public let body: [UInt8]
    /// Counts from 1.
    public let attempt: Int
    /// The attempt after which there is none, unless somebody replays the delivery.
    public let maximumAttempts: Int
    /// When the delivery was recorded, or last replayed.
    public let firstQueuedAt: Date

    /// Puts a shipment together.
    public init(
        delivery: DeliveryID, event: EventID, client: ClientID, clientPublicID: String, endpoint: EndpointID,
        url: String, secrets: [Redacted<String>], eventName: String, body: [UInt8], attempt: Int,
        maximumAttempts: Int, firstQueuedAt: Date
    ) {
        self.delivery = delivery
        self.event = event
        self.client = client
        self.clientPublicID = clientPublicID
        self.endpoint = endpoint
        self.url = url
        self.secrets = secrets
        self.eventName = eventName
        self.body = body
        self.attempt = attempt
        self.maximumAttempts = maximumAttempts
        self.firstQueuedAt = firstQueuedAt
    }
}

/// What came of one attempt.
public struct DeliveryResult: Sendable {
    /// What becomes of the delivery.
    public enum Verdict: Sendable, Equatable {
        /// The receiver has it.
        case delivered
        /// Try again after this time.
        case retry(after: Duration)
        /// The receiver wants no more (410); disables the endpoint.
        case gone
        /// No more attempts.
        case dead
    }

    /// What becomes of the delivery.
    public let verdict: Verdict
    /// The answer's status; `nil` without an answer.
    public let statusCode: Int?
    /// The answer's headers, bounded by the sender.
    public let responseHeaders: [(String, String)]
    /// The answer's first 1000 characters.
    public let responseBody: String
    /// From the first byte sent to the answer; `nil` without an answer.
    public let responseTime: Duration?
    /// `TIMEOUT`, `CONNECTION_ERROR`, `TLS_ERROR`, `ADDRESS_REFUSED`, `REDIRECT` or `UNKNOWN_ERROR`.
    public let errorCode: String?
    /// A sentence for people.
    public let errorMessage: String?

    /// Puts a result together.
    public init(
        verdict: Verdict, statusCode: Int? = nil, responseHeaders: [(String, String)] = [], responseBody: String = "",
        responseTime: Duration? = nil, errorCode: String? = nil, errorMessage: String? = nil
    ) {
        self.verdict = verdict
        self.statusCode = statusCode
        self.responseHeaders = responseHeaders
        self.responseBody = responseBody
        self.responseTime = responseTime
        self.errorCode = errorCode
        self.errorMessage = errorMessage
    }
}
