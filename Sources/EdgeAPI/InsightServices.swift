public import EdgeCore
public import Logging

/// What the API asks of the other rooms about what happened.
public struct InsightServices: Sendable {
    /// Figures about sessions.
    public let figures: any InsightReader
    /// The API calls of clients.
    public let usage: any UsageLedger
    /// The audit trail for readers.
    public let audit: any AuditArchive
    /// Security events.
    public let security: any SecurityJournal
    /// The configuration in force.
    public let device: any ConfigurationReporter
    /// Where calls are noted as they are answered.
    let recorder: UsageRecorder

    /// Puts the services together.
    public init(
        figures: any InsightReader, usage: any UsageLedger, audit: any AuditArchive, security: any SecurityJournal,
        device: any ConfigurationReporter, clock: any EdgeClock, log: Logger
    ) {
        self.figures = figures
        self.usage = usage
        self.audit = audit
        self.security = security
        self.device = device
        recorder = UsageRecorder(ledger: usage, clock: clock, log: log)
    }
}
