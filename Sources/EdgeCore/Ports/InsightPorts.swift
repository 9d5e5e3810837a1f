public import FoundationEssentials

/// Figures of what happened on this device, read from its sessions.
///
/// `Store` provides it. `nil` for a client means all tenants. Long spans are read day by day, so that no decision
/// waits for a report.
public protocol InsightReader: Sendable {
    /// The authentications of a tenant, the latest first.
    func attempts(_ filter: AttemptFilter, page: PageRequest) async throws(EdgeError) -> PageOf<AttemptRecord>
    /// One of them; `nil` when this tenant has none like it, or it has not ended.
    func attempt(_ id: SessionID, of client: ClientID) async throws(EdgeError) -> AttemptRecord?
    /// What the sessions that ended in `span` came to.
    func figures(of client: ClientID?, in span: TimeSpan) async throws(EdgeError) -> SessionFigures
    /// The same for each hour or UTC day in which something ended, the latest first.
    func figures(
        of client: ClientID?, in span: TimeSpan, by period: FigurePeriod
    ) async throws(EdgeError) -> [PeriodFigures]
    /// What each person's authentications came to, the latest active first; `total` counts all who fit.
    func people(
        of client: ClientID, risk: RiskLevel?, limit: Int
    ) async throws(EdgeError) -> PageOf<PersonFigures>
    /// What there is.
    func totals(of client: ClientID?) async throws(EdgeError) -> StoreTotals
    /// All sessions that ended, counted; for metrics.
    func sessionCounts() async throws(EdgeError) -> [SessionCount]
}

/// The API calls of clients.
///
/// `Store` provides it; it keeps the newest 100,000 calls of the last 90 days.
public protocol UsageLedger: Sendable {
    /// Records calls in one transaction; those of a client that is gone are left out.
    func record(_ calls: [UsageRecord]) async throws(EdgeError)
    /// The calls of a client, the newest first.
    func calls(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<UsageRecord>
    /// One call; `nil` when this client has none like it.
    func call(_ number: Int64, of client: ClientID) async throws(EdgeError) -> UsageRecord?
    /// How many calls a client made, and of which categories.
    func callCount(
        of client: ClientID, in span: TimeSpan
    ) async throws(EdgeError) -> (calls: Int, categories: [UsageRecord.Category])
}

/// The audit trail for readers.
///
/// `Store` provides it.
public protocol AuditArchive: Sendable {
    /// Lines, the newest first; with the people's names unless the view is everything.
    func lines(_ view: InsightView, page: PageRequest) async throws(EdgeError) -> PageOf<AuditEntry>
    /// One line; `nil` when the view has none like it.
    func line(_ sequence: Int64, _ view: InsightView) async throws(EdgeError) -> AuditEntry?
}

/// Security events.
///
/// `Store` provides it.
public protocol SecurityJournal: Sendable {
    /// Records what a client reports, with its audit line; the details are sealed.
    ///
    /// The newest 10,000 reports of a client are kept.
    func report(_ event: SecurityEventRecord) async throws(EdgeError)
    /// Notes something that the device saw by itself.
    func note(_ event: SecurityEventRecord) async throws(EdgeError)
    /// Events, the newest first; with the people's names unless the view is everything.
    func events(_ filter: SecurityFilter, page: PageRequest) async throws(EdgeError) -> PageOf<SecurityEventRecord>
    /// One event; `nil` when the view has none like it.
    func event(_ id: SecurityEventID, _ view: InsightView) async throws(EdgeError) -> SecurityEventRecord?
    /// How many there are.
    func eventCount(_ filter: SecurityFilter) async throws(EdgeError) -> Int
    /// How many there are in each hour or UTC day that has any, the latest first.
    func eventCounts(
        _ filter: SecurityFilter, by period: FigurePeriod
    ) async throws(EdgeError) -> [(start: Date, count: Int)]
}

/// The configuration in force.
///
/// `edged` provides it, since only it reads the file.
public protocol ConfigurationReporter: Sendable {
    /// Every key that is not secret, in the order of the file; it never changes while the daemon runs.
    var configuration: [ConfigurationEntry] { get }
    /// When it was read.
    var configuredAt: Date { get }
    /// Rates that were measured for the models and ship with them.
    var modelMeasures: [ModelMeasure] { get }
}
