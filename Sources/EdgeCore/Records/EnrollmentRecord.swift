public import FoundationEssentials

/// Where an enrollment stands.
public enum EnrollmentStatus: String, Sendable, Codable, CaseIterable {
    /// Its session is open.
    case pending
    /// Its templates take part in recognition.
    case active
    /// Its templates are kept and do not take part.
    case inactive
    /// Its time ran out: the session's without a decision, or the one that the client set for the templates.
    case expired
    /// Its session came to a negative end.
    case failed
    /// Its session was ended without a decision.
    case cancelled
    /// Was in force; a later enrollment of the person took its place.
    case completed
}

/// One enrollment of one person; its templates are never part of it.
public struct EnrollmentRecord: Sendable, Equatable {
    /// Our id.
    public let id: EnrollmentID
    /// The tenant.
    public let client: ClientID
    /// The session that made it, or shall make it.
    public let session: SessionID
    /// The person; `nil` while nobody of the claimed id is known.
    public var person: MatchedPerson?
    /// The id under which the enrollment was opened.
    public var claimedID: String?
    /// Where it stands.
    public var status: EnrollmentStatus
    /// Mean unified quality of the samples, 0…1.
    public var quality: Double?
    /// Mean passive score, 0…1.
    public var liveness: Double?
    /// Which enrollment of this person it is, from 1.
    public var sampleNumber: Int
    /// Good frames that went in; wanted ones while it is open.
    public var totalSamples: Int
    /// The client's own facts, a JSON object as text.
    public var metadataJSON: String
    /// What the person agreed to, as told when it was opened.
    public var consent: ConsentRecord?
    /// When it was opened.
    public let createdAt: Date
    /// When something of it was last changed.
    public var updatedAt: Date
    /// While it is open when the session ends by itself; afterwards until when the templates may be used.
    public var expiresAt: Date?
    /// When it was completed.
    public var completedAt: Date?

    /// An enrollment that was just opened.
    public init(
        id: EnrollmentID, client: ClientID, session: SessionID, status: EnrollmentStatus = .pending,
        sampleNumber: Int = 1, totalSamples: Int, createdAt: Date
    ) {
        self.id = id
        self.client = client
        self.session = session
        self.status = status
        self.sampleNumber = sampleNumber
        self.totalSamples = totalSamples
        metadataJSON = "{}"
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// What shall be different about an enrollment; `nil` leaves a thing as it is.
public struct EnrollmentEdit: Sendable, Equatable {
    /// `active` or `inactive`; any other status only where it is the present one.
    public var status: EnrollmentStatus?
    /// The new facts, a JSON object as text.
    public var metadataJSON: String?
    /// Until when the templates may be used; inside `.some`, `nil` means for good.
    public var expiresAt: Date??

    /// Nothing yet.
    public init() {}
}

/// An enrollment after a change, and what the change means for recognition.
public struct EnrollmentChange: Sendable {
    /// The enrollment as it is now.
    public let enrollment: EnrollmentRecord
    /// What the gallery in memory must follow.
    public let effect: GalleryEffect

    /// Puts a change together.
    public init(enrollment: EnrollmentRecord, effect: GalleryEffect) {
        self.enrollment = enrollment
        self.effect = effect
    }
}
