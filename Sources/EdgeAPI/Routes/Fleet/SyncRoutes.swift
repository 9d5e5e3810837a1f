import EdgeCore
import FoundationEssentials
import HTTPTypes
import Hummingbird
import ServiceLifecycle
import SyncCore

/// What members of the fleet ask of this central instance.
struct SyncRoutes: Sendable {
    let fleet: any FleetAdministration<EdgeError>
    let services: APIServices
    let gate: RequestGate
    let seats: PollSeats

    /// The longest wait of a pull, milliseconds; shorter than the server's patience with a silent connection.
    private static let longestWait = 60_000
    /// When a member is to come again that found no seat, milliseconds; spread, so that they do not come together.
    private static let comeAgain = 10_000...20_000
    /// More scopes than any device has.
    private static let mostScopes = 1000

    func add(to routes: inout RouteBuilder) {
        routes.add(Self.provisionOperation, provision)
        routes.add(Self.openOperation) { call in
            try await answer(call) { device, request in try await fleet.open(request, of: device) }
        }
        routes.add(Self.pushOperation) { call in
            try await answer(call) { device, request in try await fleet.push(request, of: device) }
        }
        routes.add(Self.pullOperation) { call in try await answer(call, pull) }
        routes.add(Self.certificateOperation, certificate)
        routes.add(Self.consentOperation) { call in
            try await answer(call) { device, request in try await fleet.consent(request, of: device) }
        }
    }

    private func answer<Message: Decodable, Reply: Encodable>(
        _ call: APICall, _ handle: (DeviceID, Message) async throws -> Reply
    ) async throws -> Response {
        let client = try call.client().id
        let shown = try await call.context.peerCertificate()
        do {
            let device = try await fleet.admit(client.rawValue, showing: shown)
            let message: Message = try SyncBody.decode(call.message)
            return try SyncBody.response(try await handle(device, message), to: call.request)
        } catch let refusal as SyncRefusal {
            await note(refusal, of: client, call)
            throw refusal
        }
    }

    /// Gives a certificate to who shows none, or one that is over: the token and the device's own key vouch for it.
    private func certificate(_ call: APICall) async throws -> Response {
        let client = try call.client().id
        do {
            guard let device = try await fleet.device(of: client.rawValue) else { throw SyncRefusal.deviceUnknown }
            let answer = try await fleet.certificate(try SyncBody.decode(call.message), of: device)
            let end = Date(timeIntervalSince1970: Double(answer.expiresAt) / 1_000_000)
            try await services.audit.append(
                AuditRecord(
                    action: "fleet.certificate.issued", client: client, succeeded: true,
                    detailsJSON: FleetRoutes.details(["device": .string("\(device)"), "expires_at": .date(end)]),
                    at: services.clock.wall))
            return try SyncBody.response(answer, to: call.request)
        } catch let refusal as SyncRefusal {
            await note(refusal, of: client, call)
            throw refusal
        }
    }

    /// Who is outside, or shows what it should not, stands in the audit trail.
    private func note(_ refusal: SyncRefusal, of client: ClientID, _ call: APICall) async {
        let code: ErrorCode
        switch refusal {
        case .certificateNeeded: code = .certificateNeeded
        case .certificateRefused: code = .certificateRefused
        case .revoked: code = .deviceRevoked
        case .quarantined: code = .deviceQuarantined
        case .tokenInvalid, .deviceUnknown, .epochNeeded, .epochEnded, .gap, .fork, .malformed, .busy, .unreachable:
            return
        }
        let path = call.request.uri.path.split(separator: "/").last.map(String.init) ?? ""
        await gate.refusals.note(EdgeError(code), subject: "sync_\(path)_create", client: client)
    }

    private func pull(_ device: DeviceID, _ asked: PullRequest) async throws -> PullAnswer {
        guard (0...Self.longestWait).contains(asked.waitMilliseconds), asked.cursors.count <= Self.mostScopes,
            asked.mistrusted.count <= Self.mostScopes
        else { throw SyncRefusal.malformed("The wait is too long, or there are too many scopes.") }
        var request = asked
        let seat = asked.waitMilliseconds > 0 ? seats.take(device) : nil
        defer { withExtendedLifetime(seat) {} }
        if seat == nil { request.waitMilliseconds = 0 }
        // A daemon that stops does not keep its members waiting: they are told to come again.
        var answer = try await cancelWhenGracefulShutdown { [request] in try await fleet.pull(request, of: device) }
        if seat == nil, asked.waitMilliseconds > 0, answer.isEmpty {
            answer.retryMilliseconds = .random(in: Self.comeAgain)
        }
        return answer
    }
}

extension SyncRoutes {
    private func provision(_ call: APICall) async throws -> Response {
        let request: ProvisionRequest = try SyncBody.decode(call.message)
        let grant: FleetGrant
        do throws(SyncRefusal) {
            grant = try await fleet.provision(request)
        } catch {
            if error == .tokenInvalid {
                try gate.guesses.charge(call.context.remoteAddress)
                await gate.refusals.note(EdgeError(.credentialsInvalid), subject: Self.provisionOperation.id)
            }
            throw error
        }
        let secrets = try await credentials(of: grant)
        try await fleet.bind(grant.device, client: secrets.client.rawValue)
        try await services.audit.append(
            AuditRecord(
                action: "fleet.device.joined", client: secrets.client, succeeded: true,
                detailsJSON: FleetRoutes.details(["device": .string("\(grant.device)")]), at: services.clock.wall))
        let answer = ProvisionAnswer(
            apiKey: secrets.key.reveal(), apiSecret: secrets.secret.reveal(), pseudonymKey: grant.pseudonymKey,
            centralKey: grant.centralKey, incarnation: grant.incarnation, name: grant.name)
        return try SyncBody.response(answer, to: call.request)
    }

    private typealias Credentials = (client: ClientID, key: Redacted<String>, secret: Redacted<String>)

    /// Credentials of the device's own: a client of the scope `device`, made the first time, its secrets anew after that.
    private func credentials(of grant: FleetGrant) async throws(EdgeError) -> Credentials {
        let name = "device \(grant.device)"
        if let client = try await services.clients.clients().first(where: { client in
            // By its name too: the daemon may have stopped between making the client and binding it.
            client.scope == .device && (client.id.rawValue == grant.client || client.name == name)
        }) {
            let made = try await services.clients.resetSecrets([.apiKey, .apiSecret], of: client.id)
            guard let key = made[.apiKey], let secret = made[.apiSecret] else { throw EdgeError(.internalFault) }
            return (client.id, key, secret)
        }
        var draft = ClientDraft(name: name)
        draft.scope = .device
        draft.tier = .basic
        draft.profile.about = grant.name
        let made = try await services.clients.createClient(draft)
        return (made.client.id, made.apiKey, made.apiSecret)
    }
}
