import EdgeCore
import FoundationEssentials
import GRDB

/// What names a person to the client's own system; on disk only sealed under the person's key.
struct PersonalData: Equatable {
    let externalID: String
    let displayName: String?

    var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(externalID)
        writer.append(displayName)
        return writer.bytes
    }

    /// By bytes: two spellings are two ids.
    static func == (left: PersonalData, right: PersonalData) -> Bool {
        left.externalID.utf8.elementsEqual(right.externalID.utf8)
            && Array((left.displayName ?? "").utf8) == Array((right.displayName ?? "").utf8)
    }

    init(externalID: String, displayName: String?) {
        self.externalID = externalID
        self.displayName = displayName
    }

    init(_ bytes: [UInt8]) throws {
        var reader = try ByteReader(bytes, version: 1)
        externalID = try reader.text() ?? ""
        displayName = try reader.text()
    }
}

/// What the client's own system knows about a person; on disk only sealed under the person's key.
struct PersonProfile {
    var profileJSON = "{}"
    var metadataJSON = "{}"
    var externalUUID: UUID?

    var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(profileJSON)
        writer.append(metadataJSON)
        writer.append(externalUUID?.uuidString)
        return writer.bytes
    }

    init(profileJSON: String, metadataJSON: String, externalUUID: UUID?) {
        self.profileJSON = profileJSON
        self.metadataJSON = metadataJSON
        self.externalUUID = externalUUID
    }

    init(_ bytes: [UInt8]) throws {
        var reader = try ByteReader(bytes, version: 1)
        profileJSON = try reader.text() ?? "{}"
        metadataJSON = try reader.text() ?? "{}"
        externalUUID = try reader.text().flatMap { UUID(uuidString: $0) }
    }

    /// Of people whom only an enrollment made known there is none.
    init(_ row: Row, of owner: PersonOwner, _ sealer: any Sealer) throws {
        guard let sealed = row["profile"] as Data? else {
            self.init(profileJSON: "{}", metadataJSON: "{}", externalUUID: nil)
            return
        }
        try self.init(
            sealer.open(
                Array(sealed), subjectKey: owner.subjectKey,
                context: SealPlace.profile(of: owner.id, client: owner.client)))
    }

    /// The name that the profile gives: `display_name`, else `full_name`, else `name`; at most 100 characters.
    var name: String? {
        let names = try? JSONDecoder().decode(Names.self, from: Data(profileJSON.utf8))
        return names?.first.map { String(String.UnicodeScalarView($0.unicodeScalars.prefix(100))) }
    }

    /// A member of another kind is no name, and no fault either.
    private struct Names: Decodable {
        let first: String?

        private enum CodingKeys: String, CodingKey {
            case displayName = "display_name"
            case fullName = "full_name"
            case name
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            first = [CodingKeys.displayName, .fullName, .name].lazy
                .compactMap { try? container.decode(String.self, forKey: $0) }
                .first { !$0.allSatisfy(\.isWhitespace) }
        }
    }
}

/// What of a session may name a person; on disk only sealed under a key of the session's own.
struct SessionPersonalData {
    let externalUserID: String?
    let metadataJSON: String

    var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(externalUserID)
        writer.append(metadataJSON)
        return writer.bytes
    }

    init(_ session: SessionSnapshot) {
        externalUserID = session.externalUserID
        metadataJSON = session.metadataJSON
    }

    init(_ bytes: [UInt8]) throws {
        var reader = try ByteReader(bytes, version: 1)
        externalUserID = try reader.text()
        metadataJSON = try reader.text() ?? "{}"
    }
}

/// Where the store's records are sealed to.
enum SealPlace {
    static func person(_ id: PersonID, of client: ClientID) -> SealContext {
        SealContext(kind: "person", client: client, row: id.place, version: 1)
    }

    static func profile(of id: PersonID, client: ClientID) -> SealContext {
        SealContext(kind: "person profile", client: client, row: id.place, version: 1)
    }

    /// Bound to the media type too, which stands beside it: a picture is served as what it was sent as.
    static func image(_ kind: PersonImageKind, mediaType: String, of id: PersonID, client: ClientID) -> SealContext {
        SealContext(kind: "person image \(kind.rawValue) \(mediaType)", client: client, row: id.place, version: 1)
    }

    static func enrollment(_ id: EnrollmentID, of client: ClientID) -> SealContext {
        SealContext(kind: "enrollment", client: client, row: id.place, version: 1)
    }

    static func session(_ id: SessionID, of client: ClientID) -> SealContext {
        SealContext(kind: "session", client: client, row: id.place, version: 1)
    }

    /// Bound to the model too: a template of one model must not pass for one of another.
    static func template(_ id: TemplateID, model: ModelVersion, of client: ClientID) -> SealContext {
        SealContext(kind: "template \(model.id) \(model.version)", client: client, row: id.place, version: 1)
    }

    static func crop(_ id: CropID, of client: ClientID) -> SealContext {
        SealContext(kind: "crop", client: client, row: id.place, version: 1)
    }
}
