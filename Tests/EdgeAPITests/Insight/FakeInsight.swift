import EdgeCore
import FoundationEssentials
import Logging
import Synchronization

@testable import EdgeAPI

/// What happened, in memory; every question is noted.
final class FakeInsight: InsightReader, UsageLedger, AuditArchive, SecurityJournal, ConfigurationReporter {
    struct State {
        var attempts: [AttemptRecord] = []
        var figures = SessionFigures()
        var periods: [PeriodFigures] = []
        var people: [PersonFigures] = []
        var totals = StoreTotals()
        var counts: [SessionCount] = []
        var calls: [UsageRecord] = []
        var lines: [AuditEntry] = []
        var events: [SecurityEventRecord] = []
        var fault: EdgeError?
        /// What was asked for.
        var spans: [TimeSpan] = []
        var clients: [ClientID?] = []
        var filters: [SecurityFilter] = []
        var attemptFilters: [AttemptFilter] = []
        var views: [InsightView] = []
    }

    let state = Mutex(State())
    let configuration: [ConfigurationEntry] = (1...22).map {
        ConfigurationEntry(key: "sessions.key\($0)", value: "\($0)", about: "Key \($0).")
    }
    let configuredAt = Date(timeIntervalSince1970: 1_799_999_000)
    let modelMeasures = [
        ModelMeasure(model: "sface", version: "2021dec", falseMatchRate: 1e-3, cosine: 0.366, source: "LFW"),
        ModelMeasure(model: "sface", version: "2021dec", falseMatchRate: 1e-5, cosine: 0.482, source: nil),
    ]

    func services(clock: any EdgeClock) -> InsightServices {
        InsightServices(
            figures: self, usage: self, audit: self, security: self, device: self, clock: clock,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Changes what is there.
    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    private func use<Value>(_ body: (inout State) -> Value) throws(EdgeError) -> Value {
        let (value, fault) = state.withLock { (body(&$0), $0.fault) }
        if let fault { throw fault }
        return value
    }

    func attempts(_ filter: AttemptFilter, page: PageRequest) async throws(EdgeError) -> PageOf<AttemptRecord> {
        try use { state in
            state.attemptFilters.append(filter)
            return PageOf(page, of: state.attempts.filter { $0.session.client == filter.client })
        }
    }
    func attempt(_ id: SessionID, of client: ClientID) async throws(EdgeError) -> AttemptRecord? {
        try use { $0.attempts.first { $0.session.id == id && $0.session.client == client } }
    }
    func figures(of client: ClientID?, in span: TimeSpan) async throws(EdgeError) -> SessionFigures {
        try use { state in
            state.spans.append(span)
            state.clients.append(client)
            return state.figures
        }
    }
    func figures(
        of client: ClientID?, in span: TimeSpan, by period: FigurePeriod
    ) async throws(EdgeError) -> [PeriodFigures] {
        try use { state in
            state.spans.append(span)
            state.clients.append(client)
            return state.periods
        }
    }
    func people(of client: ClientID, risk: RiskLevel?, limit: Int) async throws(EdgeError) -> PageOf<PersonFigures> {
        try use { state in
            let fit = state.people.filter { risk == nil || $0.risk == risk }
            return PageOf(total: fit.count, items: Array(fit.prefix(limit)))
        }
    }
    func totals(of client: ClientID?) async throws(EdgeError) -> StoreTotals {
        try use { state in
            state.clients.append(client)
            return state.totals
        }
    }
    func sessionCounts() async throws(EdgeError) -> [SessionCount] { try use { $0.counts } }

    func record(_ calls: [UsageRecord]) async throws(EdgeError) {
        if let fault = state.withLock({ $0.fault }) { throw fault }
        state.withLock { state in
            for call in calls {
                var call = call
                call.number = Int64(state.calls.count + 1)
                state.calls.append(call)
            }
        }
    }
    func calls(of client: ClientID, page: PageRequest) async throws(EdgeError) -> PageOf<UsageRecord> {
        try use { PageOf(page, of: $0.calls.reversed().filter { $0.client == client }) }
    }
    func call(_ number: Int64, of client: ClientID) async throws(EdgeError) -> UsageRecord? {
        try use { $0.calls.first { $0.number == number && $0.client == client } }
    }
    func callCount(
        of client: ClientID, in span: TimeSpan
    ) async throws(EdgeError) -> (calls: Int, categories: [UsageRecord.Category]) {
        try use { state in
            let own = state.calls.filter { $0.client == client }
            return (own.count, UsageRecord.Category.allCases.filter { word in own.contains { $0.category == word } })
        }
    }

    func lines(_ view: InsightView, page: PageRequest) async throws(EdgeError) -> PageOf<AuditEntry> {
        try use { state in
            state.views.append(view)
            return PageOf(page, of: state.lines.filter { view.shows($0.record.client) })
        }
    }
    func line(_ sequence: Int64, _ view: InsightView) async throws(EdgeError) -> AuditEntry? {
        try use { $0.lines.first { $0.sequence == sequence && view.shows($0.record.client) } }
    }

    func report(_ event: SecurityEventRecord) async throws(EdgeError) { try use { $0.events.append(event) } }
    func note(_ event: SecurityEventRecord) async throws(EdgeError) { try use { $0.events.append(event) } }
    func events(_ filter: SecurityFilter, page: PageRequest) async throws(EdgeError) -> PageOf<SecurityEventRecord> {
        try use { state in
            state.filters.append(filter)
            return PageOf(page, of: state.events.filter(filter.wants))
        }
    }
    func event(_ id: SecurityEventID, _ view: InsightView) async throws(EdgeError) -> SecurityEventRecord? {
        try use { $0.events.first { $0.id == id && view.shows($0.client) } }
    }
    func eventCount(_ filter: SecurityFilter) async throws(EdgeError) -> Int {
        try use { state in
            state.filters.append(filter)
            return state.events.count(where: filter.wants)
        }
    }
    func eventCounts(
        _ filter: SecurityFilter, by period: FigurePeriod
    ) async throws(EdgeError) -> [(start: Date, count: Int)] {
        try use { state in
            Dictionary(grouping: state.events.filter(filter.wants)) { event in
                let length = Double(period.seconds)
                return (event.createdAt.timeIntervalSince1970 / length).rounded(.down) * length
            }.map { (start: Date(timeIntervalSince1970: $0.key), count: $0.value.count) }
        }
    }
}

extension InsightView {
    fileprivate func shows(_ owner: ClientID?) -> Bool {
        switch self {
        case .tenant(let client): owner == client
        case .tenantAndDevice(let client): owner == client || owner == nil
        case .everything: true
        }
    }
}

extension SecurityFilter {
    fileprivate func wants(_ event: SecurityEventRecord) -> Bool {
        view.shows(event.client) && types?.contains(event.type) ?? true && severities?.contains(event.severity) ?? true
            && isResolved.map { $0 == event.isResolved } ?? true
    }
}
