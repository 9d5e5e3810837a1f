public import FoundationEssentials
import Synchronization

/// Sessions on disk.
///
/// `Store` provides it; every method is one transaction.
public protocol SessionRepository: Sendable {
    /// Records a new session with its audit line.
    ///
    /// The token is stored as a keyed digest only. Throws `person.unknown` for the enrollment of a deactivated person,
    /// and `quota.reached` for that of somebody new where the client has as many users as it may.
    func begin(_ session: SessionSnapshot) async throws(EdgeError)

    /// Records the end of a session: state, templates, person, lock-out and audit line in one transaction.
    ///
    /// Returns the person enrolled, for an enrollment that was completed. Throws `session.closed` when the session had
    /// already ended, `person.unknown` when its person was removed or deactivated meanwhile, `quota.reached` for one
    /// person too many, and `session.locked_out` for a verification that succeeded while its claimed user is locked:
    /// nothing is recorded then.
    func finish(_ outcome: SessionOutcome) async throws(EdgeError) -> GalleryRecord?

    /// A session as last recorded; `nil` when this tenant has none like it.
    func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot?

    /// One page of a tenant's sessions as last recorded, newest first.
    func sessions(
        of client: ClientID, _ filter: SessionFilter, page: PageRequest
    ) async throws(EdgeError) -> PageOf<SessionSnapshot>

    /// The tenant of the session that a token names; `nil` when there is none.
    func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID?

    /// Ends all sessions that a restart left open, as `cancelled`; returns how many.
    func cancelOpenSessions(at: Date) async throws(EdgeError) -> Int

    /// Until when verification of this claimed user is locked; `nil` when it is not.
    func lockedUntil(externalUserID: String, of client: ClientID) async throws(EdgeError) -> Date?
}

/// The enrolled people with their templates.
///
/// `Store` provides it.
public protocol TemplateRepository: Sendable {
    /// Hands all people of one tenant, or of every tenant, to `take`, unsealed, for the gallery in memory.
    ///
    /// Only templates of `model`, and only who has one; of every model without it. In parts and in order, one call at a
    /// time, so that nobody holds all templates at once; every call has returned when this returns. `take` runs on the
    /// repository's own threads and must not wait for anything.
    func readGallery(
        of client: ClientID?, model: ModelVersion?, _ take: @escaping @Sendable ([GalleryRecord]) -> Void
    ) async throws(EdgeError)
    /// One person as they may be recognised now; `nil` when they may not, or are gone.
    func galleryRecord(of person: PersonID) async throws(EdgeError) -> GalleryRecord?
    /// Whether the client may use the device now.
    func mayUseDevice(_ client: ClientID) async throws(EdgeError) -> Bool
}

extension TemplateRepository {
    /// All people of one tenant, or of every tenant, at once; for a few people.
    public func gallery(
        of client: ClientID? = nil, model: ModelVersion? = nil
    ) async throws(EdgeError) -> [GalleryRecord] {
        let all = Mutex<[GalleryRecord]>([])
        try await readGallery(of: client, model: model) { part in all.withLock { $0 += part } }
        return all.withLock { $0 }
    }
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
