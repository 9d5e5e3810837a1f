import EdgeCore

/// What names a person to the client's own system; on disk only sealed under the person's key.
struct PersonalData {
    let externalID: String
    let displayName: String?

    var bytes: [UInt8] {
        var writer = ByteWriter(version: 1)
        writer.append(externalID)
        writer.append(displayName)
        return writer.bytes
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

    static func session(_ id: SessionID, of client: ClientID) -> SealContext {
        SealContext(kind: "session", client: client, row: id.place, version: 1)
    }

    /// Bound to the model too: a template of one model must not pass for one of another.
    static func template(_ id: TemplateID, model: ModelVersion, of client: ClientID) -> SealContext {
        SealContext(kind: "template \(model.id) \(model.version)", client: client, row: id.place, version: 1)
    }
}
