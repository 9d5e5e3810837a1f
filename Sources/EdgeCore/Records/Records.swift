public import FoundationEssentials

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
    /// The samples of a completed enrollment; empty otherwise.
    public let samples: [EnrolledSample]
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
        session: SessionSnapshot, samples: [EnrolledSample] = [], displayName: String? = nil,
        lockout: LockoutChange = .none
    ) {
        self.session = session
        self.samples = samples
        self.displayName = displayName
        self.lockout = lockout
    }
}
