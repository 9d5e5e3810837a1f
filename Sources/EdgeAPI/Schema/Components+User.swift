import EdgeCore

extension Components {
    static let userSchemas: [(key: String, value: Schema)] = [
        ("User", user), ("UserMessage", userMessage), ("UserBrief", userBrief), ("UserPreload", userPreload),
        ("UserEnrollments", userEnrollments), ("Enrollment", enrollment), ("CreatedEnrollment", createdEnrollment),
        ("LegacyEmbedding", legacyEmbedding), ("LegacySession", legacySession), ("LegacyAttempt", legacyAttempt),
    ]

    private static let user = Schema.object([
        .required("id", .uuid), .required("client", .uuid),
        .required("external_user_id", .anyText.note("The id in the client's own system.")),
        .required("user_id", .anyText.note("The same.")), .required("external_user_uuid", .uuid.orNull),
        .required("display_name", .anyText), .required("profile", .openObject), .required("metadata", .openObject),
        .required("is_enrolled", .boolean), .required("enrollment_completed_at", .dateTime.orNull),
        .required("face_auth_enabled", .boolean.note("Nobody is recognised where this is false.")),
        .required("last_recognition_at", .dateTime.orNull), .required("created_at", .dateTime),
        .required("updated_at", .dateTime), .required("profile_image_url", .anyText.orNull),
        .required("old_profile_photo_url", .anyText.orNull),
        .required("profile_image", .anyText.orNull.note("The same address as `profile_image_url`.")),
        .required("old_profile_photo", .anyText.orNull.note("The same address as `old_profile_photo_url`.")),
        .required("similarity_with_old_photo", .share.orNull.note("Cosine, two decimals; `preload` measures it.")),
        ConsentBody.told,
        .optional("is_damaged", .boolean.note("Only there, and true, for a record that cannot be read.")),
    ])

    private static let userMessage = Schema.object([
        .required("message", .anyText), .required("user", .component("User")),
    ])

    static let userBrief = Schema.object([
        .required("id", .uuid), .required("external_user_id", .anyText), .required("display_name", .anyText),
        .required("is_enrolled", .boolean), .required("profile_image_url", .anyText.orNull),
    ])

    private static let userPreload = Schema.object([
        .required("message", .anyText), .required("preload_started", .boolean), .required("user_id", .anyText),
        .required("similarity_with_old_photo", .share.orNull),
    ])

    private static let userEnrollments = Schema.object([
        .required("count", .count),
        .required(
            "enrollments",
            .list(
                .object([
                    .required("id", .uuid), .required("status", .choice(EnrollmentStatus.self)),
                    .required("quality_score", .share.orNull), .required("created_at", .dateTime),
                ]))),
    ])

    /// What is measured at every enrollment, also under its old name.
    private static let scores: [Schema.Property] = [
        .required("face_quality_score", .share.orNull.note("Mean unified quality of the samples.")),
        .required("liveness_score", .share.orNull.note("Mean passive score.")),
        .required("anti_spoofing_score", .share.orNull.note("The same: the passive nets are made against spoofs.")),
    ]

    private static let enrollmentMembers: [Schema.Property] =
        [
            .required("id", .uuid), .required("client", .uuid),
            .required("client_user", .uuid.orNull.note("`null` while nobody of the claimed id is known.")),
            .required("external_user_id", .anyText.orNull), .required("enrollment_session", .uuid),
            .required("status", .choice(EnrollmentStatus.self)),
            .required("embedding_vector", .anyText.orNull.note("Always `null`: templates never leave the device.")),
            .required("embedding_dimension", .count),
        ] + scores + [
            .required("face_landmarks", .anything.note("Always `null`: not kept.")),
            .required("face_bbox", .anything.note("Always `null`: not kept.")),
            .required("sample_number", .count.note("Which enrollment of the user it is.")),
            .required("total_samples", .count),
            .required("face_image_path", .anyText.orNull.note("Always `null`: pictures of enrollments are not kept.")),
            .required("metadata", .openObject), ConsentBody.told, .required("created_at", .dateTime),
            .required("updated_at", .dateTime),
            .required(
                "expires_at",
                .dateTime.orNull.note("While pending the session's end, afterwards until when the templates count.")),
            .required("completed_at", .dateTime.orNull),
        ]

    private static let enrollment = Schema.object(enrollmentMembers)

    private static let createdEnrollment = Schema.object(
        enrollmentMembers + [
            .required("session_token", .anyText.note("Names the session that makes the enrollment; a secret.")),
            .required("target_samples", .count), .required("message", .anyText), .required("websocket_url", .anyText),
        ])

    private static let legacyEmbedding = Schema.object(
        [
            .required("id", .uuid), .required("client_user_id", .uuid.orNull),
            .required("external_user_id", .anyText.orNull), .required("display_name", .anyText.orNull),
            .required("status", .choice(EnrollmentStatus.self)),
        ] + scores + [
            .required("sample_number", .count), .required("total_samples", .count),
            .required("face_image_path", .anyText.orNull), .required("metadata", .openObject),
            .required("created_at", .dateTime), .required("updated_at", .dateTime),
        ])

    private static let legacySession = Schema.object([
        .required("id", .uuid), .required("session_token", .anyText.orNull.note("Always `null`: a secret.")),
        .required("session_type", .choice(SessionKind.self)), .required("status", .choice(SessionState.self)),
        .required("client_user_id", .uuid.orNull), .required("external_user_id", .anyText.orNull),
        .required("client_user_display_name", .anyText.orNull),
        .required("client_user_profile_image", .anyText.orNull), .required("ip_address", .anyText.orNull),
        .required("user_agent", .anyText.orNull), .required("metadata", .openObject),
        .required("created_at", .dateTime), .required("completed_at", .dateTime.orNull),
        .required("expires_at", .dateTime),
    ])

    private static let legacyAttempt = Schema.object([
        .required("id", .uuid.note("That of the session.")),
        .required("session_token", .anyText.orNull.note("Always `null`: a secret.")),
        .required("result", .choice(LegacyBody.AttemptResult.self)),
        .required("similarity_score", Schema.number(-1...1).orNull.note("Only of a success.")),
        .required("confidence_score", .share.orNull.note("The same, 0 to 1.")),
        .required("face_quality_score", .share.orNull), .required("liveness_score", .share.orNull),
        .required("anti_spoofing_score", .share.orNull), .required("matched_user_id", .uuid.orNull),
        .required("matched_external_user_id", .anyText.orNull), .required("ip_address", .anyText.orNull),
        .required("user_agent", .anyText.orNull), .required("metadata", .openObject),
        .required("created_at", .dateTime),
    ])
}
