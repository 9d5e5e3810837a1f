import EdgeCore
import HTTPTypes
import Hummingbird

/// The clients of the device: each sees and changes its own record, an administrator all of them.
struct ClientRoutes: Sendable {
    let services: APIServices

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.list, list)
        routes.add(Self.create, create)
        routes.add(Self.retrieve) { call in .json(ClientBody.resource(try await visible(call))) }
        routes.add(Self.update, update)
        routes.add(Self.partialUpdate, update)
        routes.add(Self.destroy, destroy)
        routes.add(Self.stats, stats)
        routes.add(Self.reset, reset)
        routes.add(Self.info) { call in .json(try await info(of: try call.client())) }
    }

    private func list(_ call: APICall) async throws -> Response {
        let all = call.isAdmin ? try await services.clients.clients().reversed() : [try call.client()]
        return .json(try Page.body(PageOf(call.page, of: Array(all)), of: call, ClientBody.resource))
    }

    private func create(_ call: APICall) async throws -> Response {
        var draft = ClientDraft(name: try call.body.requiredText("name"))
        let rights = ClientRights(call.body, over: ClientRights(tier: .basic))
        draft.scope = rights.scope
        draft.status = rights.status
        draft.tier = rights.tier
        draft.features = rights.features
        draft.rateLimit = rights.rateLimit
        draft.profile.take(call.body)
        return .json(ClientBody.created(try await services.clients.createClient(draft)), status: .created)
    }

    private func update(_ call: APICall) async throws -> Response {
        let before = try await visible(call)
        let body = call.body
        let isAdmin = call.isAdmin
        let isOwn = before.id == call.caller.client?.id
        let after = try await services.clients.updateClient(before.id) { client throws(EdgeError) in
            let present = ClientRights(client)
            let wanted = ClientRights(body, over: present)
            guard isAdmin || wanted == present else {
                throw EdgeError(.credentialsForbidden, "Only an administrator changes what a client may do.")
            }
            if isOwn, wanted.scope != present.scope || !wanted.status.mayAuthenticate { throw EdgeError(.clientSelf) }
            wanted.apply(to: &client)
            if let name = body.text("name") { client.name = name }
            client.profile.take(body)
        }
        if !after.isActive {
            await services.live.clientDeactivated(after.id)
        } else if !before.isActive {
            await services.live.clientActivated(after.id)
        }
        return .json(ClientBody.resource(after))
    }

    /// Shut out first, then emptied: nothing of the client comes to be while it goes.
    private func destroy(_ call: APICall) async throws -> Response {
        let client = try await visible(call)
        guard client.id != call.caller.client?.id else { throw EdgeError(.clientSelf) }
        _ = try await services.clients.updateClient(client.id) { client throws(EdgeError) in client.status = .inactive }
        await services.live.clientDeactivated(client.id)
        try await services.clients.deleteClient(client.id)
        return Response(status: .noContent)
    }

    private func reset(_ call: APICall) async throws -> Response {
        let client = try await visible(call)
        let wanted: [(String, ClientSecret)] = [
            ("reset_api_key", .apiKey), ("reset_secret_key", .apiSecret), ("reset_webhook_secret", .webhookSecret),
        ]
        let chosen = wanted.filter { call.body.flag($0.0) == true }.map(\.1)
        let made = try await services.clients.resetSecrets(Set(chosen), of: client.id)
        var credentials = JSONObject()
        for secret in chosen {
            credentials[secret.rawValue] = .text(made[secret]?.reveal())
            if secret == .apiSecret { credentials["secret_key"] = credentials[secret.rawValue] }
        }
        return .json([
            "message": "Credentials reset. Keep them now: they cannot be shown again.",
            "credentials": .object(credentials),
        ])
    }

    /// The client in the path; another's does not exist for anybody but an administrator.
    func visible(_ call: APICall) async throws(EdgeError) -> ClientRecord {
        let id: ClientID = try call.id(orElse: .clientUnknown)
        let caller = try call.client()
        guard caller.id == id || caller.scope == .admin, let client = try await services.clients.client(id) else {
            throw EdgeError(.clientUnknown)
        }
        return client
    }
}

extension APICall {
    var isAdmin: Bool { caller.scope == .admin }
}

/// What a client may do: what only an administrator changes.
private struct ClientRights: Equatable {
    var scope: ClientScope
    var status: ClientStatus
    var tier: ClientTier
    var features: ClientFeatures
    var rateLimit: RateLimit

    init(tier: ClientTier) {
        (scope, status, rateLimit) = (.integrator, .active, .standard)
        self.tier = tier
        features = tier.features
    }

    init(_ client: ClientRecord) {
        (scope, status, tier) = (client.scope, client.status, client.tier)
        (features, rateLimit) = (client.features, client.rateLimit)
    }

    /// What `body` says, and what it does not say as in `present`.
    init(_ body: Fields, over present: ClientRights) {
        self = present
        if let word = body.text("scope").flatMap(ClientScope.init) { scope = word }
        if let word = body.text("status").flatMap(ClientStatus.init) { status = word }
        if let word = body.text("tier").flatMap(ClientTier.init) { tier = word }
        // Features that were never changed follow the tier.
        if present.features == present.tier.features { features = tier.features }
        if let members = body.object("features") { features.take(Fields(values: members)) }
        rateLimit.perHour = body.integer("rate_limit_per_hour") ?? rateLimit.perHour
        rateLimit.perDay = body.integer("rate_limit_per_day") ?? rateLimit.perDay
    }

    func apply(to client: inout ClientRecord) {
        (client.scope, client.status, client.tier) = (scope, status, tier)
        (client.features, client.rateLimit) = (features, rateLimit)
    }
}

extension ClientFeatures {
    fileprivate mutating func take(_ members: Fields) {
        enrollment = members.flag("enrollment") ?? enrollment
        recognition = members.flag("recognition") ?? recognition
        livenessDetection = members.flag("liveness_detection") ?? livenessDetection
        antiSpoofing = members.flag("anti_spoofing") ?? antiSpoofing
        batchProcessing = members.flag("batch_processing") ?? batchProcessing
        analytics = members.flag("analytics") ?? analytics
        webhookEvents = members.texts("webhook_events") ?? webhookEvents
        maximumUsers = members.integer("max_users_per_client") ?? maximumUsers
        maximumTemplatesPerUser = members.integer("max_embeddings_per_user") ?? maximumTemplatesPerUser
    }
}

extension ClientProfile {
    /// Takes what was sent; `null` takes something away.
    fileprivate mutating func take(_ body: Fields) {
        if let text = body.text("description") { about = text }
        if body.has("domain") { domain = body.text("domain") }
        if body.has("webhook_url") { webhookURL = body.text("webhook_url") }
        if let domains = body.texts("allowed_domains") { allowedDomains = domains }
        if body.has("contact_email") { contactEmail = body.text("contact_email") }
        if body.has("contact_name") { contactName = body.text("contact_name") }
        if let text = body.objectText("metadata") { metadataJSON = text }
    }
}
