import EdgeCore

/// The bodies that tell about an enrollment.
enum EnrollmentBody {
    /// Numbers of one template of the embedding net.
    static let dimension: Int64 = 128

    /// An enrollment as a resource; never a template, nor where the face was.
    static func enrollment(_ record: EnrollmentRecord) -> JSONObject {
        var body: JSONObject = [
            "id": .string(record.id.description), "client": .string(record.client.description),
            "client_user": .text(record.person?.id.description),
            "external_user_id": .text(record.person?.externalID ?? record.claimedID),
            "enrollment_session": .string(record.session.description), "status": .string(record.status.rawValue),
            "embedding_vector": .null, "embedding_dimension": .integer(dimension),
        ]
        body.merge(scores(record))
        body.merge([
            "face_landmarks": .null, "face_bbox": .null, "sample_number": .integer(Int64(record.sampleNumber)),
            "total_samples": .integer(Int64(record.totalSamples)), "face_image_path": .null,
            "metadata": .stored(record.metadataJSON), "consent": ConsentBody.value(record.consent),
            "created_at": .date(record.createdAt), "updated_at": .date(record.updatedAt),
            "expires_at": .date(record.expiresAt),
            "completed_at": .date(record.completedAt),
        ])
        return body
    }

    /// An enrollment in the list of its user.
    static func brief(_ record: EnrollmentRecord) -> JSONValue {
        [
            "id": .string(record.id.description), "status": .string(record.status.rawValue),
            "quality_score": .rounded(record.quality, places: 4), "created_at": .date(record.createdAt),
        ]
    }

    /// An enrollment as the legacy API calls it.
    static func embedding(_ record: EnrollmentRecord) -> JSONObject {
        let externalID = record.person?.externalID ?? record.claimedID
        var body: JSONObject = [
            "id": .string(record.id.description), "client_user_id": .text(record.person?.id.description),
            "external_user_id": .text(externalID), "display_name": .text(record.person?.displayName ?? externalID),
            "status": .string(record.status.rawValue),
        ]
        body.merge(scores(record))
        body.merge([
            "sample_number": .integer(Int64(record.sampleNumber)),
            "total_samples": .integer(Int64(record.totalSamples)), "face_image_path": .null,
            "metadata": .stored(record.metadataJSON), "created_at": .date(record.createdAt),
            "updated_at": .date(record.updatedAt),
        ])
        return body
    }

    private static func scores(_ record: EnrollmentRecord) -> JSONObject {
        [
            "face_quality_score": .rounded(record.quality, places: 4),
            "liveness_score": .rounded(record.liveness, places: 4),
            "anti_spoofing_score": .rounded(record.liveness, places: 4),
        ]
    }
}
