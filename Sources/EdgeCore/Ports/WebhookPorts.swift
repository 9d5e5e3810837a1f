public import FoundationEssentials

/// Deliveries that wait for a sender.
///
/// `Store` provides it; whoever sends takes what is due and records what came of each.
public protocol WebhookOutbox: Sendable {
    /// Deliveries due at `now`, longest due first, at most `limit`.
    ///
    /// Each is handed out once until its result is recorded; after a restart those without a result are due again. Few
    /// of one endpoint are handed out at a time, so that a slow one does not hold up the others.
    func takeDue(at now: Date, limit: Int) async throws(EdgeError) -> [WebhookShipment]

    /// Records what came of an attempt: the delivery, the endpoint's counts, and for 410 the endpoint's end.
    ///
    /// A delivery that is gone meanwhile, with its endpoint or its person, is passed over. When it throws, the delivery
    /// stays handed out: record again.
    func record(_ result: DeliveryResult, of delivery: DeliveryID, at now: Date) async throws(EdgeError)

    /// When the next delivery falls due; `nil` when none waits.
    func nextDue() async throws(EdgeError) -> Date?

    /// Yields once at the beginning and whenever a delivery may have become due earlier than `nextDue` said.
    ///
    /// Each access gives a stream of its own; it keeps one wake-up while nobody listens.
    var wakeUps: AsyncStream<Void> { get }
}

/// A tenant's webhook endpoints.
///
/// `Store` provides it; every method is one transaction with its audit line. Methods that take an endpoint's id throw
/// `record.unknown` when the tenant has none like it.
public protocol WebhookRegistry: Sendable {
    /// Endpoints, newest first.
    func webhookEndpoints(of client: ClientID, _ page: PageRequest) async throws(EdgeError) -> PageOf<WebhookEndpoint>

    /// One endpoint.
    func webhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError) -> WebhookEndpoint

    /// Makes an endpoint; the secret is told here and never again.
    ///
    /// Throws `webhook.endpoint.exists`, and `quota.reached` beyond a hundred endpoints.
    func createWebhookEndpoint(
        _ draft: WebhookEndpointDraft, of client: ClientID
    ) async throws(EdgeError) -> (endpoint: WebhookEndpoint, secret: Redacted<String>)

    /// Changes an endpoint.
    ///
    /// Throws `webhook.endpoint.exists`.
    func changeWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, _ change: WebhookEndpointChange
    ) async throws(EdgeError) -> WebhookEndpoint

    /// Removes an endpoint with its deliveries; what waited is not sent any more.
    func removeWebhookEndpoint(_ id: EndpointID, of client: ClientID) async throws(EdgeError)

    /// Makes a fresh secret and tells it; the one before it signs along for a day.
    func regenerateWebhookSecret(
        of id: EndpointID, of client: ClientID
    ) async throws(EdgeError) -> Redacted<String>

    /// Queues an event `test.<type>` with `dataJSON`, a JSON object, for this endpoint only.
    ///
    /// For an endpoint that is not active the delivery is `abandoned` at once.
    func testWebhookEndpoint(
        _ id: EndpointID, of client: ClientID, type: String, dataJSON: String
    ) async throws(EdgeError) -> WebhookDelivery

    /// How deliveries to an endpoint went, as far as they are kept; ten failures, no events.
    func webhookStatistics(of id: EndpointID, of client: ClientID) async throws(EdgeError) -> WebhookStatistics
}

/// What happened at a tenant and who was told.
///
/// `Store` provides it; every method is one transaction.
public protocol WebhookJournal: Sendable {
    /// Deliveries, newest first.
    func webhookDeliveries(
        of client: ClientID, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookDelivery>

    /// The newest deliveries that came to an end without reaching their receiver, newest first.
    func deadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> [WebhookDelivery]

    /// One delivery.
    ///
    /// Throws `record.unknown`.
    func webhookDelivery(_ id: DeliveryID, of client: ClientID) async throws(EdgeError) -> WebhookDelivery

    /// Lets a delivery that failed, or that waits after a failure, begin anew at once; writes the audit line.
    ///
    /// Throws `record.unknown`, and `webhook.delivery.state` for any other and for one whose data were forgotten.
    func retryWebhookDelivery(_ id: DeliveryID, of client: ClientID) async throws(EdgeError) -> WebhookDelivery

    /// The same for the oldest ones that came to an end without reaching an active endpoint; returns how many.
    func retryDeadWebhookDeliveries(of client: ClientID, limit: Int) async throws(EdgeError) -> Int

    /// Events, newest first; of one name when it is given.
    func webhookEvents(
        of client: ClientID, name: String?, _ page: PageRequest
    ) async throws(EdgeError) -> PageOf<WebhookEvent>

    /// One event.
    ///
    /// Throws `record.unknown`.
    func webhookEvent(_ id: EventID, of client: ClientID) async throws(EdgeError) -> WebhookEvent

    /// What happened in `period` and who was told; twenty failures.
    func webhookStatistics(
        of client: ClientID, in period: Range<Date>
    ) async throws(EdgeError) -> WebhookStatistics

    /// Removes events from before `moment` whose deliveries have all come to an end; writes audit lines.
    ///
    /// Many events go in several transactions.
    func clearWebhookEvents(
        of client: ClientID, before moment: Date
    ) async throws(EdgeError) -> (events: Int, deliveries: Int)
}
