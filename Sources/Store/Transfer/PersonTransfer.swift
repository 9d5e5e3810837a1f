public import EdgeCore
import FoundationEssentials

/// A person as an export has them: what the client knows, what recognition needs, when what was done.
///
/// One line of JSON each. Times are microseconds since 1970, as in the store, so that an import can tell what is newer.
public struct PersonTransfer: Codable, Sendable, Equatable {
    var externalID: String
    var displayName: String?
    var externalUUID: UUID?
    var profile: String
    var metadata: String
    var isActive: Bool
    var createdAt: Int64
    var updatedAt: Int64
    var enrolledAt: Int64?
    var lastSeenAt: Int64?
    var templates: [Template]
    /// Only where the device keeps them.
    var crops: [Crop]?

    /// One template.
    struct Template: Codable, Sendable, Equatable {
        var modelID: String
        var modelVersion: String
        /// Which sample of the enrollment it was made of; exports from before there were several models do not say.
        var sample: Int?
        var quality: Double
        /// Little-endian IEEE 754 singles.
        var vector: Data
        var createdAt: Int64

        var model: ModelVersion { ModelVersion(id: modelID, version: modelVersion) }

        enum CodingKeys: String, CodingKey {
            case modelID = "model_id"
            case modelVersion = "model_version"
            case sample
            case quality
            case vector
            case createdAt = "created_at"
        }
    }

    /// One aligned face that templates were made of.
    struct Crop: Codable, Sendable, Equatable {
        var sample: Int
        var quality: Double
        /// Red, green and blue of each pixel, row by row.
        var face: Data
        var createdAt: Int64

        enum CodingKeys: String, CodingKey {
            case sample
            case quality
            case face
            case createdAt = "created_at"
        }
    }

    enum CodingKeys: String, CodingKey {
        case externalID = "external_id"
        case displayName = "display_name"
        case externalUUID = "external_uuid"
        case profile
        case metadata
        case isActive = "is_active"
        case createdAt = "created_at"
        case updatedAt = "updated_at"
        case enrolledAt = "enrolled_at"
        case lastSeenAt = "last_seen_at"
        case templates
        case crops
    }

    /// The models of the templates.
    public var models: Set<ModelVersion> { Set(templates.map(\.model)) }
    /// How many templates there are.
    public var templateCount: Int { templates.count }
    /// How many aligned faces there are.
    public var cropCount: Int { crops?.count ?? 0 }

    /// The person as one line of JSON, without its end.
    public func line() throws(EdgeError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(self)) } catch {
            throw EdgeError(.internalFault, "A person cannot be written as JSON.")
        }
    }

    /// Reads what ``line()`` wrote.
    ///
    /// Throws `request.malformed` for anything else, also for numbers that are no template and texts that are no JSON.
    public init(line: [UInt8]) throws(EdgeError) {
        let person: PersonTransfer
        do { person = try JSONDecoder().decode(PersonTransfer.self, from: Data(line)) } catch {
            throw EdgeError(.requestMalformed, "A line of the export is no person.")
        }
        guard person.isSound else { throw EdgeError(.requestMalformed, "A person of the export is not sound.") }
        self = person
    }

    private var isSound: Bool {
        guard !externalID.isEmpty, externalID.utf8.count <= 1024 else { return false }
        let texts = [profile, metadata].allSatisfy {
            (try? JSONDecoder().decode([String: Anything].self, from: Data($0.utf8))) != nil
        }
        let faces = crops ?? []
        return texts && templates.count <= 1000 && templates.allSatisfy(\.isSound)
            && Set(numberedTemplates.map { Place(model: $0.template.model, sample: $0.number) }).count
                == templates.count
            && faces.count <= 1000 && faces.allSatisfy(\.isSound) && Set(faces.map(\.sample)).count == faces.count
    }

    private struct Place: Hashable {
        let model: ModelVersion
        let sample: Int
    }

    /// The templates with their samples; where they do not say, in their order.
    var numberedTemplates: [(number: Int, template: Template)] {
        zip(1..., templates).map { ($1.sample ?? $0, $1) }
    }

    /// A value of any kind; only that it can be read counts.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    init(
        _ personal: PersonalData, _ profile: PersonProfile, isActive: Bool, createdAt: Int64, updatedAt: Int64,
        enrolledAt: Int64?, lastSeenAt: Int64?, templates: [Template], crops: [Crop]
    ) {
        externalID = personal.externalID
        displayName = personal.displayName
        externalUUID = profile.externalUUID
        self.profile = profile.profileJSON
        metadata = profile.metadataJSON
        self.isActive = isActive
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.enrolledAt = enrolledAt
        self.lastSeenAt = lastSeenAt
        self.templates = templates
        self.crops = crops.isEmpty ? nil : crops
    }
}

extension PersonTransfer.Template {
    fileprivate var isSound: Bool {
        guard let values = try? VectorForm.values(Array(vector)), quality.isFinite else { return false }
        return !modelID.isEmpty && !modelVersion.isEmpty && sample ?? 1 > 0 && values.allSatisfy(\.isFinite)
    }

    /// How many numbers it has.
    var dimension: Int { vector.count / 4 }
}

extension PersonTransfer.Crop {
    fileprivate var isSound: Bool { sample > 0 && quality.isFinite && face.count == FaceCrop.byteCount }
}

/// What an import did.
public struct ImportCounts: Sendable, Equatable {
    /// People who were not known before.
    public var added = 0
    /// People who were known, and of whom the export knew more recent things.
    public var updated = 0
    /// People of whom it knew nothing newer.
    public var unchanged = 0
    /// Templates that were written.
    public var templates = 0

    /// Nothing yet.
    public init() {}
}
