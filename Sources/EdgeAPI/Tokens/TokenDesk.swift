import EdgeCore
import FoundationEssentials

/// Gives tokens out, takes them back, and knows which of them still hold.
struct TokenDesk: Sendable {
    let issuer: TokenIssuer
    let families: any TokenRepository
    let clients: any ClientRepository
    let clock: any EdgeClock
    let accessLifetime: Duration
    let refreshLifetime: Duration

    /// What a log-in gives.
    struct Pair: Sendable {
        let access: IssuedToken
        let refresh: IssuedToken
    }

    /// Why a credential was not taken, and whose it is where that is known: for the audit trail.
    struct Refusal: Error {
        let error: EdgeError
        var client: ClientID?
    }

    /// The first pair of a new family, recorded as a log-in.
    func logIn(_ client: ClientRecord) async throws(EdgeError) -> Pair {
        let family = TokenFamilyID()
        let pair = try await pair(for: client, family)
        try await families.beginFamily(
            TokenFamily(id: family, client: client.id, expiresAt: pair.refresh.expiresAt), refreshID: pair.refresh.id)
        return pair
    }

    /// The next pair for a refresh token, which is good for nothing afterwards.
    ///
    /// `admit` may still refuse; then the token stays good.
    func refresh(
        _ token: String, admit: (ClientRecord) async throws(EdgeError) -> Void
    ) async throws(Refusal) -> (client: ClientRecord, pair: Pair) {
        let claims = try await holding(token, use: .refresh)
        guard case .client(let client) = claims.caller else { throw Refusal(error: EdgeError(.credentialsInvalid)) }
        do throws(EdgeError) {
            try await admit(client)
            let pair = try await pair(for: client, claims.claims.family)
            try await families.rotate(
                TokenFamily(id: claims.claims.family, client: client.id, expiresAt: pair.refresh.expiresAt),
                from: claims.claims.id, to: pair.refresh.id)
            return (client, pair)
        } catch {
            throw Refusal(error: error, client: client.id)
        }
    }

    /// Whose token this is, if it still holds.
    ///
    /// A token outlives its client's deactivation, a reset of its secrets and its own family's end; the right does not.
    func holding(_ token: String, use: TokenUse) async throws(Refusal) -> (claims: TokenIssuer.Claims, caller: Caller) {
        let claims: TokenIssuer.Claims
        do throws(EdgeError) {
            claims = try await issuer.read(token)
            guard claims.use == use else { throw EdgeError(.credentialsInvalid, "Invalid JWT token") }
        } catch {
            throw Refusal(error: error)
        }
        do throws(EdgeError) {
            guard clock.wall < claims.expiresAt else { throw EdgeError(.credentialsExpired, "JWT token expired") }
            guard try await !families.isRevoked(claims.family) else { throw EdgeError(.credentialsRevoked) }
            return (claims, try await caller(of: claims))
        } catch {
            throw Refusal(error: error, client: claims.client)
        }
    }

    /// What a token says if it still holds, of either use; a refresh token that was used does not.
    func verify(_ token: String) async throws(Refusal) -> (claims: TokenIssuer.Claims, caller: Caller) {
        let use: TokenUse
        do throws(EdgeError) { use = try await issuer.read(token).use } catch { throw Refusal(error: error) }
        let found = try await holding(token, use: use)
        guard use == .refresh else { return found }
        do throws(EdgeError) {
            guard try await families.isCurrent(found.claims.family, refreshID: found.claims.id) else {
                throw EdgeError(.credentialsRevoked)
            }
        } catch {
            throw Refusal(error: error, client: found.claims.client)
        }
        return found
    }

    /// Ends the family of a token of ours, also of one that is dead already.
    func revoke(_ token: String) async throws(EdgeError) {
        let claims = try await issuer.read(token)
        // A client that is gone took its families along.
        if let client = claims.client, try await clients.client(client) == nil { return }
        let end = max(claims.expiresAt, clock.wall.addingTimeInterval(Double(refreshLifetime.components.seconds)))
        try await families.revokeFamily(TokenFamily(id: claims.family, client: claims.client, expiresAt: end))
    }

    private func caller(of claims: TokenIssuer.Claims) async throws(EdgeError) -> Caller {
        guard let id = claims.client else { return .technician }
        guard let client = try await clients.client(id), client.isActive else {
            throw EdgeError(.credentialsInvalid, "Invalid client")
        }
        guard claims.epoch == client.tokenEpoch, claims.scope == client.scope else {
            throw EdgeError(.credentialsRevoked)
        }
        return .client(client)
    }

    private func pair(for client: ClientRecord, _ family: TokenFamilyID) async throws(EdgeError) -> Pair {
        Pair(
            access: try await issuer.issue(.access, for: client, family: family, lifetime: accessLifetime),
            refresh: try await issuer.issue(.refresh, for: client, family: family, lifetime: refreshLifetime))
    }
}
