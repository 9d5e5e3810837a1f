import EdgeCore
import HTTPTypes
import Hummingbird

/// What stands before every handler.
struct RequestGate: Sendable {
    let authenticator: Authenticator
    let origins: OriginRule
    let bodies: BodyDesk
    let rates: ClientRates
    /// Calls without credentials, by address.
    let strangers: BucketTable<String>
    /// Refused secrets.
    let guesses: FailureGuard
    /// Refused keys and tokens.
    let forgeries: FailureGuard
    let refusals: RefusalLedger
    let replays: IdempotencyDesk
    /// Where the calls of clients are noted.
    let recorder: UsageRecorder

    /// What the checks found out about a request.
    struct Pass: Sendable {
        let caller: Caller
        /// Headers that the answer gets.
        var headers: HTTPFields = [:]
    }

    /// Why a request stays outside, with what its answer needs.
    struct Refusal: Error {
        let error: EdgeError
        let pass: Pass
    }

    /// Lets a request in: credentials, the client's rate, scope, the page's origin, the client's features.
    ///
    /// Throws ``Refusal`` with `credentials.…`, `request.limited`, `request.origin`, `feature.disabled`.
    func admit(
        _ request: Request, _ context: EdgeRequestContext, to operation: Operation
    ) async throws(Refusal) -> Pass {
        var pass = Pass(caller: .nobody)
        do throws(EdgeError) {
            pass = Pass(caller: try await caller(of: request, context, for: operation))
            if let client = pass.caller.client {
                let standing = await rates.take(client)
                pass.headers = standing.headers
                try standing.requireAdmission()
                await authenticator.clients.noteActivity(of: client.id)
            } else if operation.tag != .authentication {
                try strangers.take(context.remoteAddress ?? "local", "Too many requests without credentials.")
            }
            if operation.access.isClosed, case .nobody = pass.caller { throw EdgeError(.credentialsMissing) }
            try Self.checkScope(pass.caller, operation)
            try await checkOrigin(request, pass.caller)
            try Self.checkFeature(pass.caller, operation)
            return pass
        } catch {
            if error.code.kind == .forbidden || error.code.kind == .limited { await note(error, pass, operation) }
            throw Refusal(error: error, pass: pass)
        }
    }

    /// Runs `handle` once for one `Idempotency-Key`; it gets the request's body where that was read already.
    func once(
        _ request: Request, _ pass: Pass, _ operation: Operation,
        _ handle: (_ bytes: [UInt8]?) async throws -> Handled
    ) async throws -> Response {
        guard operation.creates, let client = pass.caller.client,
            let key = try IdempotencyDesk.key(of: request, operation, client)
        else { return try await handle(nil).response() }
        var bytes: [UInt8] = []
        if let wanted = operation.body { bytes = try await bodies.bytes(of: request, as: wanted) }
        return try await replays.once(key, of: request, bytes) { [bytes] in try await handle(bytes) }
    }

    /// Adds what belongs on every answer of the operation.
    func finish(_ response: inout Response, _ request: Request, _ pass: Pass, _ operation: Operation) async {
        await origins.mark(&response, for: request, caller: pass.caller)
        for field in pass.headers { response.headers[field.name] = field.value }
        guard operation.isDeprecated else { return }
        // RFC 9745 and RFC 8594: since when it should not be used, and when it goes.
        response.headers[.deprecation] = "@1790812800"
        response.headers[.sunset] = "Fri, 01 Oct 2027 00:00:00 GMT"
    }

    /// Writes down that somebody asked for what they may not have.
    func note(_ error: EdgeError, _ pass: Pass, _ operation: Operation) async {
        await refusals.note(error, subject: operation.id, client: pass.caller.client?.id)
    }

    /// Counts a refused credential and writes it down.
    ///
    /// Throws `request.limited` when there were too many from there. What was once ours, and is only old or revoked, is no
    /// guess and is not counted.
    func refuse(_ refusal: TokenDesk.Refusal, _ address: String?, subject: String) async throws(EdgeError) {
        guard refusal.error.code.kind == .unauthorized else { return }
        if refusal.error.code == .credentialsInvalid, refusal.client == nil { try forgeries.charge(address) }
        await refusals.note(refusal.error, subject: subject, client: refusal.client)
    }

    private func caller(
        of request: Request, _ context: EdgeRequestContext, for operation: Operation
    ) async throws(EdgeError) -> Caller {
        if operation.access == .open { return .nobody }
        do throws(TokenDesk.Refusal) {
            return try await authenticator.examine(request)
        } catch {
            try await refuse(error, context.remoteAddress, subject: operation.id)
            throw error.error
        }
    }

    private static func checkScope(_ caller: Caller, _ operation: Operation) throws(EdgeError) {
        guard let scope = caller.scope else { return }
        guard operation.access.scopes.contains(scope) else { throw EdgeError(.credentialsForbidden) }
        // A technician reads, whatever an operation's scopes say.
        guard scope != .technician || operation.method == .get else { throw EdgeError(.credentialsForbidden) }
    }

    private func checkOrigin(_ request: Request, _ caller: Caller) async throws(EdgeError) {
        guard let origin = request.headers[.origin] else { return }
        guard await origins.allows(origin, request, caller: caller) else { throw EdgeError(.requestOrigin) }
    }

    private static func checkFeature(_ caller: Caller, _ operation: Operation) throws(EdgeError) {
        guard let feature = operation.feature, let features = caller.client?.features else { return }
        let isOn =
            switch feature {
            case .enrollment: features.enrollment
            case .recognition: features.recognition
            case .analytics: features.analytics
            }
        guard isOn else { throw EdgeError(.featureDisabled) }
    }
}

extension Access {
    /// Whether credentials are needed.
    var isClosed: Bool {
        switch self {
        case .open, .optional: false
        case .scopes: true
        }
    }
}
