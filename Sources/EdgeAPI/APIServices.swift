public import EdgeCore

/// Everything the API asks of the other rooms.
public struct APIServices: Sendable {
    /// Enrollment and authentication.
    public let sessions: any RecognitionSessions
    /// The API's clients.
    public let clients: any ClientRepository
    /// The people of a tenant.
    public let people: any PersonRepository
    /// The audit trail.
    public let audit: any AuditTrail
    /// The device's own status.
    public let status: any StatusReporter
    /// Keys and random text.
    public let secrets: any SecretKeeper
    /// Wall time for tokens and answers.
    public let clock: any EdgeClock
    /// Conditions that hold.
    public let health: HealthBoard

    /// Puts the services together.
    public init(
        sessions: any RecognitionSessions, clients: any ClientRepository, people: any PersonRepository,
        audit: any AuditTrail, status: any StatusReporter, secrets: any SecretKeeper, clock: any EdgeClock,
        health: HealthBoard
    ) {
        self.sessions = sessions
        self.clients = clients
        self.people = people
        self.audit = audit
        self.status = status
        self.secrets = secrets
        self.clock = clock
        self.health = health
    }
}
