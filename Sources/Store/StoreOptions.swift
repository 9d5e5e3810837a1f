public import EdgeCore

/// How a store is to be kept; every part has a default.
public struct StoreOptions: Sendable {
    /// When verification of a claimed user is locked.
    public var lockout = LockoutPolicy()
    /// How many events and deliveries are kept.
    public var webhooks = WebhookLimits()
    /// The most transactions that share one commit; 1 puts each on disk alone.
    public var groupCommit = 32

    /// After how long audit lines are removed; `nil` keeps them for ever.
    public var auditRetention: Duration?

    /// Exchanges the key-encryption key; without it erased people's keys stay as they are.
    public var rotation: (any KeyRotation)?
    /// How long after an erasure the key-encryption key is due for an exchange.
    ///
    /// Housekeeping looks once an hour, so that it is done within a day.
    public var rotateAfterErasure = Duration.seconds(23 * 3600)

    /// The defaults.
    public init() {}
}
