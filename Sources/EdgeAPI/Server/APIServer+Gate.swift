import EdgeCore

extension APIServer {
    /// Everything that stands before the routes.
    func gate(_ issuer: TokenIssuer) -> RequestGate {
        let clock = services.clock
        let tokens = TokenDesk(
            issuer: issuer, families: services.tokens, clients: services.clients, clock: clock,
            accessLifetime: configuration.accessTokenLifetime, refreshLifetime: configuration.refreshTokenLifetime)
        let perMinute = Double(configuration.anonymousPerMinute)
        return RequestGate(
            authenticator: Authenticator(clients: services.clients, tokens: tokens),
            origins: OriginRule(clients: services.clients, allowed: configuration.allowedOrigins),
            bodies: BodyDesk(
                small: BodyReader(maximumBytes: 64 * 1024, timeout: configuration.bodyTimeout),
                pictures: BodyReader(
                    maximumBytes: configuration.maximumBodyBytes, timeout: configuration.bodyTimeout),
                messages: BodyReader(maximumBytes: BodyDesk.messageLimit, timeout: configuration.bodyTimeout)),
            rates: ClientRates(clock: clock) { [usage = services.insight.usage] client, since in
                // Who cannot be counted begins anew: a store that fails has refused the call before.
                (try? await usage.callCount(of: client, in: TimeSpan(from: since)).calls) ?? 0
            },
            strangers: BucketTable(capacity: perMinute, perSecond: perMinute / 60, clock: clock),
            guesses: FailureGuard(clock: clock), forgeries: FailureGuard(AttemptLimiter.calls, clock: clock),
            refusals: RefusalLedger(audit: services.audit, security: services.insight.security, clock: clock),
            replays: IdempotencyDesk(repository: services.replays, secrets: services.secrets),
            recorder: services.insight.recorder)
    }
}
