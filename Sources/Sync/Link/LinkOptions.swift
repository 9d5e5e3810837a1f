public import SyncCore

/// How central is reached.
public struct LinkOptions: Sendable, Equatable {
    /// The proxy that leads to central; `nil` for none.
    public var proxy: LinkProxy?
    /// How long an answer may take, besides what a long poll asks central to wait.
    public var timeout = Duration.seconds(60)
    /// How long a connection may take to be there.
    public var connectTimeout = Duration.seconds(10)

    /// The defaults.
    public init() {}
}

/// What a device says of itself to central.
public struct MemberFacts: Sendable, Equatable {
    /// The model that the device matches with.
    public var model: ModelName
    /// What runs there, for example `0.4.0`.
    public var software: String

    /// Puts the facts together.
    public init(model: ModelName, software: String) {
        self.model = model
        self.software = software
    }
}
