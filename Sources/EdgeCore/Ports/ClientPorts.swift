/// The API clients.
///
/// `Store` provides it. They are few, so whatever only reads is answered from memory.
public protocol ClientRepository: Sendable {
    /// Makes a client with fresh credentials and writes the audit line.
    ///
    /// Throws `client.exists`, and `request.invalid` for a name without 1 to 200 characters.
    func createClient(_ draft: ClientDraft) async throws(EdgeError) -> ClientCredentials
    /// All clients, oldest first.
    func clients() async throws(EdgeError) -> [ClientRecord]
    /// A client by id, active or not.
    func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord?
    /// The active client of an API key alone; `nil` when there is none.
    func client(apiKey: String) async throws(EdgeError) -> ClientRecord?
    /// Checks a secret.
    ///
    /// Takes the same steps for an unknown name as for a wrong secret.
    func check(_ claim: ClientClaim) async throws(EdgeError) -> CredentialCheck
    /// Changes a client in one transaction with its audit line.
    ///
    /// All tokens end at once when the change takes the client's right away or gives it another scope. What `change` throws
    /// is thrown, and nothing is changed then; so are `client.unknown`, `client.exists`, and `client.elsewhere` for what is
    /// changed where the client is kept.
    func updateClient(
        _ id: ClientID, _ change: @escaping @Sendable (inout ClientRecord) throws(EdgeError) -> Void
    ) async throws(EdgeError) -> ClientRecord
    /// Removes a client with all that is its own: people, templates, sessions, tokens, events. Audit lines stay.
    ///
    /// Throws `client.unknown`, `client.elsewhere`.
    func deleteClient(_ id: ClientID) async throws(EdgeError)
    /// Makes secrets anew; all tokens end at once with a new key or secret. The new ones are shown once.
    ///
    /// Throws `client.unknown`, `client.elsewhere`.
    func resetSecrets(
        _ secrets: Set<ClientSecret>, of id: ClientID
    ) async throws(EdgeError) -> [ClientSecret: Redacted<String>]
    /// How many users a client has.
    func userCounts(of client: ClientID) async throws(EdgeError) -> UserCounts
    /// Notes that a client's credentials were used now.
    ///
    /// Kept in memory and written down every few minutes: never a reason for a request to fail.
    func noteActivity(of client: ClientID) async
}

extension ClientRepository {
    /// Makes an integrator with everything that a device offers.
    public func createClient(name: String) async throws(EdgeError) -> ClientCredentials {
        try await createClient(ClientDraft(name: name))
    }

    /// Takes a client's right away; all its tokens end at once.
    ///
    /// Throws `client.unknown`.
    public func deactivateClient(publicID: String) async throws(EdgeError) -> ClientRecord {
        guard let client = try await clients().first(where: { $0.publicID == publicID }) else {
            throw EdgeError(.clientUnknown)
        }
        return try await updateClient(client.id) { client throws(EdgeError) in client.status = .inactive }
    }
}
