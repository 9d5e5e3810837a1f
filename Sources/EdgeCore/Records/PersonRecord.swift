public import FoundationEssentials

/// A person of one tenant, enrolled or not: the API's user.
public struct PersonRecord: Sendable, Equatable {
    /// Our id.
    public var id: PersonID
    /// The tenant.
    public var client: ClientID
    /// The id that the client's own system uses, 1 to 100 characters; empty where ``isDamaged`` and nobody said it.
    public var externalID: String
    /// Whether the sealed record does not open, or the consent beside it.
    ///
    /// Nobody knows any more what was in it; without the record the person is not recognised. They can be erased, and an
    /// enrollment under the same id renews them.
    public var isDamaged = false
    /// A second id of the client's system.
    public var externalUUID: UUID?
    /// A name to show: from the profile, or as given at enrollment.
    public var displayName: String?
    /// What the client knows about the person, a JSON object as text.
    public var profileJSON: String
    /// The client's own facts, a JSON object as text.
    public var metadataJSON: String
    /// What the person agreed to before the enrollment that the templates come from.
    public var consent: ConsentRecord?
    /// Whether the person may be recognised.
    public var isActive: Bool
    /// How many templates are stored.
    public var templateCount: Int
    /// Counts up with every change of the templates.
    public var templateGeneration = 1
    /// Whether there are templates, and the enrollment that they come from is in force.
    public var isEnrolled: Bool
    /// When the enrollment that the templates come from was completed; `nil` without templates.
    public var enrolledAt: Date?
    /// When the person was last recognised here.
    public var lastSeenAt: Date?
    /// Whether a picture of the person is stored.
    public var hasProfileImage: Bool
    /// Whether an older picture is stored.
    public var hasOldPhoto: Bool
    /// How like the older picture is to the templates, cosine 0…1; `nil` while nobody compared them.
    public var oldPhotoSimilarity: Double?
    /// When the person was made known.
    public var createdAt: Date
    /// When something of it was last changed.
    public var updatedAt: Date

    /// A person without pictures.
    public init(
        id: PersonID, client: ClientID, externalID: String, displayName: String? = nil, templateCount: Int = 0,
        enrolledAt: Date? = nil, lastSeenAt: Date? = nil, isActive: Bool = true, createdAt: Date
    ) {
        self.id = id
        self.client = client
        self.externalID = externalID
        self.displayName = displayName
        profileJSON = "{}"
        metadataJSON = "{}"
        self.isActive = isActive
        self.templateCount = templateCount
        isEnrolled = templateCount > 0
        self.enrolledAt = enrolledAt
        self.lastSeenAt = lastSeenAt
        hasProfileImage = false
        hasOldPhoto = false
        self.createdAt = createdAt
        updatedAt = createdAt
    }
}

/// Which picture of a person.
public enum PersonImageKind: String, Sendable, Codable, CaseIterable {
    /// How the person is shown.
    case profile
    /// An older picture, to compare with who enrolled.
    case oldPhoto = "old_photo"
}

/// A picture of a person, whose header was looked at.
public struct PersonImage: Sendable, Equatable {
    /// `image/jpeg`, `image/png` or `image/webp`.
    public let mediaType: String
    /// The file as it was sent.
    public let bytes: [UInt8]

    /// Names what a picture is.
    public init(mediaType: String, bytes: [UInt8]) {
        self.mediaType = mediaType
        self.bytes = bytes
    }
}

/// A person to be made known.
public struct PersonDraft: Sendable {
    /// The id that the client's own system uses, 1 to 100 characters.
    public var externalID: String
    /// A second id of the client's system.
    public var externalUUID: UUID?
    /// What the client knows about the person, a JSON object as text.
    public var profileJSON = "{}"
    /// The client's own facts, a JSON object as text.
    public var metadataJSON = "{}"
    /// Whether the person may be recognised.
    public var isActive = true
    /// Pictures.
    public var images: [PersonImageKind: PersonImage] = [:]

    /// Somebody of whom only the id is known.
    public init(externalID: String) { self.externalID = externalID }
}

/// What shall be different about a person; `nil` leaves a thing as it is.
public struct PersonEdit: Sendable {
    /// The new id.
    public var externalID: String?
    /// The new second id; inside `.some`, `nil` takes it away.
    public var externalUUID: UUID??
    /// The new profile, a JSON object as text.
    public var profileJSON: String?
    /// The new facts, a JSON object as text.
    public var metadataJSON: String?
    /// Whether the person may be recognised.
    public var isActive: Bool?
    /// What happens to the pictures.
    public var images: [PersonImageKind: ImageChange] = [:]

    /// What happens to one picture.
    public enum ImageChange: Sendable {
        /// It takes the place of what was there.
        case put(PersonImage)
        /// It is taken away.
        case remove

        /// Whether something is taken away and nothing put in its place.
        public var isRemoval: Bool { if case .remove = self { true } else { false } }
    }

    /// Nothing yet.
    public init() {}
}

/// A person after a change, and what the change means for recognition.
public struct PersonChange: Sendable {
    /// The person as they are now.
    public let person: PersonRecord
    /// What the gallery in memory must follow.
    public let effect: GalleryEffect

    /// Puts a change together.
    public init(person: PersonRecord, effect: GalleryEffect) {
        self.person = person
        self.effect = effect
    }
}
