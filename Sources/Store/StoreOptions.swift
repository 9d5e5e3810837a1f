public import EdgeCore

/// How a store is to be kept; every part has a default.
public struct StoreOptions: Sendable {
    /// When verification of a claimed user is locked.
    public var lockout = LockoutPolicy()
    /// How many events and deliveries are kept.
    public var webhooks = WebhookLimits()
    /// How long what is about people is kept.
    public var retention = RetentionPolicy()
    /// Whether a time server sets the wall clock.
    public var isClockSynchronized: @Sendable () -> Bool = { KernelClock.isSynchronized }
    /// The most transactions that share one commit; 1 puts each on disk alone.
    public var groupCommit = 32

    /// How much may wait for central.
    public var outbox = OutboxLimits()
    /// How much may wait once the device belongs to a fleet, where ``outbox`` knows of no central.
    public var memberOutbox = OutboxLimits(hasCentral: true)
    /// After how long audit lines are removed; `nil` keeps them for ever.
    public var auditRetention: Duration?

    /// Whether the aligned faces that templates are made of are kept; those that are there go when they are not.
    public var keepsCrops = false

    /// Exchanges the key-encryption key; without it erased people's keys stay as they are.
    public var rotation: (any KeyRotation)?
    /// How long after an erasure the key-encryption key is due for an exchange.
    ///
    /// Housekeeping looks once an hour, so that it is done within a day.
    public var rotateAfterErasure = Duration.seconds(23 * 3600)

    /// Whether there was a store under these keys already, so that one that is not there is a lost one.
    public var isExpected = false
    /// Whether a damaged file is mended when the store is opened; else opening it throws `store.corrupt`.
    public var recovers = true
    /// How much of the disk is kept for what must not fail; 0 for nothing.
    public var reserveBytes: Int64 = 16 << 20
    /// How many bytes are free where a directory lies; `nil` when that is not known.
    public var freeBytes: @Sendable (_ directory: String) -> Int64? = { DiskRoom.free($0) }
    /// The shortest and the longest pause between attempts to open a file again that could not be read or written.
    public var reopening = Duration.milliseconds(200)...Duration.seconds(30)
    /// Where the anchor is kept; `audit.anchor` in the store's directory without one.
    public var anchor: (any AnchorFile)?

    /// The defaults.
    public init() {}
}
