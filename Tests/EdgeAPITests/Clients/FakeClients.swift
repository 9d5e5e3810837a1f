import EdgeCore
import FoundationEssentials
import Synchronization

/// Clients in memory with plain secrets: `frapi_NAME` and `secret-of-NAME`.
final class FakeClients: ClientRepository {
    struct Held {
        var client: ClientRecord
        var key: String
        var secret: String
    }

    private struct State {
        var held: [Held] = []
        var made = 0
        var checks = 0
    }

    private let state: Mutex<State>

    init(_ names: [String]) {
        let held = names.enumerated().map { number, name in
            let client = ClientRecord(
                id: ClientID(), publicID: number == 0 ? "FR_0123456789ABCDEF" : "FR_000000000000000\(number)",
                name: name, isActive: true, createdAt: Date(timeIntervalSince1970: 1_799_000_000))
            return Held(client: client, key: "frapi_\(name)", secret: "secret-of-\(name)")
        }
        state = Mutex(State(held: held))
    }

    /// The client of a name.
    func named(_ name: String) -> ClientRecord? {
        state.withLock { state in state.held.first { $0.client.name == name }?.client }
    }

    /// How often a secret was checked.
    var checks: Int { state.withLock { $0.checks } }

    /// Changes a client behind the API's back.
    func edit(_ name: String, _ change: (inout ClientRecord) -> Void) {
        state.withLock { state in
            for index in state.held.indices where state.held[index].client.name == name {
                change(&state.held[index].client)
            }
        }
    }

    /// Takes a client's right away.
    func deactivate(_ name: String) { edit(name) { $0.status = .inactive } }

    func clients() async throws(EdgeError) -> [ClientRecord] { state.withLock { $0.held.map(\.client) } }

    func client(_ id: ClientID) async throws(EdgeError) -> ClientRecord? {
        state.withLock { state in state.held.first { $0.client.id == id }?.client }
    }

    func client(apiKey: String) async throws(EdgeError) -> ClientRecord? {
        state.withLock { state in state.held.first { $0.key == apiKey && $0.client.isActive }?.client }
    }

    func check(_ claim: ClientClaim) async throws(EdgeError) -> CredentialCheck {
        state.withLock { state in
            state.checks += 1
            let found = state.held.first { held in
                switch claim.name {
                case .apiKey(let key): held.key == key
                case .id(let id): held.client.id == id
                }
            }
            guard let found else { return .refused(nil) }
            let isRight = found.secret == claim.apiSecret && found.client.isActive
            return isRight ? .accepted(found.client) : .refused(found.client.id)
        }
    }

    func createClient(_ draft: ClientDraft) async throws(EdgeError) -> ClientCredentials {
        let made = state.withLock { state -> Held? in
            guard !state.held.contains(where: { $0.client.name == draft.name }) else { return nil }
            state.made += 1
            var client = ClientRecord(
                id: ClientID(), publicID: "FR_00000000000001\(state.made)", name: draft.name, scope: draft.scope,
                status: draft.status, tier: draft.tier, createdAt: Date(timeIntervalSince1970: 1_799_000_000))
            if let features = draft.features { client.features = features }
            client.rateLimit = draft.rateLimit
            client.profile = draft.profile
            let held = Held(client: client, key: "frapi_\(draft.name)", secret: "secret-of-\(draft.name)")
            state.held.append(held)
            return held
        }
        guard let made else { throw EdgeError(.clientExists) }
        return ClientCredentials(
            client: made.client, apiKey: Redacted(made.key), apiSecret: Redacted(made.secret),
            webhookSecret: Redacted("whsec_\(draft.name)"))
    }

    func updateClient(
        _ id: ClientID, _ change: @escaping @Sendable (inout ClientRecord) throws(EdgeError) -> Void
    ) async throws(EdgeError) -> ClientRecord {
        let result = state.withLock { state -> Result<ClientRecord, EdgeError> in
            guard let index = state.held.firstIndex(where: { $0.client.id == id }) else {
                return .failure(EdgeError(.clientUnknown))
            }
            let old = state.held[index].client
            var new = old
            do throws(EdgeError) { try change(&new) } catch { return .failure(error) }
            guard !state.held.contains(where: { $0.client.name == new.name && $0.client.id != id }) else {
                return .failure(EdgeError(.clientExists))
            }
            if new.scope != old.scope || (old.isActive && !new.isActive) { new.tokenEpoch += 1 }
            state.held[index].client = new
            return .success(new)
        }
        return try result.get()
    }

    func deleteClient(_ id: ClientID) async throws(EdgeError) {
        let isThere = state.withLock { state in
            let count = state.held.count
            state.held.removeAll { $0.client.id == id }
            return state.held.count < count
        }
        guard isThere else { throw EdgeError(.clientUnknown) }
    }

    func resetSecrets(
        _ secrets: Set<ClientSecret>, of id: ClientID
    ) async throws(EdgeError) -> [ClientSecret: Redacted<String>] {
        let made = state.withLock { state -> [ClientSecret: Redacted<String>]? in
            guard let index = state.held.firstIndex(where: { $0.client.id == id }) else { return nil }
            state.made += 1
            var made: [ClientSecret: Redacted<String>] = [:]
            for secret in secrets { made[secret] = Redacted("\(secret.rawValue)-\(state.made)") }
            if let key = made[.apiKey] { state.held[index].key = key.reveal() }
            if let secret = made[.apiSecret] { state.held[index].secret = secret.reveal() }
            if made.keys.contains(where: { $0 != .webhookSecret }) { state.held[index].client.tokenEpoch += 1 }
            return made
        }
        guard let made else { throw EdgeError(.clientUnknown) }
        return made
    }

    func userCounts(of client: ClientID) async throws(EdgeError) -> UserCounts {
        UserCounts(users: 3, enrolled: 2, active: 1)
    }

    func noteActivity(of client: ClientID) async {
        state.withLock { state in
            for index in state.held.indices where state.held[index].client.id == client {
                state.held[index].client.lastActivityAt = Date(timeIntervalSince1970: 1_800_000_000)
            }
        }
    }
}
