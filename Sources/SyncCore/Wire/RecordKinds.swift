/// The kinds of records that change what the fleet knows of a subject; all others are kept and change nothing.
public enum RecordKind {
    /// Lane `enrollment`: somebody was enrolled.
    ///
    /// ``SubjectFacts`` are among the members of the payload.
    /// A device tells this also of people from before it joined (`is_snapshot`), and when a name or whether somebody may
    /// be recognised was changed.
    public static let enrolled = "enrollment.completed"
    /// Lane `control`: somebody was erased at the device, with ``ErasedFacts``.
    ///
    /// One without a subject tells of somebody whom the fleet never knew.
    public static let erased = "person.erased"
    /// Lane `control`: what a device knows to be erased, said again since central may have lost it; ``ErasureFloor``.
    public static let knownErased = "erasure.known"
    /// Lane `control`: an erasure that central ordered has been carried out; ``ErasureFloor``.
    public static let proven = "erasure.proven"
    /// Lane `control`: a tenant's client was made or changed where it is kept; ``FleetClient``.
    public static let client = "client.changed"
    /// Lane `control`: a tenant's client was removed with everybody of it.
    public static let clientErased = "client.erased"
    /// Lane `control`: a tenant's webhook endpoint was made, changed or removed at the device.
    public static let endpoint = "webhook.endpoint"
}

/// What an enrollment's payload says to central beside the person.
public struct SubjectFacts: Sendable, Equatable, Codable {
    /// Whom.
    public var subject: SubjectKey
    /// Which enrollment.
    public var version: SubjectVersion

    /// Puts the facts together.
    public init(subject: SubjectKey, version: SubjectVersion) {
        self.subject = subject
        self.version = version
    }
}

/// What the record of an erasure says.
public struct ErasedFacts: Sendable, Equatable, Codable {
    /// Why, for example `request`.
    public var cause: String
    /// Whom.
    public var subject: SubjectKey
    /// The consent that the erasure ends: everything under it and before goes.
    public var consent: UInt64

    /// Puts the facts together.
    public init(cause: String, subject: SubjectKey, consent: UInt64) {
        self.cause = cause
        self.subject = subject
        self.consent = consent
    }
}

/// Everything of a subject under a consent below this is erased.
public struct ErasureFloor: Sendable, Equatable, Codable {
    /// Whom.
    public var subject: SubjectKey
    /// Below which consent.
    public var below: UInt64

    /// Puts the facts together.
    public init(subject: SubjectKey, below: UInt64) {
        self.subject = subject
        self.below = below
    }
}
