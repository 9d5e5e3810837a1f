import EdgeCore
import HTTPTypes
import Hummingbird

/// Credentials in, tokens out; tokens renewed, looked at and ended.
struct AuthRoutes: Sendable {
    let services: APIServices
    let gate: RequestGate

    private var tokens: TokenDesk { gate.authenticator.tokens }

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.logIn, logIn)
        routes.add(Self.refreshing, refresh)
        routes.add(Self.verifying, verify)
        routes.add(Self.revoking, revoke)
        routes.add(Self.user, user)
    }

    // MARK: Log-in

    private func logIn(_ call: APICall) async throws -> Response {
        let secret = try call.body.requiredText("api_secret")
        let name = try await claimedName(call)
        let check =
            if let name { try await services.clients.check(ClientClaim(name: name, apiSecret: secret)) } else {
                CredentialCheck.refused(nil)
            }
        switch check {
        case .accepted(let client):
            let standing = await gate.rates.take(client)
            try standing.requireAdmission()
            return answer(try await tokens.logIn(client), client, standing)
        case .refused(let client):
            // The same words whichever of the two is wrong.
            let error = EdgeError(.credentialsInvalid, "Invalid credentials")
            await gate.refusals.note(error, subject: Self.logIn.id, client: client)
            try gate.guesses.charge(call.context.remoteAddress)
            throw Self.failure(error)
        }
    }

    /// By the key; without one by the client's id, or as the only client that there is.
    ///
    /// `nil` when nobody is meant.
    private func claimedName(_ call: APICall) async throws -> ClientClaim.Name? {
        let publicID = call.body.text("client_id")
        if let key = call.body.text("api_key") {
            guard let publicID else { return .apiKey(key) }
            let owner = try await services.clients.client(apiKey: key)
            return owner?.publicID == publicID ? .apiKey(key) : nil
        }
        let candidates = try await services.clients.clients().filter { client in
            client.isActive && (publicID == nil || client.publicID == publicID)
        }
        guard candidates.count <= 1 else {
            throw Self.failure(
                EdgeError(.credentialsInvalid, "API key is required when multiple clients match the query."))
        }
        return candidates.first.map { .id($0.id) }
    }

    // MARK: Tokens

    private func refresh(_ call: APICall) async throws -> Response {
        let token = try call.body.requiredText("refresh")
        var standing: RateStanding?
        do throws(TokenDesk.Refusal) {
            let renewed = try await tokens.refresh(token) { client async throws(EdgeError) in
                standing = await gate.rates.take(client)
                try standing?.requireAdmission()
            }
            return answer(renewed.pair, renewed.client, standing)
        } catch {
            throw try await refused(error, call, Self.refreshing)
        }
    }

    private func verify(_ call: APICall) async throws -> Response {
        let token = try call.body.requiredText("token")
        do throws(TokenDesk.Refusal) {
            let (claims, caller) = try await tokens.verify(token)
            return .json([
                "active": true, "client_id": .text(caller.client?.publicID), "scope": .string(claims.scope.rawValue),
                "token_type": .string(claims.use.rawValue), "expires_at": .date(claims.expiresAt),
            ])
        } catch {
            throw try await refused(error, call, Self.verifying)
        }
    }

    private func revoke(_ call: APICall) async throws -> Response {
        let token = try call.body.requiredText("token")
        do throws(EdgeError) {
            try await tokens.revoke(token)
        } catch {
            throw try await refused(TokenDesk.Refusal(error: error), call, Self.revoking)
        }
        return .json(["revoked": true, "message": "The token and all tokens of the same log-in have ended."])
    }

    private func refused(
        _ refusal: TokenDesk.Refusal, _ call: APICall, _ operation: Operation
    ) async throws(EdgeError) -> EdgeError {
        try await gate.refuse(refusal, call.context.remoteAddress, subject: operation.id)
        return refusal.error
    }

    // MARK: Users

    /// What the reference calls a user's authentication: whether this tenant knows the user.
    private func user(_ call: APICall) async throws -> Response {
        let client = try call.client()
        guard try call.body.requiredText("client_id") == client.publicID else {
            let error = EdgeError(.credentialsInvalid, "Invalid client credentials")
            await gate.refusals.note(error, subject: Self.user.id, client: client.id)
            throw Self.failure(error)
        }
        let id = try call.body.requiredText("external_user_id")
        guard let person = try await services.people.person(externalID: id, of: client.id) else {
            throw Self.failure(EdgeError(.credentialsInvalid, "Client user not found"))
        }
        return .json([
            "success": true, "client_id": .string(client.publicID), "user_id": .string(person.externalID),
            "display_name": .string(person.displayName ?? person.externalID),
            "profile": try JSONValue.parse(Array(person.profileJSON.utf8)), "is_enrolled": .bool(person.isEnrolled),
            "face_auth_enabled": .bool(person.isActive),
            "metadata": try JSONValue.parse(Array(person.metadataJSON.utf8)),
            "last_recognition_at": .date(person.lastSeenAt),
        ])
    }

    // MARK: Answers

    /// Both sets of names: the guide's and the reference's.
    private func answer(_ pair: TokenDesk.Pair, _ client: ClientRecord, _ standing: RateStanding?) -> Response {
        var response = Response.json([
            "access": .string(pair.access.text), "refresh": .string(pair.refresh.text),
            "access_token": .string(pair.access.text), "refresh_token": .string(pair.refresh.text),
            "token_type": "JWT", "expires_at": .date(pair.access.expiresAt),
            "refresh_expires_at": .date(pair.refresh.expiresAt), "client_id": .string(client.publicID),
            "client_name": .string(client.name), "scope": .string(client.scope.rawValue),
            "tier": .string(client.tier.rawValue), "features": .object(ClientBody.features(client.features)),
            "rate_limits": .object(ClientBody.rateLimits(client.rateLimit)),
        ])
        for field in standing?.headers ?? [:] { response.headers[field.name] = field.value }
        return response
    }

    private static func failure(_ error: EdgeError) -> RequestFailure {
        RequestFailure(error: error, extra: ["non_field_errors": [.string(error.detail)]])
    }
}
