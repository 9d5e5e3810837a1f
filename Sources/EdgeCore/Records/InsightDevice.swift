/// What there is, of one tenant or of the whole device.
public struct StoreTotals: Sendable, Equatable {
    /// Clients that may authenticate.
    public var clients = 0
    /// People who are known.
    public var people = 0
    /// People with templates.
    public var enrolledPeople = 0
    /// Sessions that are open.
    public var openSessions = 0
    /// Enrollments that were completed.
    public var enrollments = 0
    /// Authentications that came to an end; see ``SessionFigures``.
    public var authentications = 0

    /// Nothing.
    public init() {}
}

/// How many sessions of a kind came to an end of a kind.
public struct SessionCount: Sendable, Equatable {
    /// Which kind.
    public let kind: SessionKind
    /// Which end.
    public let state: SessionState
    /// Why, where it failed and a cause is known.
    public let cause: FailureCause?
    /// How many.
    public let count: Int

    /// Puts a count together.
    public init(kind: SessionKind, state: SessionState, cause: FailureCause?, count: Int) {
        self.kind = kind
        self.state = state
        self.cause = cause
        self.count = count
    }
}

/// A rate that was measured for a model and ships with it.
public struct ModelMeasure: Sendable, Equatable {
    /// The manifest's id.
    public let model: String
    /// The manifest's version.
    public let version: String
    /// The share of impostor pairs at and above `cosine`, 0…1.
    public let falseMatchRate: Double
    /// The cosine that promises the rate.
    public let cosine: Double
    /// On what it was measured, in the manifest's own words.
    public let source: String?

    /// Puts a measure together.
    public init(model: String, version: String, falseMatchRate: Double, cosine: Double, source: String?) {
        self.model = model
        self.version = version
        self.falseMatchRate = falseMatchRate
        self.cosine = cosine
        self.source = source
    }
}

/// One key of the configuration as it is in force; never a secret.
public struct ConfigurationEntry: Sendable, Equatable {
    /// As in the configuration file, with dots: `sessions.ttl`.
    public let key: String
    /// The value as text.
    public let value: String
    /// What it does.
    public let about: String

    /// Puts an entry together.
    public init(key: String, value: String, about: String) {
        self.key = key
        self.value = value
        self.about = about
    }
}
