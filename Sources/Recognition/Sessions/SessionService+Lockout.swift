import EdgeCore
import FoundationEssentials

/// Lock-outs that come while a session is open: opening many sessions beforehand gives no more guesses.
extension SessionService {
    /// Only verification can be locked: it alone names a user to guess at.
    func checkLock(_ request: SessionRequest) async throws(EdgeError) {
        guard request.kind == .verification, let user = request.externalUserID,
            let rest = try await restOfLock(user, of: request.client)
        else { return }
        throw EdgeError(.sessionLockedOut, retryAfter: rest)
    }

    /// Whether the session's claimed user is locked now.
    func isLocked(_ id: SessionID) async throws(EdgeError) -> Bool {
        guard let snapshot = live[id]?.snapshot, snapshot.kind == .verification, let user = snapshot.externalUserID
        else { return false }
        return try await restOfLock(user, of: snapshot.client) != nil
    }

    /// Ends a session of a locked user like any other that recognises nobody.
    func endLocked(_ id: SessionID) async throws(EdgeError) -> FrameAnswer {
        let now = clock.wall
        return try await settle(id) { session in
            session.failAsLocked(at: now)
            return FrameAnswer(session: session.snapshot, accepted: false, reason: .notRecognized)
        }
    }

    private func restOfLock(_ user: String, of client: ClientID) async throws(EdgeError) -> Duration? {
        guard let until = try await repository.lockedUntil(externalUserID: user, of: client) else { return nil }
        let seconds = until.timeIntervalSince(clock.wall)
        return seconds > 0 ? .seconds(seconds) : nil
    }
}

extension LiveSession {
    /// The end of a verification whose user is locked: nothing of it tells how well the face matched.
    mutating func failAsLocked(at now: Date) {
        isLockedOut = true
        snapshot.close(.failed, .notRecognized, at: now)
        snapshot.matchedPerson = nil
        snapshot.similarityScore = nil
        snapshot.livenessScore = nil
        snapshot.livenessVerified = false
    }
}
