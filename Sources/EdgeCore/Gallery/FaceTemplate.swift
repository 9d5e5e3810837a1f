/// Which net made a template; templates of two models never compare.
public struct ModelVersion: Hashable, Sendable, Codable {
    /// The model's id in the manifest, for example `sface`.
    public let id: String
    /// The model's version in the manifest.
    public let version: String
    /// Names a model.
    public init(id: String, version: String) {
        self.id = id
        self.version = version
    }
}

/// The numbers that stand for a face: an L2-normalised vector, compared by cosine.
///
/// A template is biometric data: it is never logged, and it leaves memory only sealed.
public struct FaceTemplate: Sendable, Equatable {
    /// Which net made it.
    public let model: ModelVersion
    /// The vector, length 1.
    public let values: [Float]

    /// Wraps a normalised vector.
    public init(model: ModelVersion, values: [Float]) {
        self.model = model
        self.values = values
    }
}

extension FaceTemplate: CustomStringConvertible, CustomReflectable {
    /// A placeholder.
    public var description: String { "<template \(model.id)>" }
    /// An empty mirror.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// One enrolled person of one tenant with all samples, as the gallery is built from.
public struct GalleryRecord: Sendable {
    /// The tenant.
    public let client: ClientID
    /// The person.
    public let person: MatchedPerson
    /// The person's templates, one per accepted sample, at least one.
    public let templates: [FaceTemplate]
    /// Puts a record together.
    public init(client: ClientID, person: MatchedPerson, templates: [FaceTemplate]) {
        self.client = client
        self.person = person
        self.templates = templates
    }
}
