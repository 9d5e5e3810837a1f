public import FoundationEssentials

/// An API client as stored; the secrets themselves are never stored.
public struct ClientRecord: Sendable, Equatable {
    /// Our id, the tenant.
    public let id: ClientID
    /// The public name of the client in the API, `FR_` and 16 upper-case hexadecimal digits.
    public let publicID: String
    /// A name for people.
    public let name: String
    /// Whether it may authenticate.
    public let isActive: Bool
    /// When it was made.
    public let createdAt: Date

    /// Puts a record together.
    public init(id: ClientID, publicID: String, name: String, isActive: Bool, createdAt: Date) {
        self.id = id
        self.publicID = publicID
        self.name = name
        self.isActive = isActive
        self.createdAt = createdAt
    }
}

/// What `edged clients create` shows once and nobody can read again.
public struct ClientCredentials: Sendable {
    /// The client.
    public let client: ClientRecord
    /// `frapi_` and 43 url-safe characters.
    public let apiKey: Redacted<String>
    /// 86 url-safe characters.
    public let apiSecret: Redacted<String>

    /// Puts credentials together.
    public init(client: ClientRecord, apiKey: Redacted<String>, apiSecret: Redacted<String>) {
        self.client = client
        self.apiKey = apiKey
        self.apiSecret = apiSecret
    }
}

/// A person of one tenant.
public struct PersonRecord: Sendable, Equatable {
    /// Our id.
    public let id: PersonID
    /// The tenant.
    public let client: ClientID
    /// The id that the client's own system uses.
    public let externalID: String
    /// A name to show.
    public let displayName: String?
    /// How many templates are stored.
    public let templateCount: Int
    /// When the first enrollment was completed.
    public let enrolledAt: Date
    /// When the person was last recognised here.
    public let lastSeenAt: Date?

    /// Puts a record together.
    public init(
        id: PersonID, client: ClientID, externalID: String, displayName: String?, templateCount: Int, enrolledAt: Date,
        lastSeenAt: Date?
    ) {
        self.id = id
        self.client = client
        self.externalID = externalID
        self.displayName = displayName
        self.templateCount = templateCount
        self.enrolledAt = enrolledAt
        self.lastSeenAt = lastSeenAt
    }
}

/// One line of the audit trail.
public struct AuditRecord: Sendable, Equatable {
    /// What was done, for example `session.opened`, `authentication.succeeded`, `person.removed`.
    public let action: String
    /// The tenant, when there is one.
    public let client: ClientID?
    /// The session, when there is one.
    public let session: SessionID?
    /// The person by our id, when there is one; never a name.
    public let person: PersonID?
    /// Whether it succeeded.
    public let succeeded: Bool
    /// A reason or error code.
    public let reason: String?
    /// Further facts as canonical JSON text, without secrets, names or templates.
    public let detailsJSON: String
    /// When, by the wall clock.
    public let at: Date

    /// Puts a record together.
    public init(
        action: String, client: ClientID? = nil, session: SessionID? = nil, person: PersonID? = nil, succeeded: Bool,
        reason: String? = nil, detailsJSON: String = "{}", at: Date
    ) {
        self.action = action
        self.client = client
        self.session = session
        self.person = person
        self.succeeded = succeeded
        self.reason = reason
        self.detailsJSON = detailsJSON
        self.at = at
    }
}

/// How a session ended, with everything that must be on disk before anybody is told.
public struct SessionOutcome: Sendable {
    /// The session in its final state.
    public let session: SessionSnapshot
    /// The samples of a completed enrollment with their quality 0…1; empty otherwise.
    public let samples: [(template: FaceTemplate, quality: Double)]
    /// A name to show for the enrolled person.
    public let displayName: String?
    /// Whether a failed attempt counts towards the claimed user's lock-out, or a success clears it.
    public let lockout: LockoutChange

    /// What an outcome does to the claimed user's count of misses.
    public enum LockoutChange: Sendable, Equatable {
        /// Nothing.
        case none
        /// One miss more.
        case miss
        /// Back to zero.
        case clear
    }

    /// Puts an outcome together.
    public init(
        session: SessionSnapshot, samples: [(template: FaceTemplate, quality: Double)] = [],
        displayName: String? = nil, lockout: LockoutChange = .none
    ) {
        self.session = session
        self.samples = samples
        self.displayName = displayName
        self.lockout = lockout
    }
}
