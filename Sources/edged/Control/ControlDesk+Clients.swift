import EdgeCore
import FoundationEssentials
import Recognition

extension ControlDesk {
    func createClient(_ arguments: Control.ClientDraft) async throws(EdgeError) -> Control.Client {
        var draft = ClientDraft(name: arguments.name.trimmingASCIIWhitespace)
        if let scope = arguments.scope { draft.scope = scope }
        if let tier = arguments.tier { draft.tier = tier }
        let made = try await store.createClient(draft)
        return Control.Client(
            made.client,
            [.apiKey: made.apiKey, .apiSecret: made.apiSecret, .webhookSecret: made.webhookSecret])
    }

    func listClients(_: Control.Nothing) async throws(EdgeError) -> Control.Clients {
        Control.Clients(clients: try await store.clients().map { Control.Client($0) })
    }

    func activateClient(_ arguments: Control.Name) async throws(EdgeError) -> Control.Client {
        let client = try await setStatus(.active, of: arguments.name)
        await sessions?.clientActivated(client.id)
        return Control.Client(client)
    }

    func deactivateClient(_ arguments: Control.Name) async throws(EdgeError) -> Control.Client {
        let client = try await setStatus(.inactive, of: arguments.name)
        await sessions?.clientDeactivated(client.id)
        return Control.Client(client)
    }

    func setClient(_ arguments: Control.ClientChange) async throws(EdgeError) -> Control.Client {
        guard arguments.scope != nil || arguments.tier != nil else {
            throw EdgeError(.requestInvalid, "say what to change: --scope or --tier")
        }
        let known = try await tenant(arguments.name)
        guard known.scope != .device, arguments.scope != .device else {
            throw EdgeError(.requestInvalid, "members of the fleet are made by provisioning, and stay what they are")
        }
        let changed = try await store.updateClient(known.id) { client throws(EdgeError) in
            if let scope = arguments.scope { client.scope = scope }
            if let tier = arguments.tier {
                client.tier = tier
                client.features = tier.features
            }
        }
        return Control.Client(changed)
    }

    func resetClient(_ arguments: Control.ClientReset) async throws(EdgeError) -> Control.Client {
        var wanted: Set<ClientSecret> = []
        if arguments.key { wanted.insert(.apiKey) }
        if arguments.secret { wanted.insert(.apiSecret) }
        if arguments.webhookSecret { wanted.insert(.webhookSecret) }
        guard !wanted.isEmpty else {
            throw EdgeError(.requestInvalid, "say what to make anew: --key, --secret or --webhook-secret")
        }
        let client = try await tenant(arguments.name)
        return Control.Client(client, try await store.resetSecrets(wanted, of: client.id))
    }

    private func setStatus(_ status: ClientStatus, of name: String) async throws(EdgeError) -> ClientRecord {
        try await store.updateClient(try await tenant(name).id) { client throws(EdgeError) in client.status = status }
    }
}

extension Control.Client {
    init(_ record: ClientRecord, _ secrets: [ClientSecret: Redacted<String>] = [:]) {
        id = record.id.description
        clientId = record.publicID
        name = record.name
        scope = record.scope
        status = record.status
        tier = record.tier
        isActive = record.isActive
        createdAt = record.createdAt
        apiKey = secrets[.apiKey]?.reveal()
        apiSecret = secrets[.apiSecret]?.reveal()
        webhookSecret = secrets[.webhookSecret]?.reveal()
    }
}
