public import EdgeCore

/// Finding a session, for its own tenant only.
extension SessionService {
    /// The tenant of the session that a token names; the token is all that its bearer has to show.
    public func tenant(of token: SessionToken) async throws(EdgeError) -> ClientID {
        if let id = idOfToken[token], let session = live[id] { return session.snapshot.client }
        guard let stored = try await repository.tenant(of: token) else { throw EdgeError(.sessionUnknown) }
        return stored
    }

    /// The session in memory that the tenant means; another tenant's is as unknown as one that never was.
    func liveID(_ lookup: SessionLookup, of client: ClientID) -> SessionID? {
        let found: SessionID? =
            switch lookup {
            case .id(let id): id
            case .token(let token): idOfToken[token]
            }
        guard let found, live[found]?.snapshot.client == client else { return nil }
        return found
    }

    /// An open session that the tenant means.
    ///
    /// Throws `session.unknown`, `session.expired`, `session.closed`.
    func openID(_ lookup: SessionLookup, of client: ClientID) async throws(EdgeError) -> SessionID {
        guard let id = liveID(lookup, of: client) else {
            guard let stored = try await repository.session(lookup, of: client) else {
                throw EdgeError(.sessionUnknown)
            }
            throw closedError(stored.state)
        }
        await expireIfDue(id)
        guard let session = live[id] else { throw EdgeError(.sessionClosed) }
        guard session.isOpen else { throw closedError(session.snapshot.state) }
        // Its end could not be recorded yet, and it is over all the same.
        guard clock.instant < session.deadline else { throw EdgeError(.sessionExpired) }
        return id
    }
}
