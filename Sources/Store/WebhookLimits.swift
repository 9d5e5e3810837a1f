/// How much the store keeps of events and deliveries.
public struct WebhookLimits: Sendable {
    /// How long events and finished deliveries are kept; what still waits after that long is called off.
    public var retention: Duration = .seconds(30 * 86_400)
    /// The most events of one client; beyond, the oldest finished ones go.
    public var eventsPerClient = 100_000
    /// The most deliveries of one client that may wait; beyond, an event is kept and its deliveries are `abandoned`.
    public var openPerClient = 100_000
    /// The most deliveries of one client that have ended and are kept; beyond, the oldest go.
    public var finishedPerClient = 200_000
    /// The most endpoints of one client.
    public var endpointsPerClient = 100
    /// The most deliveries to one endpoint that are under way at a time.
    public var underWayPerEndpoint = 4
    /// How long an older secret signs along.
    public var rotation: Duration = .seconds(86_400)

    /// Whether receivers are called from here; a member that calls none leaves it to central.
    public var deliversHere = true

    /// The standard limits.
    public init() {}
}
