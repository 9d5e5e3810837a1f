import EdgeCore
import FoundationEssentials

/// The bodies that tell about a user.
enum UserBody {
    /// A user with everything that may be read; the members that may be written are among them.
    static func user(_ person: PersonRecord, _ origin: String) -> JSONObject {
        let profileImage = address(of: .profile, person, origin)
        let oldPhoto = address(of: .oldPhoto, person, origin)
        var user: JSONObject = [
            "id": .string(person.id.description), "client": .string(person.client.description),
            "external_user_id": .string(person.externalID), "user_id": .string(person.externalID),
            "external_user_uuid": .text(person.externalUUID?.uuidString.lowercased()),
            "display_name": .string(person.displayName ?? person.externalID),
            "profile": .stored(person.profileJSON), "metadata": .stored(person.metadataJSON),
            "is_enrolled": .bool(person.isEnrolled), "enrollment_completed_at": .date(person.enrolledAt),
            "face_auth_enabled": .bool(person.isActive), "last_recognition_at": .date(person.lastSeenAt),
            "created_at": .date(person.createdAt), "updated_at": .date(person.updatedAt),
            "profile_image_url": profileImage, "old_profile_photo_url": oldPhoto, "profile_image": profileImage,
            "old_profile_photo": oldPhoto,
            "consent": ConsentBody.value(person.consent),
            // Finer steps would show how to come nearer to the templates.
            "similarity_with_old_photo": .rounded(person.oldPhotoSimilarity, places: 2),
        ]
        if person.isDamaged { user.merge(["is_damaged": true]) }
        return user
    }

    /// A user as other resources name them.
    static func brief(_ person: PersonRecord, _ origin: String) -> JSONValue {
        [
            "id": .string(person.id.description), "external_user_id": .string(person.externalID),
            "display_name": .string(person.displayName ?? person.externalID),
            "is_enrolled": .bool(person.isEnrolled), "profile_image_url": address(of: .profile, person, origin),
        ]
    }

    /// Where a picture is served; by our id, since addresses end up in logs.
    static func address(of kind: PersonImageKind, _ person: PersonRecord, _ origin: String) -> JSONValue {
        let path = "\(origin)/api/clients/users/\(person.id)/"
        switch kind {
        case .profile: return person.hasProfileImage ? .string(path + "profile-image/") : .null
        case .oldPhoto: return person.hasOldPhoto ? .string(path + "old-photo/") : .null
        }
    }
}

extension JSONValue {
    /// An object that the store keeps as text.
    static func stored(_ text: String) -> JSONValue { .object(JSONObject.stored(text)) }
}
