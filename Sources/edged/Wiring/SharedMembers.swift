import Central
import EdgeCore
import Store

/// The clients of a central instance that shares its fleet with others: members that one of them let in are known to all.
///
/// What a member shows when it logs in is held against the fleet's database, where each instance keeps the digests of what
/// it gave out; then the member is a client here as well. Every other client is this instance's own.
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
        guard let member = try await desk.member(apiKey: key, apiSecret: secret) else {
            // What a member was given before it got new credentials elsewhere is not good any more.
            if case .accepted(let client) = own { return .refused(client.id) }
            return own
        }
        if case .accepted = own { return own }
        let client = try await store.adoptMember(
            member.client, name: member.name, apiKey: Redacted(key), apiSecret: secret)
        return client.isActive ? .accepted(client) : .refused(client.id)
    }

    func resetSecrets(
        _ secrets: Set<ClientSecret>, of id: ClientID
    ) async throws(EdgeError) -> [ClientSecret: Redacted<String>] {
        let made = try await store.resetSecrets(secrets, of: id)
        if let client = try await store.client(id), client.scope == .device, let key = made[.apiKey],
            let secret = made[.apiSecret]
        {
            try await desk.keepCredentials(of: id, name: client.name, apiKey: key, apiSecret: secret)
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
    func deleteClient(_ id: ClientID) async throws(EdgeError) { try await store.deleteClient(id) }
    func noteActivity(of client: ClientID) async { await store.noteActivity(of: client) }

    func updateClient(
        _ id: ClientID, _ change: @escaping @Sendable (inout ClientRecord) throws(EdgeError) -> Void
    ) async throws(EdgeError) -> ClientRecord {
        try await store.updateClient(id, change)
    }
}
