import Central
import EdgeCore
import Store

/// The clients of a central instance: members that one of several instances let in are known to all.
///
/// Each instance keeps the digests of what it gave out in the fleet's books. Where others share them, what a member shows
/// when it logs in is held against the books; then the member is a client here as well. Every other client is this
/// instance's own. An instance that has its books in a file alone goes by its own store, and keeps the digests for the day
/// on which they move to PostgreSQL.
struct SharedMembers: ClientRepository {
    let store: EdgeStore
    let desk: FleetDesk

    func createClient(_ draft: ClientDraft) async throws(EdgeError) -> ClientCredentials {
        let made = try await store.createClient(draft)
        if made.client.scope == .device {
            try await desk.keepCredentials(
                of: made.client.id, name: made.client.name, apiKey: made.apiKey, apiSecret: made.apiSecret)
        }
        return made
    }

    func check(_ claim: ClientClaim) async throws(EdgeError) -> CredentialCheck {
        let own = try await store.check(claim)
        if case .accepted(let client) = own, client.scope != .device { return own }
        guard case .apiKey(let key) = claim.name else { return own }
        let secret = Redacted(claim.apiSecret)
        let member = try await desk.member(apiKey: key, apiSecret: secret)
        if case .accepted(let client) = own {
            guard member == nil else { return own }
            return try await unlisted(client, apiKey: Redacted(key), apiSecret: secret)
        }
        guard let member else { return own }
        guard desk.isShared else {
            // What the store does not take any more is not carried to PostgreSQL.
            try await desk.forgetCredentials(of: member.client)
            return own
        }
        let client = try await store.adoptMember(
            member.client, name: member.name, apiKey: Redacted(key), apiSecret: secret)
        return client.isActive ? .accepted(client) : .refused(client.id)
    }

    /// Answers a member whose credentials are good here and not in the books.
    private func unlisted(
        _ client: ClientRecord, apiKey: Redacted<String>, apiSecret: Redacted<String>
    ) async throws(EdgeError) -> CredentialCheck {
        // What a member was given before it got new credentials elsewhere is not good any more. What it was given by a version
        // that kept no digests in a file is.
        if desk.isShared, try await !desk.lacksCredentials(of: client.id) { return .refused(client.id) }
        try await desk.keepCredentials(of: client.id, name: client.name, apiKey: apiKey, apiSecret: apiSecret)
        return .accepted(client)
    }

    func resetSecrets(
        _ secrets: Set<ClientSecret>, of id: ClientID
    ) async throws(EdgeError) -> [ClientSecret: Redacted<String>] {
        let made = try await store.resetSecrets(secrets, of: id)
        guard let client = try await store.client(id), client.scope == .device else { return made }
        switch (made[.apiKey], made[.apiSecret]) {
        case (let key?, let secret?):
            try await desk.keepCredentials(of: id, name: client.name, apiKey: key, apiSecret: secret)
        case (let key, let secret):
            try await desk.changeCredentials(of: id, apiKey: key, apiSecret: secret)
        }
        return made
    }

    // MARK: This instance's own

    func clients() async throws(EdgeError) -> [ClientRecord] { try await store.clients() }
    func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord? { try await store.client(id) }
    func client(apiKey: String) async throws(EdgeError) -> ClientRecord? { try await store.client(apiKey: apiKey) }
    func userCounts(of client: ClientID) async throws(EdgeError) -> UserCounts {
        try await store.userCounts(of: client)
    }
    func deleteClient(_ id: ClientID) async throws(EdgeError) {
        try await store.deleteClient(id)
        if !desk.isShared { try await desk.forgetCredentials(of: id) }
    }
    func noteActivity(of client: ClientID) async { await store.noteActivity(of: client) }

    func updateClient(
        _ id: ClientID, _ change: @escaping @Sendable (inout ClientRecord) throws(EdgeError) -> Void
    ) async throws(EdgeError) -> ClientRecord {
        try await store.updateClient(id, change)
    }
}
