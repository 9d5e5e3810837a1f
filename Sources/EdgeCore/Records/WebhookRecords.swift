public import FoundationEssentials

/// Whether an endpoint is told.
public enum EndpointStatus: String, Sendable, Codable, CaseIterable {
    /// It is.
    case active
    /// Paused: what is due waits.
    case inactive
    /// It answered 410 Gone; nothing is sent until somebody makes it active again.
    case failed
}

/// Where a delivery stands.
public enum DeliveryStatus: String, Sendable, Codable, CaseIterable {
    /// Waits for its first attempt.
    case pending
    /// The receiver has it.
    case success
    /// The receiver refused it for good.
    case failed
    /// At least one attempt failed, another one is due.
    case retrying
    /// No attempt is due any more: used up, or called off with a reason. Can be replayed.
    case abandoned

    /// Whether an attempt is due.
    public var isOpen: Bool { self == .pending || self == .retrying }
    /// Whether it ended without reaching its receiver.
    public var isDead: Bool { self == .failed || self == .abandoned }
}

/// A client's webhook endpoint, without its secret.
public struct WebhookEndpoint: Sendable, Equatable {
    /// The most attempts after the first one that a client may ask for.
    public static let retryRange = 0...20
    /// As many as the schedule of Standard Webhooks has: over three days.
    public static let standardRetries = 9
    /// The longest pause that a client may ask for between two attempts, seconds.
    public static let retryDelayRange = 0...86_400

    /// Our id.
    public var id: EndpointID
    /// The tenant.
    public var client: ClientID
    /// Unique among the client's endpoints, 1 to 100 characters.
    public var name: String
    /// `http` or `https`.
    public var url: String
    /// Whether it is told.
    public var status: EndpointStatus
    /// Names of events, aliases or `*`; empty means all.
    public var subscribedEvents: [String]
    /// Attempts after the first one.
    public var maximumRetries: Int
    /// The least pause between two attempts, seconds.
    public var retryDelay: Int
    /// Deliveries ever made for it.
    public var totalDeliveries: Int
    /// Of these, how many reached it.
    public var successfulDeliveries: Int
    /// Of these, how many came to an end without reaching it.
    public var failedDeliveries: Int
    /// The client's own facts, a JSON object as text; never used for a request.
    public var metadataJSON: String
    /// When it was made.
    public var createdAt: Date
    /// When it was last changed.
    public var updatedAt: Date
    /// When the last attempt was made.
    public var lastDeliveryAt: Date?

    /// An endpoint that was never told anything.
    public init(id: EndpointID, client: ClientID, draft: WebhookEndpointDraft, createdAt: Date) {
        self.id = id
        self.client = client
        name = draft.name
        url = draft.url
        status = draft.status
        subscribedEvents = draft.subscribedEvents
        maximumRetries = draft.maximumRetries
        retryDelay = draft.retryDelay
        totalDeliveries = 0
        successfulDeliveries = 0
        failedDeliveries = 0
        metadataJSON = draft.metadataJSON
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// A new endpoint, already checked for form.
public struct WebhookEndpointDraft: Sendable {
    /// Unique among the client's endpoints.
    public var name: String
    /// `http` or `https`, without credentials.
    public var url: String
    /// Whether it is told from now on.
    public var status = EndpointStatus.active
    /// Names of events; empty means all.
    public var subscribedEvents: [String] = []
    /// A secret of the client's own; `nil` lets the device make one.
    public var secret: Redacted<String>?
    /// Attempts after the first one.
    public var maximumRetries = WebhookEndpoint.standardRetries
    /// The least pause between two attempts, seconds.
    public var retryDelay = 0
    /// The client's own facts, a JSON object as text.
    public var metadataJSON = "{}"

    /// An active endpoint for all events.
    public init(name: String, url: String) {
        self.name = name
        self.url = url
    }
}

/// What shall be different about an endpoint; `nil` leaves a member as it is.
public struct WebhookEndpointChange: Sendable {
    /// Unique among the client's endpoints.
    public var name: String?
    /// `http` or `https`, without credentials.
    public var url: String?
    /// Whether it is told.
    public var status: EndpointStatus?
    /// Names of events; empty means all.
    public var subscribedEvents: [String]?
    /// A secret of the client's own; the one before it signs along for a day.
    public var secret: Redacted<String>?
    /// Attempts after the first one; counts for deliveries made from now on.
    public var maximumRetries: Int?
    /// The least pause between two attempts, seconds.
    public var retryDelay: Int?
    /// The client's own facts, a JSON object as text.
    public var metadataJSON: String?

    /// No change.
    public init() {}
}

/// How one attempt went.
public struct DeliveryAttempt: Sendable, Equatable, Codable {
    /// Counts from 1, and from 1 again after a replay.
    public let number: Int
    /// When its result was recorded.
    public let at: Date
    /// The answer's status; `nil` without an answer.
    public let statusCode: Int?
    /// What went wrong; `nil` for nothing.
    public let errorCode: String?
    /// Milliseconds; `nil` without an answer.
    public let responseTime: Double?

    /// Puts an attempt together.
    public init(number: Int, at: Date, statusCode: Int?, errorCode: String?, responseTime: Double?) {
        self.number = number
        self.at = at
        self.statusCode = statusCode
        self.errorCode = errorCode
        self.responseTime = responseTime
    }
}

/// One event on its way to one endpoint; holds no secret and no signature.
public struct WebhookDelivery: Sendable {
    /// Our id.
    public var id: DeliveryID
    /// The event.
    public var event: EventID
    /// The endpoint.
    public var endpoint: EndpointID
    /// The tenant.
    public var client: ClientID
    /// The endpoint's address.
    public var url: String
    /// The event's name.
    public var eventName: String
    /// The event's data, a JSON object as text; `nil` once they were forgotten with their person.
    public var dataJSON: String?
    /// Where it stands.
    public var status: DeliveryStatus
    /// The last answer's status.
    public var statusCode: Int?
    /// The last answer's headers.
    public var responseHeaders: [(String, String)] = []
    /// The last answer's first 1000 characters.
    public var responseBody = ""
    /// The last answer's time, milliseconds.
    public var responseTime: Double?
    /// Attempts made since it was recorded or last replayed.
    public var attempt: Int
    /// The last attempt that will be made.
    public var maximumAttempts: Int
    /// When the next attempt is due.
    public var nextAttemptAt: Date?
    /// What went wrong last.
    public var errorCode: String?
    /// The same as a sentence.
    public var errorMessage: String?
    /// The newest attempts, oldest first, at most 20.
    public var attempts: [DeliveryAttempt] = []
    /// When it was recorded.
    public var createdAt: Date
    /// When it reached its receiver.
    public var deliveredAt: Date?
    /// When it came to its end.
    public var completedAt: Date?

    /// A delivery that was not tried yet.
    public init(
        id: DeliveryID, event: EventID, endpoint: EndpointID, client: ClientID, url: String, eventName: String,
        dataJSON: String?, maximumAttempts: Int, createdAt: Date
    ) {
        self.id = id
        self.event = event
        self.endpoint = endpoint
        self.client = client
        self.url = url
        self.eventName = eventName
        self.dataJSON = dataJSON
        status = .pending
        attempt = 0
        self.maximumAttempts = maximumAttempts
        nextAttemptAt = createdAt
        self.createdAt = createdAt
    }
}

/// Something that happened.
public struct WebhookEvent: Sendable {
    /// Our id.
    public let id: EventID
    /// The tenant.
    public let client: ClientID
    /// For example `enrollment.completed`.
    public let name: String
    /// What it happened to: `session`, `user`, `client`, `security`, `webhook` or `test`.
    public let source: String
    /// A JSON object as text; `nil` once it was forgotten with its person.
    public let dataJSON: String?
    /// How many endpoints wanted to know.
    public let totalEndpoints: Int
    /// How many were reached.
    public let successfulDeliveries: Int
    /// For how many the delivery came to an end without reaching them.
    public let failedDeliveries: Int
    /// When it happened.
    public let createdAt: Date

    /// Puts an event together.
    public init(
        id: EventID, client: ClientID, name: String, source: String, dataJSON: String?, totalEndpoints: Int,
        successfulDeliveries: Int, failedDeliveries: Int, createdAt: Date
    ) {
        self.id = id
        self.client = client
        self.name = name
        self.source = source
        self.dataJSON = dataJSON
        self.totalEndpoints = totalEndpoints
        self.successfulDeliveries = successfulDeliveries
        self.failedDeliveries = failedDeliveries
        self.createdAt = createdAt
    }
}

/// How deliveries went.
public struct WebhookStatistics: Sendable {
    /// Events that happened.
    public var events = 0
    /// Deliveries made.
    public var total = 0
    /// Of these, how many reached their receiver.
    public var successful = 0
    /// Of these, how many came to an end without reaching it.
    public var failed = 0
    /// Of these, how many wait for an attempt.
    public var pending = 0
    /// The mean time of the answers to what was delivered, milliseconds.
    public var averageResponseTime: Double?
    /// How often each event happened, by name.
    public var eventsByName: [(name: String, count: Int)] = []
    /// The newest deliveries that came to an end without reaching their receiver, newest first.
    public var recentFailures: [WebhookDelivery] = []

    /// Nothing happened.
    public init() {}

    /// Of what came to its end, how much reached its receiver, percent; 0 where nothing did.
    public var successRate: Double {
        let ended = successful + failed
        return ended == 0 ? 0 : (Double(successful) / Double(ended) * 10_000).rounded() / 100
    }
}
