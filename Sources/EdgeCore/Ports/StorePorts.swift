public import FoundationEssentials

/// Sessions on disk.
///
/// `Store` provides it; every method is one transaction.
public protocol SessionRepository: Sendable {
    /// Records a new session with its audit line.
    ///
    /// The token is stored as a keyed digest only.
    func begin(_ session: SessionSnapshot) async throws(EdgeError)

    /// Records the end of a session: state, templates, person, lock-out and audit line in one transaction.
    ///
    /// Returns the person enrolled, for an enrollment that was completed. Throws `session.closed` when the session had already ended,
    /// and `session.locked_out` for a verification that succeeded while its claimed user is locked: nothing is recorded then.
    func finish(_ outcome: SessionOutcome) async throws(EdgeError) -> GalleryRecord?

    /// A session as last recorded; `nil` when this tenant has none like it.
    func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot?

    /// Ends all sessions that a restart left open, as `cancelled`; returns how many.
    func cancelOpenSessions(at: Date) async throws(EdgeError) -> Int

    /// Until when verification of this claimed user is locked; `nil` when it is not.
    func lockedUntil(externalUserID: String, of client: ClientID) async throws(EdgeError) -> Date?
}

/// The enrolled people with their templates.
///
/// `Store` provides it.
public protocol TemplateRepository: Sendable {
    /// Everybody of every tenant, unsealed, for the gallery in memory.
    func gallery() async throws(EdgeError) -> [GalleryRecord]
}

/// The people of a tenant.
///
/// `Store` provides it.
public protocol PersonRepository: Sendable {
    /// People of `client`, or of all tenants, by external id; at most `limit`, from `offset`.
    func people(of client: ClientID?, limit: Int, offset: Int) async throws(EdgeError) -> [PersonRecord]
    /// One person by external id.
    func person(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonRecord?
    /// Removes a person with all templates and writes the audit line. Throws `person.unknown`.
    func removePerson(externalID: String, of client: ClientID) async throws(EdgeError) -> PersonID
    /// How many people are enrolled, all tenants.
    func peopleCount() async throws(EdgeError) -> Int
}

/// The API clients.
///
/// `Store` provides it.
public protocol ClientRepository: Sendable {
    /// Makes a client with fresh credentials and writes the audit line.
    ///
    /// Throws `client.exists`.
    func createClient(name: String) async throws(EdgeError) -> ClientCredentials
    /// All clients, oldest first.
    func clients() async throws(EdgeError) -> [ClientRecord]
    /// A client by id, active or not.
    func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord?
    /// The active client that these credentials belong to.
    ///
    /// Takes the same time for a wrong key as for a wrong secret; writes the audit line either way. Throws `credentials.invalid`.
    func authenticate(apiKey: String, apiSecret: String) async throws(EdgeError) -> ClientRecord
    /// The active client of an API key alone; `nil` when there is none.
    func client(apiKey: String) async throws(EdgeError) -> ClientRecord?
    /// Deactivates a client. Throws `client.unknown`.
    func deactivateClient(publicID: String) async throws(EdgeError) -> ClientRecord
}

/// The audit trail.
///
/// `Store` provides it.
public protocol AuditTrail: Sendable {
    /// Appends a line in a transaction of its own, for acts that change nothing else.
    func append(_ record: AuditRecord) async throws(EdgeError)
    /// The newest lines, newest first.
    func newest(_ limit: Int) async throws(EdgeError) -> [AuditRecord]
}
