import EdgeCore
import FoundationEssentials

/// A person as central tells of them: what the payload of a completed enrollment says.
struct FleetPerson: Decodable {
    let externalID: String
    let displayName: String?
    let isActive: Bool
    /// Microseconds since 1970.
    let enrolledAt: Int64?
    let templates: [Template]

    /// One template.
    struct Template: Decodable {
        let modelID: String
        let modelVersion: String
        let sample: Int?
        let quality: Double
        /// Little-endian IEEE 754 singles.
        let vector: Data

        var model: ModelVersion { ModelVersion(id: modelID, version: modelVersion) }

        enum CodingKeys: String, CodingKey {
            case modelID = "model"
            case modelVersion = "version"
            case sample, quality, vector
        }

        /// Whether it is numbers of a face, and as many as its model makes where that is known here.
        func isSound(_ models: [ModelVersion: Int]?) -> Bool {
            guard let values = try? VectorForm.values(Array(vector)), !values.isEmpty, values.allSatisfy(\.isFinite),
                quality.isFinite, !modelID.isEmpty, !modelVersion.isEmpty
            else { return false }
            guard let models else { return true }
            return models[model] == values.count
        }
    }

    enum CodingKeys: String, CodingKey {
        case externalID = "user_id"
        case displayName = "display_name"
        case isActive = "is_active"
        case enrolledAt = "enrolled_at"
        case templates
    }

    /// Reads a payload; `nil` for one that is no person.
    init?(payload: String) {
        guard let person = try? JSONDecoder().decode(FleetPerson.self, from: Data(payload.utf8)),
            !person.externalID.isEmpty, person.externalID.utf8.count <= 1024, person.templates.count <= 1000
        else { return nil }
        self = person
    }
}
