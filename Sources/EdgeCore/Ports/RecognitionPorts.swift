/// Which session a caller means.
public enum SessionLookup: Sendable, Hashable {
    /// By the bearer token that creation returned.
    case token(SessionToken)
    /// By our id.
    case id(SessionID)
}

/// Enrollment and authentication sessions.
///
/// `Recognition` provides it.
public protocol RecognitionSessions: Sendable {
    /// Opens a session and, for camera sessions, starts to feed it.
    ///
    /// An unknown `externalUserID` in a verification is not an error: the session ends like any other that finds no match.
    /// Throws `session.limit`, `session.locked_out`, `liveness.unavailable`, `liveness.infrared.unavailable`,
    /// `capture.camera.unknown`, `request.invalid` for an infrared camera; for an enrollment
    /// `person.unknown` (a deactivated user) and `quota.reached`; store errors.
    func open(_ request: SessionRequest) async throws(EdgeError) -> SessionSnapshot

    /// Analyses one uploaded picture and moves the session on; the outcome is on disk before this returns.
    ///
    /// Throws `session.unknown` (also for another tenant's), `session.expired`, `session.closed`,
    /// `session.source_mismatch`, `request.limited` while earlier pictures wait, and the errors of ``ImageDecoder``; then
    /// the session stays as it was. A verification whose user was locked meanwhile ends as one that recognised nobody.
    func submit(
        _ picture: [UInt8], to lookup: SessionLookup, of client: ClientID
    ) async throws(EdgeError) -> FrameAnswer

    /// The session as it stands, open or ended.
    func session(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot

    /// The tenant of the session that a token names; the token is all that its bearer has to show.
    ///
    /// Throws `session.unknown`.
    func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID

    /// Ends an open session without a decision.
    func cancel(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionSnapshot

    /// The session's frame answers from now on; the first element is the present state, the stream ends with the session.
    ///
    /// A slow reader gets the newest answer, and always the last one.
    func answers(
        of lookup: SessionLookup, client: ClientID
    ) async throws(EdgeError) -> AsyncStream<FrameAnswer>
}
